/**
 * What is asked of the library for RabbitMQ, and what happens when it fails. A stand-in answers for the library, which
 * is an optional package; a real broker takes part in test/services/rabbitmq.test.ts.
 */
import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import {
  AmqpBus,
  type AmqpLibrary,
  type AmqpOptions,
} from '../../../../src/common/notifications/drivers/amqp.js';

const OPTIONS: AmqpOptions = {
  hosts: [
    { host: 'one', port: 1, user: 'u', password: 'p' },
    { host: 'two', port: 2, user: 'u', password: 'p' },
  ],
  virtualHost: '/v',
  exchange: 'keystone',
  durable: true,
  autoDelete: false,
  heartbeat: 60,
  tls: null,
};

/** Writes down what it is asked; `broken` hosts refuse connections. */
class StandIn implements AmqpLibrary {
  readonly asked: string[] = [];
  readonly broken = new Set<string>();
  last = new EventEmitter();
  /** Whether published messages are confirmed. */
  confirms = true;

  async connect(url: object): ReturnType<AmqpLibrary['connect']> {
    const { hostname, vhost, protocol } = url as Record<string, string>;
    this.asked.push(`connect ${protocol} ${hostname} ${vhost}`);
    if (this.broken.has(hostname ?? '')) throw new Error(`${hostname} is away`);
    const note = (text: string) => async (): Promise<void> => void this.asked.push(text);
    const channel = Object.assign(new EventEmitter(), {
      assertExchange: (name: string, type: string, options: object) =>
        note(`exchange ${name} ${type} ${JSON.stringify(options)}`)(),
      assertQueue: (name: string) => note(`queue ${name}`)(),
      bindQueue: (queue: string, exchange: string, key: string) => note(`bind ${queue} ${exchange} ${key}`)(),
      publish: (
        exchange: string,
        key: string,
        body: Buffer,
        _options: object,
        done: (error: null) => void,
      ) => {
        this.asked.push(`publish ${exchange} ${key} ${body.toString()}`);
        if (this.confirms) setImmediate(() => done(null));
        return true;
      },
    });
    const connection = Object.assign(new EventEmitter(), {
      createConfirmChannel: () => Promise.resolve(channel),
      close: note('close'),
    });
    this.last = connection;
    return connection;
  }
}

describe('RabbitMQ', () => {
  it('gets exchange and queue once, and every message until it confirms', async () => {
    const library = new StandIn();
    const bus = new AmqpBus(library, OPTIONS);
    await bus.publish('notifications.info', Buffer.from('1'));
    await bus.publish('notifications.info', Buffer.from('2'));
    await bus.close();
    expect(library.asked).to.deep.equal([
      'connect amqp one %2Fv',
      'exchange keystone topic {"durable":true,"autoDelete":false}',
      'queue notifications.info',
      'bind notifications.info keystone notifications.info',
      'publish keystone notifications.info 1',
      'publish keystone notifications.info 2',
      'close',
    ]);
  });

  it('that cannot be reached is left for the next host at the next attempt', async () => {
    const library = new StandIn();
    library.broken.add('one');
    const bus = new AmqpBus(library, OPTIONS);
    const refused = await bus.publish('q', Buffer.from('1')).catch((error: unknown) => String(error));
    expect(refused).to.contain('one is away');
    await bus.publish('q', Buffer.from('1'));
    expect(library.asked.filter((text) => text.startsWith('connect'))).to.deep.equal([
      'connect amqp one %2Fv',
      'connect amqp two %2Fv',
    ]);
  });

  it('that goes away before it confirmed has not taken the message, and the process lives on', async () => {
    const library = new StandIn();
    library.confirms = false;
    const bus = new AmqpBus(library, OPTIONS);
    const sent = bus.publish('q', Buffer.from('1')).catch((error: unknown) => String(error));
    while (!library.asked.some((text) => text.startsWith('publish'))) await new Promise(setImmediate);
    library.last.emit('error', new Error('reset'));
    library.last.emit('close');
    expect(await sent).to.contain('reset');
    library.confirms = true;
    await bus.publish('q', Buffer.from('1'));
    expect(library.asked.filter((text) => text.startsWith('publish'))).to.have.length(2);
  });
});
