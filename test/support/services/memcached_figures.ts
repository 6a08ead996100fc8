/** What a memcached tells of itself. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MemcachedFigures {
  /** Connections that it has beside this one, and that it ever had. */
  connections(): Promise<{ readonly now: number; readonly ever: number }>;
  /**
   * Waits until nobody else is connected. A connection counts until its server has seen it closed,
   * so that of the probe that found a new server ready may still count for a moment.
   */
  alone(): Promise<void>;
  /** How often a value was not replaced because another had replaced it since it was read. */
  conflicts(): Promise<number>;
  close(): void;
}

/** Asks a server for its figures, over one connection. */
export async function figuresOf(address: string): Promise<MemcachedFigures> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host).setEncoding('utf8');
  await once(socket, 'connect');
  const figures = async (...names: readonly string[]): Promise<number[]> => {
    socket.write('stats\r\n');
    let text = '';
    while (!text.endsWith('END\r\n')) text += String((await once(socket, 'data'))[0]);
    return names.map((name) => Number(new RegExp(`STAT ${name} (\\d+)`).exec(text)?.[1]));
  };
  const connections = async (): Promise<{ now: number; ever: number }> => {
    const [now = 0, ever = 0] = await figures('curr_connections', 'total_connections');
    return { now: now - 1, ever };
  };
  return {
    connections,
    async alone() {
      while ((await connections()).now > 0) await sleep(10);
    },
    async conflicts() {
      const [conflicts = 0] = await figures('cas_badval');
      return conflicts;
    },
    close: () => socket.destroy(),
  };
}
