/** Compare middleware side by side: in turns of one run, so that whatever else the machine does strikes all alike. */
import { Agent, createServer, IncomingMessage, request, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Socket } from 'node:net';
import Koa, { type Middleware } from 'koa';

export type Contenders = Readonly<Record<string, Middleware>>;

/** By contender, the figure of each round. */
export type Rounds = ReadonlyMap<string, readonly number[]>;

const pass = (): Promise<void> => Promise.resolve();

async function inTurns(
  contenders: Contenders,
  rounds: number,
  figure: (name: string) => Promise<number>,
): Promise<Rounds> {
  const names = Object.keys(contenders);
  const figures = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Who comes first changes, since the second always finds the caches as the first left them.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) figures.get(name)?.push(await figure(name));
  }
  return figures;
}

/** Nanoseconds per request, without a network: a fresh Koa context through the middleware. */
export function perRequest(contenders: Contenders, rounds: number, batch: number): Promise<Rounds> {
  const koa = new Koa();
  const socket = new Socket();
  return inTurns(contenders, rounds, async (name) => {
    const middleware = contenders[name] ?? pass;
    const start = process.hrtime.bigint();
    for (let index = 0; index < batch; index += 1) {
      const req = new IncomingMessage(socket);
      req.method = 'GET';
      req.url = '/users?name=a';
      req.headers = { host: 'localhost', 'x-auth-token': '' };
      await middleware(koa.createContext(req, new ServerResponse(req)), pass);
    }
    return Number(process.hrtime.bigint() - start) / batch;
  });
}

/**
 * Requests per second of CPU time over HTTP, with the client in the same process. CPU time, since other work on the
 * machine would be in any other.
 */
export async function throughput(contenders: Contenders, rounds: number, millis: number): Promise<Rounds> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const servers = await Promise.all(
    Object.entries(contenders).map(async ([name, middleware]) => {
      const koa = new Koa();
      koa.use(middleware);
      const handle = koa.callback();
      const server = createServer((req, res) => void handle(req, res));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { name, server, port: (server.address() as AddressInfo).port };
    }),
  );
  const ask = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request({ agent, port, host: '127.0.0.1', path: '/users' }, (response) => {
        response.resume();
        response.on('end', resolve);
      });
      sent.on('error', reject);
      sent.end();
    });
  try {
    return await inTurns(contenders, rounds, async (name) => {
      const port = servers.find((each) => each.name === name)?.port ?? 0;
      const start = performance.now();
      const cpu = process.cpuUsage();
      let count = 0;
      const client = async (): Promise<void> => {
        while (performance.now() - start < millis) {
          await ask(port);
          count += 1;
        }
      };
      await Promise.all(Array.from({ length: 16 }, client));
      const { user, system } = process.cpuUsage(cpu);
      return count / ((user + system) / 1e6);
    });
  } finally {
    agent.destroy();
    for (const { server } of servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}

/** Does a request get through to the end? A chain that ends early would be fast. */
export async function getsThrough(middleware: Middleware): Promise<boolean> {
  const req = new IncomingMessage(new Socket());
  req.method = 'GET';
  req.url = '/users';
  const ctx = new Koa().createContext(req, new ServerResponse(req));
  await middleware(ctx, pass);
  return ctx.status === 204;
}

/** The middle one of a contender's figures. */
export function median(rounds: Rounds, name: string): number {
  const sorted = (rounds.get(name) ?? []).toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** The middle one of the ratios of two contenders, taken round by round. */
export function medianRatio(rounds: Rounds, name: string, to: string): number {
  const others = rounds.get(to) ?? [];
  const ratios = (rounds.get(name) ?? []).map((figure, round) => figure / (others[round] ?? Number.NaN));
  return median(new Map([['ratio', ratios]]), 'ratio');
}
