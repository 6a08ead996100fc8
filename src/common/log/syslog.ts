/**
 * Lines for syslog: RFC 3164 over the UNIX datagram socket of this host, or over UDP. A line that cannot be sent goes to
 * stderr in its place.
 */
import { createSocket, type Socket } from 'node:dgram';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { strftime } from './date.js';
import { LoggingError } from './error.js';
import type { Destination, SyslogAddress } from './plan.js';
import type { LevelName, Sink } from './types.js';

/** Where syslog listens on Linux. */
export const SYSLOG_SOCKET = '/dev/log';
/** UDP, RFC 3164. */
export const SYSLOG_PORT = 514;

const FACILITIES = 'KERN USER MAIL DAEMON AUTH SYSLOG LPR NEWS UUCP CRON AUTHPRIV FTP'.split(' ');

/** Facilities by name, as in syslog.h. */
export const SYSLOG_FACILITIES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(FACILITIES.map((name, number) => [name, number])),
  ...Object.fromEntries(Array.from({ length: 8 }, (_, number) => [`LOCAL${number}`, 16 + number])),
};

/** The number of `LOG_USER`, `user`, `LOG_LOCAL0` …; null when there is no such facility. */
export function facilityOf(name: string): number | null {
  return SYSLOG_FACILITIES[name.trim().toUpperCase().replace(/^LOG_/, '')] ?? null;
}

const SEVERITIES: Readonly<Record<LevelName, number>> = {
  CRITICAL: 2,
  ERROR: 3,
  WARNING: 4,
  INFO: 6,
  DEBUG: 7,
  TRACE: 7,
};

/** The part of the package `unix-dgram` that is used. */
interface UnixSocket {
  send(data: Buffer, offset: number, length: number, path: string, done: (error?: Error) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): void;
}
interface UnixDgram {
  createSocket(type: 'unix_dgram'): UnixSocket;
}

function openUnixSocket(): UnixSocket {
  let module: UnixDgram;
  try {
    module = createRequire(import.meta.url)('unix-dgram') as UnixDgram;
  } catch (error) {
    throw new LoggingError(
      'logging to syslog needs the package unix-dgram: run npm install unix-dgram, or log to stderr and let the' +
        ' journal of systemd take it',
      { cause: error },
    );
  }
  return module.createSocket('unix_dgram');
}

/** The socket of this host takes no more in one message. */
const LONGEST = 8_000;

export class SyslogSink implements Sink {
  readonly #facility: number;
  readonly #head: string;
  readonly #send: (data: Buffer, failed: (error: Error) => void) => void;
  readonly #close: () => void;

  /** @throws LoggingError when the package for it is missing */
  constructor({ address, facility, ident }: Extract<Destination, { kind: 'syslog' }>) {
    this.#facility = facility;
    const isLocal = typeof address === 'string';
    // Within a host nobody writes its name.
    this.#head = ` ${isLocal ? '' : `${hostname()} `}${ident}[${process.pid}]: `;
    const { send, close } = isLocal ? unixSender(address) : udpSender(address);
    this.#send = send;
    this.#close = close;
  }

  /** One message for each line of the text: syslog has no others. */
  write(text: string, level: LevelName): void {
    const start = `<${this.#facility * 8 + SEVERITIES[level]}>${strftime('%b %e %H:%M:%S', new Date())}${this.#head}`;
    for (const line of text.split('\n')) {
      this.#send(Buffer.from(start + line).subarray(0, LONGEST), (error) => {
        process.stderr.write(`syslog: ${error.message}\n${line}\n`);
      });
    }
  }

  close(): void {
    this.#close();
  }
}

interface Sender {
  readonly send: (data: Buffer, failed: (error: Error) => void) => void;
  readonly close: () => void;
}

/** Not connected: so it goes on when the daemon is started anew. */
function unixSender(path: string): Sender {
  const socket = openUnixSocket();
  socket.on('error', () => undefined);
  return {
    send: (data, failed) =>
      socket.send(data, 0, data.length, path, (error) => {
        if (error) failed(error);
      }),
    close: () => socket.close(),
  };
}

function udpSender({ host, port }: Exclude<SyslogAddress, string>): Sender {
  const socket: Socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => undefined);
  socket.unref();
  let waiting = 0;
  let isClosing = false;
  return {
    send(data, failed) {
      waiting += 1;
      socket.send(data, port, host, (error) => {
        waiting -= 1;
        if (error !== null) failed(error);
        if (isClosing && waiting === 0) socket.close();
      });
    },
    close() {
      isClosing = true;
      if (waiting === 0) socket.close();
    },
  };
}
