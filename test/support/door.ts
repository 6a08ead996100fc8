/**
 * A door to a server: a TCP proxy within the process of a test, which can be slow to let in, and can stall. It stands
 * on a port of its own, so that a test can do to a server that others use, too, what only its own connections feel.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Door {
  /** Where clients find it, as `HOST:PORT`. */
  readonly address: string;
  /** From here on nothing passes, either way. Connections stay, and new ones are accepted: they are kept waiting. */
  stall(): void;
  /** What was kept waiting passes, in its order. */
  open(): void;
  /** Ends all connections and accepts no more. */
  close(): Promise<void>;
}

export interface DoorOptions {
  /** Milliseconds from when a connection is accepted until something of it passes. */
  readonly entrance?: number;
  /** Where it stands; otherwise at a port that the system gives. */
  readonly port?: number;
}

/** @param server as `HOST:PORT`; where none answers, clients see their connections closed */
export async function doorTo(server: string, { entrance = 0, port = 0 }: DoorOptions = {}): Promise<Door> {
  const [, host = '', serverPort] = /^(.*):(\d+)$/.exec(server) ?? [];
  const sockets = new Set<Socket>();
  let passable = Promise.resolve();
  let open = (): void => undefined;
  /** One way of a connection. Held pieces are not overtaken: a stream takes the next one when this one is done. */
  const passage = (entered: Promise<unknown>): Transform =>
    new Transform({
      transform(piece: Buffer, _encoding, done) {
        const pass = async (): Promise<void> => {
          await entered;
          await passable;
          done(null, piece);
        };
        void pass();
      },
    });
  const listener = createServer((outer) => {
    const inner = connect(Number(serverPort), host);
    for (const each of [outer, inner]) {
      sockets.add(each);
      each.on('error', () => undefined);
      each.once('close', () => {
        outer.destroy();
        inner.destroy();
        sockets.delete(each);
      });
    }
    const entered = entrance === 0 ? Promise.resolve() : sleep(entrance);
    outer.pipe(passage(entered)).pipe(inner).pipe(passage(entered)).pipe(outer);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    stall() {
      open();
      passable = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
