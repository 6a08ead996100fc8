/** A cache that dies and comes back while it is in use: empty, or with all that it held. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnMemcached } from '../services/own_memcached.js';
import type { Random } from './random.js';

/** Milliseconds. */
const LONGEST_PAUSE = 400;

export class Outages {
  /** How often it was killed, and how often it was held up. */
  readonly count = { killed: 0, held: 0 };
  private hits = 0;
  private running: Promise<void> | null = null;

  constructor(
    private readonly memcached: OwnMemcached,
    private readonly random: Random,
  ) {}

  /** Begin one, unless one goes on. */
  begin(): void {
    this.running ??= this.outage().finally(() => {
      this.running = null;
    });
  }

  /** Until it is back. */
  async end(): Promise<void> {
    await this.running;
  }

  /** Entries that were found in it, in all of its lives. */
  async found(): Promise<number> {
    await this.end();
    return this.hits + (await hitsOf(this.memcached.address));
  }

  private async outage(): Promise<void> {
    const { memcached, random } = this;
    const pause = random.next() * LONGEST_PAUSE;
    if (random.chance(0.3)) {
      this.count.held += 1;
      await memcached.signal('SIGSTOP');
      await sleep(pause);
      await memcached.signal('SIGCONT');
      return;
    }
    this.count.killed += 1;
    this.hits += await hitsOf(memcached.address);
    await memcached.kill();
    await sleep(pause);
    await memcached.start();
  }
}

/** As memcached counts them. */
async function hitsOf(address: string): Promise<number> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  let text = '';
  socket.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  socket.end('stats\r\nquit\r\n');
  await once(socket, 'close');
  return Number(/^STAT get_hits (\d+)\r$/m.exec(text)?.[1] ?? 0);
}
