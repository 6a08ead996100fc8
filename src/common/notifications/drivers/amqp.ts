/**
 * RabbitMQ through the npm package `amqplib`, an optional dependency: only who sends notifications by a message bus
 * installs it.
 */
import { readFile } from 'node:fs/promises';
import type { Bus } from './bus_driver.js';
import type { BusHost } from './transport_url.js';

export const PACKAGE = 'amqplib';

/** What is used of amqplib 2. */
export interface AmqpLibrary {
  connect(url: object, socketOptions: object): Promise<AmqpConnection>;
}
interface Emitter {
  on(event: 'error' | 'close', listener: (error?: Error) => void): unknown;
}
interface AmqpConnection extends Emitter {
  createConfirmChannel(): Promise<AmqpChannel>;
  close(): Promise<void>;
}
interface AmqpChannel extends Emitter {
  assertExchange(name: string, type: 'topic', options: object): Promise<unknown>;
  assertQueue(name: string, options: object): Promise<unknown>;
  bindQueue(queue: string, exchange: string, key: string): Promise<unknown>;
  publish(
    exchange: string,
    key: string,
    body: Buffer,
    options: object,
    done: (error: Error | null) => void,
  ): boolean;
}

export interface AmqpOptions {
  readonly hosts: readonly BusHost[];
  readonly virtualHost: string;
  readonly exchange: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** Seconds between heartbeats; 0 is without. */
  readonly heartbeat: number;
  readonly tls: {
    /** Files; null: not given. */
    readonly ca: string | null;
    readonly cert: string | null;
    readonly key: string | null;
    readonly verifyName: boolean;
  } | null;
}

/** Milliseconds to wait for a host. */
const CONNECT_TIMEOUT = 10_000;

/** @throws Error that names the package when it is not installed */
export async function loadAmqpLibrary(name: string = PACKAGE): Promise<AmqpLibrary> {
  let module: unknown;
  try {
    module = await import(name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new Error(
      `the npm package ${name}, which speaks with RabbitMQ, is not installed: npm install ${name}@2`,
      { cause: error },
    );
  }
  for (const found of [module, (module as { default?: unknown }).default]) {
    if (isLibrary(found)) return found;
  }
  throw new Error(`the npm package ${name} has no function connect`);
}

function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}

function isLibrary(value: unknown): value is AmqpLibrary {
  return (
    typeof value === 'object' && value !== null && 'connect' in value && typeof value.connect === 'function'
  );
}

/** Connects when something is to be sent, to the next host after a failure. */
export class AmqpBus implements Bus {
  private opened: Promise<Link> | null = null;
  private position = 0;

  constructor(
    private readonly library: AmqpLibrary,
    private readonly options: AmqpOptions,
  ) {}

  /** One message at a time: the next when the last one is settled. */
  async publish(queue: string, body: Buffer): Promise<void> {
    this.opened ??= this.open();
    const opened = this.opened;
    try {
      const link = await opened;
      if (!link.declared.has(queue)) {
        await this.declare(link.channel, queue);
        link.declared.add(queue);
      }
      const properties = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2 };
      await new Promise<void>((resolve, reject) => {
        link.onFailure(reject);
        link.channel.publish(this.options.exchange, queue, body, properties, (error) =>
          error instanceof Error ? reject(error) : resolve(),
        );
      });
    } catch (error) {
      this.forget(opened);
      throw error;
    }
  }

  async close(): Promise<void> {
    const { opened } = this;
    this.opened = null;
    await (await opened)?.connection.close();
  }

  /** The queue is made as well, so that nothing is lost while nobody listens. */
  private async declare(channel: AmqpChannel, queue: string): Promise<void> {
    const { exchange, durable, autoDelete } = this.options;
    await channel.assertExchange(exchange, 'topic', { durable, autoDelete });
    await channel.assertQueue(queue, { durable, autoDelete });
    await channel.bindQueue(queue, exchange, queue);
  }

  private forget(opened: Promise<Link>): void {
    if (this.opened !== opened) return;
    this.opened = null;
    this.position += 1;
    opened.then(
      ({ connection }) => connection.close().catch(() => undefined),
      () => undefined,
    );
  }

  private async open(): Promise<Link> {
    const { hosts, virtualHost, heartbeat, tls } = this.options;
    const place = hosts[this.position % hosts.length];
    if (place === undefined) throw new Error('no host of the message bus is named');
    const connection = await this.library.connect(
      {
        protocol: tls === null ? 'amqp' : 'amqps',
        hostname: place.host,
        port: place.port,
        username: place.user,
        password: place.password,
        // The library decodes it once more.
        vhost: encodeURIComponent(virtualHost),
        heartbeat,
      },
      { timeout: CONNECT_TIMEOUT, ...(await tlsOptions(tls)) },
    );
    // Without listeners an error would end the process.
    let fail: (error: Error) => void = () => undefined;
    const onEnd = (error?: Error): void => {
      fail(error ?? new Error('the connection ended'));
      if (opened !== null) this.forget(opened);
    };
    const opened = this.opened;
    connection.on('error', onEnd);
    connection.on('close', onEnd);
    try {
      const channel = await connection.createConfirmChannel();
      channel.on('error', onEnd);
      channel.on('close', onEnd);
      return {
        connection,
        channel,
        declared: new Set(),
        onFailure: (listener) => {
          fail = listener;
        },
      };
    } catch (error) {
      await connection.close().catch(() => undefined);
      throw error;
    }
  }
}

/** A connection with what was made on it. */
interface Link {
  readonly connection: AmqpConnection;
  readonly channel: AmqpChannel;
  /** Queues that are known to be there. */
  readonly declared: Set<string>;
  /** Tells one listener, the last that was given, when the connection ends. */
  onFailure(listener: (error: Error) => void): void;
}

async function tlsOptions(tls: AmqpOptions['tls']): Promise<object> {
  if (tls === null) return {};
  const read = async (path: string | null): Promise<Buffer | null> => (path === null ? null : readFile(path));
  const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.cert), read(tls.key)]);
  return {
    ...(ca && { ca: [ca] }),
    ...(cert && { cert }),
    ...(key && { key }),
    // As in oslo.messaging: the certificate is checked when an authority is named.
    rejectUnauthorized: Boolean(ca),
    ...(!tls.verifyName && { checkServerIdentity: () => undefined }),
  };
}
