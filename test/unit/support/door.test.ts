/** What tests rely on when they put a door in front of a server. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { type Door, type DoorOptions, doorTo } from '../../support/door.js';
import { rejection } from '../../support/rejection.js';

interface Client {
  readonly socket: Socket;
  /** All that came so far. */
  readonly heard: () => string;
  /** Waits until that is all that came. */
  readonly until: (text: string) => Promise<void>;
}

describe('a door to a server', function limited() {
  this.timeout(120_000);
  const doors: Door[] = [];
  const clients: Socket[] = [];
  /** The server's ends of connections, by age. */
  const ends: Socket[] = [];
  /** All that the server was sent. */
  let sent = '';
  /** Gives back what it is sent. */
  const server = createServer((socket) => {
    ends.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      sent += piece.toString();
      socket.write(piece);
    });
  });
  let address: string;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    for (const door of doors.splice(0)) await door.close();
    ends.splice(0);
    sent = '';
  });
  after(() => server.close());

  const build = async (options?: DoorOptions, behind = address): Promise<Door> => {
    const door = await doorTo(behind, options);
    doors.push(door);
    return door;
  };
  const enter = async (door: Door): Promise<Client> => {
    const socket = connect(portOf(door), '127.0.0.1');
    clients.push(socket);
    let heard = '';
    socket.on('error', () => undefined);
    socket.on('data', (piece) => (heard += piece.toString()));
    await once(socket, 'connect');
    const client = { socket, heard: () => heard };
    return {
      ...client,
      async until(text) {
        while (client.heard() !== text) await once(socket, 'data');
      },
    };
  };
  const portOf = (door: Door): number => Number(new URL(`tcp://${door.address}`).port);
  /** Goes through another door, there and back, so often that whatever can pass elsewhere has passed. */
  const passTime = async (): Promise<void> => {
    const client = await enter(await build());
    for (let turn = 1; turn <= 50; turn += 1) {
      client.socket.write('-');
      await client.until('-'.repeat(turn));
    }
  };

  it('lets everything pass, both ways', async () => {
    const client = await enter(await build());
    const text = 'abcdefg'.repeat(100_000);
    client.socket.write(text);
    await client.until(text);
  });

  it('lets nothing pass while it stalls, of old connections and of new ones; then all of it, in order', async () => {
    const door = await build();
    const old = await enter(door);
    old.socket.write('before');
    await old.until('before');
    sent = '';
    door.stall();
    const fresh = await enter(door);
    fresh.socket.write('new');
    old.socket.write(' one');
    await passTime();
    old.socket.write(' two');
    await passTime();
    expect(sent).to.equal('-'.repeat(100));
    door.open();
    await old.until('before one two');
    await fresh.until('new');
  });

  it('holds what comes back, too', async () => {
    const door = await build();
    const client = await enter(door);
    client.socket.write('a');
    await client.until('a');
    door.stall();
    ends[0]?.write('b');
    await passTime();
    expect(client.heard()).to.equal('a');
    door.open();
    await client.until('ab');
  });

  it('keeps waiting at the entrance', async () => {
    const door = await build({ entrance: 80 });
    const began = performance.now();
    const client = await enter(door);
    client.socket.write('one');
    await client.until('one');
    // Timers count whole milliseconds.
    expect(performance.now() - began).to.be.at.least(79);
  });

  for (const [side, stalls] of [
    ['client', false],
    ['server', false],
    ['client', true],
    ['server', true],
  ] as const) {
    it(`closes the other side when the ${side} goes${stalls ? ', also while it stalls' : ''}`, async () => {
      const door = await build();
      const { socket, until } = await enter(door);
      socket.write('here');
      await until('here');
      const [end] = ends;
      if (end === undefined) throw new Error('nobody came');
      if (stalls) door.stall();
      const [leaving, other] = side === 'client' ? [socket, end] : [end, socket];
      const gone = once(other, 'close');
      leaving.destroy();
      await gone;
    });
  }

  it('closes connections when no server answers', async () => {
    const { socket } = await enter(await build({}, '127.0.0.1:1'));
    if (!socket.closed) await once(socket, 'close');
  });

  it('ends all connections when it is closed', async () => {
    const door = await build();
    const { socket, until } = await enter(door);
    socket.write('here');
    await until('here');
    const gone = once(socket, 'close');
    await door.close();
    await gone;
  });

  it('stands where it is told, and fails where another one stands', async () => {
    const port = portOf(await build());
    expect((await rejection(build({ port }))).message).to.contain('EADDRINUSE');
  });
});
