/**
 * Drivers `messaging` and `messagingv2`: notifications wait in a queue of this process for the message bus, one is
 * sent after the other. A bus that is away holds nobody up: what does not fit into the queue is dropped and logged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { getLogger } from '../../log/index.js';
import type { NotificationDriver } from '../types.js';
import { messageBody, notificationMessage, PRIORITY } from './message.js';

const log = getLogger('keystone.notifications');

/** A message bus. */
export interface Bus {
  /** Resolves once the bus has taken the message. */
  publish(queue: string, body: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface BusDriverOptions {
  readonly publisherId: string;
  readonly version: 1 | 2;
  /** `[oslo_messaging_notifications] topics` */
  readonly topics: readonly string[];
  /** `[oslo_messaging_notifications] retry`: attempts after the first; -1 without end. */
  readonly retry: number;
  /** Milliseconds between attempts: the first time, more each further time, at most. */
  readonly pause: { readonly first: number; readonly step: number; readonly most: number };
  /** Notifications that may wait. */
  readonly capacity: number;
  /** Milliseconds for what waits when the service ends. */
  readonly closeTimeout: number;
}

interface Waiting {
  readonly queue: string;
  readonly eventType: string;
  readonly body: Buffer;
}

export class BusDriver implements NotificationDriver {
  private readonly waiting: Waiting[] = [];
  private readonly ending = new AbortController();
  private work: Promise<void> | null = null;
  private dropped = 0;

  constructor(
    private readonly bus: Bus,
    private readonly options: BusDriverOptions,
  ) {}

  send(eventType: string, payload: object): void {
    const { publisherId, version, topics, capacity } = this.options;
    const message = notificationMessage(publisherId, eventType, payload);
    for (const topic of topics) {
      if (this.waiting.length >= capacity) {
        // One line tells of the first; the next line, when there is room again, of all.
        if (this.dropped === 0)
          log.error(`Failed to send ${eventType}: ${capacity} notifications wait already`);
        this.dropped += 1;
        continue;
      }
      this.waiting.push({ queue: `${topic}.${PRIORITY}`, eventType, body: messageBody(message, version) });
    }
    this.work ??= this.sendAll();
  }

  async close(): Promise<void> {
    const timeout = sleep(this.options.closeTimeout, undefined, { ref: false });
    await Promise.race([this.work, timeout]);
    this.ending.abort();
    const left = this.waiting.length;
    if (left > 0) log.error(`${left} notifications were not sent before the service ended`);
    await Promise.race([this.bus.close().catch(() => undefined), timeout]);
  }

  private async sendAll(): Promise<void> {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      await this.deliver(next);
      if (this.ending.signal.aborted) return;
      this.waiting.shift();
      if (this.dropped > 0) {
        log.error(`${this.dropped} notifications were dropped while the message bus was away`);
        this.dropped = 0;
      }
    }
    this.work = null;
  }

  /** Tries until the bus has it, or until the attempts are used up. */
  private async deliver({ queue, eventType, body }: Waiting): Promise<void> {
    const { retry, pause } = this.options;
    for (let attempt = 0; !this.ending.signal.aborted; attempt += 1) {
      try {
        await this.bus.publish(queue, body);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (retry >= 0 && attempt >= retry) {
          log.error(`Failed to send ${eventType}: ${reason}`);
          return;
        }
        if (attempt === 0)
          log.warn(`The message bus did not take ${eventType}, which is tried again: ${reason}`);
        const length = Math.min(pause.first + attempt * pause.step, pause.most);
        await sleep(length, undefined, { ref: false, signal: this.ending.signal }).catch(() => undefined);
      }
    }
  }
}
