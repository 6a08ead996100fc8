/** What a memcached tells of itself. */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface MemcachedFigures {
  /** Connections that it has, and that it ever had. */
  connections(): Promise<{ readonly now: number; readonly ever: number }>;
  close(): void;
}

/** Asks a server for its figures, over one connection that is counted in each of them. */
export async function figuresOf(address: string): Promise<MemcachedFigures> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host).setEncoding('utf8');
  await once(socket, 'connect');
  return {
    async connections() {
      socket.write('stats\r\n');
      let text = '';
      while (!text.endsWith('END\r\n')) text += String((await once(socket, 'data'))[0]);
      const figure = (name: string): number => Number(new RegExp(`STAT ${name} (\\d+)`).exec(text)?.[1]);
      return { now: figure('curr_connections'), ever: figure('total_connections') };
    },
    close: () => socket.destroy(),
  };
}
