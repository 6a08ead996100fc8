/** Notifications through a real RabbitMQ, heard by oslo.messaging, whose consumers are what they are sent for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { configureLogging, shutdownLogging } from '../../src/common/log/index.js';
import { type Cloud, serve } from '../api/cloud.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { findPython, needed } from '../support/reference/python.js';
import { type Broker, rabbitmqMissing, startRabbitmq } from '../support/services/rabbitmq.js';

interface Heard {
  readonly context: object;
  readonly publisher_id: string;
  readonly event_type: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

class Listener {
  readonly heard: Heard[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(python: string, url: string, ca = ''): Promise<Listener> {
    const child = spawn(python, [join(import.meta.dirname, 'listener.py'), url, ca], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const listener = new Listener(child);
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    lines.on('line', (line: string) => listener.heard.push(JSON.parse(line) as Heard));
    return listener;
  }

  /** Waits until something is true of what was heard. @throws Error when it does not come to that */
  async until(what: string, holds: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 300_000; !holds(); await sleep(50)) {
      if (Date.now() > deadline) throw new Error(`${what}: not within five minutes`);
    }
  }

  /** Waits for a notification. @throws Error when it does not come */
  async wait(matches: (heard: Heard) => boolean): Promise<Heard | undefined> {
    await this.until('the notification', () => this.heard.some(matches));
    return this.heard.find(matches);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}

const IN_VAIN = /The message bus did not take identity\.\S+, which is tried again/;

const isOf =
  (type: string, id: string) =>
  ({ event_type, payload }: Heard): boolean =>
    event_type === type && payload['resource_info'] === id;

describe('notifications through RabbitMQ', function throughRabbitmq() {
  this.timeout(600_000);
  let python: string;
  let broker: Broker | undefined;
  let stops: (() => Promise<void>)[] = [];

  before(async function start() {
    const missing = rabbitmqMissing();
    needed(this, missing === null ? true : null, missing ?? '');
    const library = 'package python3-oslo.messaging is not installed';
    python = needed(this, findPython(['oslo_messaging']), library);
    this.timeout(600_000);
    broker = await startRabbitmq();
  });
  after(() => broker?.stop());
  afterEach(async () => {
    for (const stop of stops.toReversed()) await stop();
    stops = [];
  });

  async function startSite(
    options: { readonly format?: 'basic' | 'cadf'; readonly tls?: boolean } = {},
  ): Promise<{ cloud: Cloud; listener: Listener; log: () => Promise<string> }> {
    const { format = 'basic', tls = false } = options;
    if (broker === undefined) throw new Error('there is no broker');
    const url = `rabbit://guest:guest@127.0.0.1:${tls ? broker.tls.port : broker.port}/`;
    const ca = tls ? broker.tls.ca : '';
    const listener = await Listener.start(python, url, ca);
    stops.push(() => listener.stop());
    const deployment: Deployment = await createDeployment({
      conf: {
        DEFAULT: [
          'crypt_strength = 1000',
          `notification_format = ${format}`,
          'default_publisher_id = identity.here',
        ],
        oslo_messaging_notifications: ['driver = messagingv2', `transport_url = ${url}`],
        oslo_messaging_rabbit: [
          'amqp_durable_queues = true',
          'rabbit_interval_max = 1',
          ...(tls ? ['ssl = true', `ssl_ca_file = ${ca}`] : []),
        ],
      },
    });
    const log = deployment.path('keystone.log');
    configureLogging(deployment.load().conf.DEFAULT);
    stops.push(() => Promise.resolve(shutdownLogging()));
    const cloud = await serve(deployment);
    stops.push(() => cloud.stop());
    return { cloud, listener, log: () => readFile(log, 'utf8') };
  }

  it('arrive at topic notifications.info as oslo.messaging expects them', async () => {
    const { cloud, listener } = await startSite();
    const admin = await cloud.adminToken();
    await cloud.request('POST', '/v3/regions', admin, { region: { id: 'north' } });
    const heard = await listener.wait(isOf('identity.region.created', 'north'));
    expect(heard).to.deep.include({
      publisher_id: 'identity.here',
      payload: { resource_info: 'north' },
    });
    expect(heard?.metadata['message_id']).to.match(/^[0-9a-f-]{36}$/);
    expect(heard?.metadata['timestamp']).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    // Sign-ins are told in CADF whatever the format.
    const signedIn = await listener.wait((each) => each.event_type === 'identity.authenticate');
    expect(signedIn?.payload).to.deep.include({ action: 'authenticate', outcome: 'success' });
  });

  it('say in CADF who did what from where, also through TLS', async () => {
    const { cloud, listener } = await startSite({ format: 'cadf', tls: true });
    const admin = await cloud.adminToken();
    await cloud.request('POST', '/v3/regions', admin, { region: { id: 'south' } });
    const heard = await listener.wait(isOf('identity.region.created', 'south'));
    expect(heard?.payload).to.deep.include({
      typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
      action: 'created.region',
      outcome: 'success',
      target: { typeURI: 'data/security/region', id: 'south' },
    });
    expect(heard?.payload).to.have.nested.property('initiator.host.address', '127.0.0.1');

    // Once the service is in its own catalog, it is known by its id there.
    const made = await cloud.request('POST', '/v3/services', admin, { service: { type: 'identity' } });
    const { id } = made.body['service'] as { id: string };
    const told = await listener.wait(isOf('identity.service.created', id));
    expect(told?.payload['observer']).to.deep.equal({ typeURI: 'service/security', id });
  });

  it('wait while the broker is away: no request fails or waits, and nothing is lost', async () => {
    const { cloud, listener, log } = await startSite();
    const admin = await cloud.adminToken();
    let next = 0;
    const over = new AbortController();
    const made: string[] = [];
    const others: number[] = [];
    const load = [1, 2, 3].map(async () => {
      while (!over.signal.aborted) {
        const id = `under-load-${(next += 1)}`;
        const { status } = await cloud.request('POST', '/v3/regions', admin, { region: { id } });
        if (status === 201) made.push(id);
        else others.push(status);
        await sleep(20);
      }
    });
    /** Some more were made, or one was refused. */
    const more = async (count: number): Promise<void> => {
      const before = made.length;
      while (made.length < before + count && others.length === 0) await sleep(20);
    };
    try {
      await more(5);
      await broker?.restart(async () => {
        await more(10);
        // Until one of them was sent in vain.
        while (!IN_VAIN.test(await log()) && others.length === 0) await sleep(50);
      });
    } finally {
      over.abort();
      await Promise.all(load);
    }

    expect(others).to.deep.equal([]);
    const created = ({ event_type, payload }: Heard): boolean =>
      event_type === 'identity.region.created' && String(payload['resource_info']).startsWith('under-load-');
    const ids = (): Set<string> =>
      new Set(listener.heard.filter(created).map(({ payload }) => String(payload['resource_info'])));
    // Some come twice: the broker does not know what was taken from it before it went away.
    await listener.until('all that was made', () => ids().size >= made.length);
    expect([...ids()]).to.have.members(made);
    const text = await log();
    expect(text).to.match(IN_VAIN);
    expect(text).not.to.contain('guest');
  });
});
