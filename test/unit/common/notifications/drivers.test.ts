/**
 * The drivers of notifications. No message bus takes part: what stands for it here is our own interface `Bus`, and
 * what is proven is the queue, the messages and what happens without the library.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { configureLogging, shutdownLogging } from '../../../../src/common/log/index.js';
import { loadAmqpLibrary } from '../../../../src/common/notifications/drivers/amqp.js';
import {
  type Bus,
  BusDriver,
  type BusDriverOptions,
} from '../../../../src/common/notifications/drivers/bus_driver.js';
import { createNotificationDrivers } from '../../../../src/common/notifications/drivers/index.js';
import { parseTransportUrl } from '../../../../src/common/notifications/drivers/transport_url.js';
import {
  amqpOptions,
  notificationDrivers,
  publisherId,
} from '../../../../src/server/notification_drivers.js';
import { createServices } from '../../../../src/server/services.js';
import {
  ADMIN,
  createDeployment,
  type Deployment,
  type DeploymentOptions,
} from '../../../support/deployment.js';

type Json = Record<string, unknown>;

const OPTIONS: BusDriverOptions = {
  publisherId: 'identity.host',
  version: 2,
  topics: ['notifications'],
  retry: -1,
  pause: { first: 1, step: 1, most: 5 },
  capacity: 100,
  closeTimeout: 60_000,
};

class FakeBus implements Bus {
  readonly taken: { readonly queue: string; readonly body: Json }[] = [];
  attempts = 0;
  closed = false;
  /** Attempts to refuse before one is taken. */
  refuse = 0;

  async publish(queue: string, body: Buffer): Promise<void> {
    this.attempts += 1;
    await sleep(0);
    if (this.attempts <= this.refuse) throw new Error('the bus is away');
    this.taken.push({ queue, body: JSON.parse(body.toString()) as Json });
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** Event types as they arrived. */
  get events(): unknown[] {
    return this.taken.map(({ body }) => (JSON.parse(body['oslo.message'] as string) as Json)['event_type']);
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

/** What a driver logs. */
async function logOf(
  work: (deployment: Deployment) => Promise<void>,
  options: DeploymentOptions = { until: 'files' },
): Promise<string> {
  const deployment = await createDeployment(options);
  try {
    const loaded = deployment.load();
    configureLogging(loaded.conf.DEFAULT);
    await work(deployment);
    shutdownLogging();
    return await readFile(deployment.path('keystone.log'), 'utf8').catch(() => '');
  } finally {
    shutdownLogging();
    await deployment.remove();
  }
}

describe('drivers of notifications', () => {
  const driver = (name: string): Record<string, string[]> => ({
    oslo_messaging_notifications: [`driver = ${name}`],
  });

  it('log writes one line per notification, by a logger of the event type', async () => {
    const log = await logOf(
      async (deployment) => {
        const [made, ...others] = await notificationDrivers(deployment.load().conf);
        expect(others).to.deep.equal([]);
        await made?.send('identity.user.created', { resource_info: 'u1\nx' });
      },
      { until: 'files', conf: { ...driver('log'), DEFAULT: ['default_publisher_id = identity.one'] } },
    );
    const lines = log.trim().split('\n');
    expect(lines).to.have.length(1);
    const [, json = ''] =
      /INFO oslo\.messaging\.notification\.identity\.user\.created .*?(\{.*\})/.exec(log) ?? [];
    expect(JSON.parse(json)).to.deep.include({
      event_type: 'identity.user.created',
      publisher_id: 'identity.one',
      priority: 'INFO',
      payload: { resource_info: 'u1\nx' },
    });
  });

  it('noop and no driver at all send nothing', async () => {
    for (const conf of [driver('noop'), {}]) {
      const deployment = await createDeployment({ until: 'files', conf });
      expect(await notificationDrivers(deployment.load().conf)).to.deep.equal([]);
      await deployment.remove();
    }
  });

  it('that do not exist stop the start, with the names that do', async () => {
    const deployment = await createDeployment({ until: 'tables', conf: driver('kafka') });
    let message = '';
    try {
      await createServices(deployment.load());
    } catch (error) {
      message = String(error);
    } finally {
      await deployment.remove();
    }
    expect(message).to.contain('[oslo_messaging_notifications] driver = kafka');
    expect(message).to.contain('valid names are: log, messaging, messagingv2, noop');
  });

  it('that cannot be made are left out, and one line says which package is missing', async () => {
    const log = await logOf(async () => {
      const made = await createNotificationDrivers(
        {
          names: ['messagingv2', 'log'],
          publisherId: 'identity.host',
          topics: ['notifications'],
          retry: 0,
          longestPause: 30,
          bus: () => {
            throw new Error('not reached');
          },
        },
        () => loadAmqpLibrary('amqplib-which-nobody-has'),
      );
      expect(made).to.have.length(1);
    });
    expect(log.trim().split('\n')).to.have.length(1);
    expect(log).to.contain('driver = messagingv2 sends no notifications');
    expect(log).to.contain('npm install amqplib-which-nobody-has');
  });

  it('that cannot be made do not keep the service from starting', async () => {
    const deployment = await createDeployment({
      until: 'tables',
      conf: { oslo_messaging_notifications: ['driver = messaging', 'transport_url = pigeon://secret@roof/'] },
    });
    const services = await createServices(deployment.load());
    await services.close();
    await deployment.remove();
  });

  it('hear of sign-ins, right and wrong, and of what was committed alone', async () => {
    const log = await logOf(
      async (deployment) => {
        await writeFile(deployment.path('conf.d/log.conf'), '[oslo_messaging_notifications]\ndriver = log\n');
        const services = await createServices(deployment.load());
        const { providers, database } = services;
        try {
          const { id } = await providers.identity.getUserByName(ADMIN.name, 'default');
          await providers.identity.authenticate(id, 'wrong', null).catch(() => undefined);
          await providers.identity.authenticate(id, ADMIN.password, null);
          const undone = database.transaction(async () => {
            await providers.role.createRole({ name: 'undone' }, null);
            throw new Error('undo');
          });
          await undone.catch(() => undefined);
          await providers.role.createRole({ name: 'done' }, null);
          // What was committed is told of a moment later, in its order.
          const file = deployment.path('keystone.log');
          await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('identity.role.created'));
        } finally {
          await services.close();
        }
      },
      { until: 'user' },
    );
    const sent = [...log.matchAll(/oslo\.messaging\.notification\.\S+ .*?(\{.*\})/g)].map(
      ([, json = '']) => JSON.parse(json) as { event_type: string; payload: Json },
    );
    expect(sent.map(({ event_type: type, payload }) => [type, payload['outcome']])).to.deep.equal([
      ['identity.authenticate', 'failure'],
      ['identity.authenticate', 'success'],
      ['identity.role.created', undefined],
    ]);
  });

  it('are known by the host where the configuration gives no name', async () => {
    const deployment = await createDeployment({ until: 'files' });
    expect(publisherId(deployment.load().conf)).to.match(/^identity\.\S+$/);
    await deployment.remove();
  });
});

describe('notifications on a message bus', () => {
  it('are in the envelope of oslo.messaging 2.0 (messagingv2), on the queue of each topic and priority', async () => {
    const bus = new FakeBus();
    const driver = new BusDriver(bus, { ...OPTIONS, topics: ['notifications', 'audit'] });
    driver.send('identity.user.created', { resource_info: 'u1' });
    await driver.close();
    expect(bus.taken.map(({ queue }) => queue)).to.deep.equal(['notifications.info', 'audit.info']);
    for (const { body } of bus.taken) {
      expect(body).to.have.all.keys('oslo.version', 'oslo.message');
      expect(body['oslo.version']).to.equal('2.0');
      const message = JSON.parse(body['oslo.message'] as string) as Json;
      expect(message).to.deep.include({
        event_type: 'identity.user.created',
        priority: 'INFO',
        publisher_id: 'identity.host',
        payload: { resource_info: 'u1' },
      });
      expect(message['timestamp']).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
      expect(message['message_id']).to.match(/^[0-9a-f-]{36}$/);
      expect(message['_unique_id']).to.match(/^[0-9a-f]{32}$/);
    }
  });

  it('are bare in the first version (messaging)', async () => {
    const bus = new FakeBus();
    const driver = new BusDriver(bus, { ...OPTIONS, version: 1 });
    driver.send('identity.user.created', { resource_info: 'u1' });
    await driver.close();
    expect(bus.taken[0]?.body).to.deep.include({
      event_type: 'identity.user.created',
      payload: { resource_info: 'u1' },
    });
  });

  it('arrive in order, also after the bus was away', async () => {
    const bus = new FakeBus();
    bus.refuse = 3;
    const driver = new BusDriver(bus, OPTIONS);
    for (const name of ['a', 'b', 'c']) driver.send(name, {});
    await until(() => bus.taken.length === 3);
    expect(bus.events).to.deep.equal(['a', 'b', 'c']);
    expect(bus.attempts).to.equal(6);
    await driver.close();
    expect(bus.closed).to.equal(true);
  });

  it('are given up after as many further attempts as retry says; the next one is tried all the same', async () => {
    const bus = new FakeBus();
    bus.refuse = 3;
    const log = await logOf(async () => {
      const driver = new BusDriver(bus, { ...OPTIONS, retry: 1 });
      for (const name of ['a', 'b', 'c']) driver.send(name, {});
      await until(() => bus.taken.length === 2);
      await driver.close();
    });
    expect(bus.events).to.deep.equal(['b', 'c']);
    expect(log).to.contain('Failed to send a: the bus is away');
  });

  it('wait in a queue that does not grow without end, and the log says how many were dropped', async () => {
    const bus = new FakeBus();
    const log = await logOf(async () => {
      const driver = new BusDriver(bus, { ...OPTIONS, capacity: 2 });
      for (const name of ['a', 'b', 'c', 'd']) driver.send(name, {});
      await until(() => bus.taken.length === 2);
      await driver.close();
    });
    expect(bus.events).to.deep.equal(['a', 'b']);
    expect(log).to.contain('Failed to send c: 2 notifications wait already');
    expect(log).to.contain('2 notifications were dropped');
  });

  it('that a dead bus never takes do not hold up the end of the service', async () => {
    const bus = new FakeBus();
    bus.refuse = Number.POSITIVE_INFINITY;
    const log = await logOf(async () => {
      const driver = new BusDriver(bus, { ...OPTIONS, closeTimeout: 30 });
      driver.send('a', {});
      await driver.close();
    });
    expect(log).to.contain('1 notifications were not sent before the service ended');
  });
});

describe('transport_url', () => {
  it('names hosts, accounts and the virtual host', () => {
    expect(
      parseTransportUrl('rabbit://ann:p%40ss@one:5673,two,bob:x@[2001:db8::1]:99/cloud%2Fa'),
    ).to.deep.equal({
      hosts: [
        { host: 'one', port: 5673, user: 'ann', password: 'p@ss' },
        { host: 'two', port: 5672, user: 'ann', password: 'p@ss' },
        { host: '2001:db8::1', port: 99, user: 'bob', password: 'x' },
      ],
      virtualHost: 'cloud/a',
    });
    expect(parseTransportUrl('rabbit://host//').virtualHost).to.equal('/');
    expect(parseTransportUrl('rabbit://host').virtualHost).to.equal(null);
  });

  it('that cannot be used is refused without being quoted', () => {
    for (const url of [
      'zmq://secret@host',
      'secret',
      'rabbit://u:secret@ho st:1x/',
      'rabbit://u:secret%zz@h/',
    ]) {
      expect(() => parseTransportUrl(url), url)
        .to.throw(/^transport_url/)
        .with.property('message')
        .that.does.not.contain('secret');
    }
  });

  it('may be left out: then the options of [oslo_messaging_rabbit] count', async () => {
    const rabbit = ['rabbit_host = bus', 'rabbit_port = 1234', 'rabbit_userid = ann', 'rabbit_password = x'];
    const deployment = await createDeployment({
      until: 'files',
      conf: { oslo_messaging_rabbit: [...rabbit, 'rabbit_virtual_host = /v', 'rabbit_use_ssl = true'] },
    });
    expect(amqpOptions(deployment.load().conf)).to.deep.include({
      hosts: [{ host: 'bus', port: 1234, user: 'ann', password: 'x' }],
      virtualHost: '/v',
      exchange: 'keystone',
      tls: { ca: null, cert: null, key: null, verifyName: false },
    });
    await deployment.remove();
  });
});
