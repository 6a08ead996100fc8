/**
 * A constant load of reads and writes, over kept connections and over new ones, that remembers what was acknowledged.
 * Each client sends its next request when the last was answered, and not before a pause: the load is bounded.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Got, type Sent, send } from './http_client.js';

export interface Failure {
  readonly what: string;
  readonly at: number;
}

export interface Load {
  /** Names of the users whose creation was acknowledged. */
  readonly created: ReadonlySet<string>;
  /** Names of those whose removal was acknowledged. */
  readonly deleted: ReadonlySet<string>;
  /** Names of those whose removal was asked for: without an answer it may or may not have happened. */
  readonly doomed: ReadonlySet<string>;
  readonly answered: number;
  readonly failures: readonly Failure[];
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Without a version. */
  readonly base: string;
  readonly token: string;
  /** Milliseconds between the requests of a client. */
  readonly pause?: number;
}

/** Users are made without a password: its hash would be all that the load consists of. */
const userBody = (name: string): string => JSON.stringify({ user: { name, enabled: true } });

export function startLoad({ base, token, pause = 15 }: LoadOptions): Load {
  const created = new Set<string>();
  const deleted = new Set<string>();
  const doomed = new Set<string>();
  const failures: Failure[] = [];
  const over = new AbortController();
  const run = `${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  let answered = 0;
  let next = 0;
  /**
   * One connection for each client that keeps one, so that none of them lies idle for longer than a pause: what does
   * is closed by a server that ends, perhaps while the next request is on its way.
   */
  const agents = Array.from({ length: 3 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json' };

  /** @returns the answer, when it is the one that was expected */
  async function ask(what: string, url: string, sent: Sent, expected: number): Promise<Got | null> {
    try {
      const answer = await send(url, { headers, ...sent });
      answered += 1;
      if (answer.status === expected) return answer;
      failures.push({ what: `${what}: ${answer.status} ${answer.text.slice(0, 200)}`, at: Date.now() });
    } catch (error) {
      failures.push({ what: `${what}: ${String(error)}`, at: Date.now() });
    }
    return null;
  }

  async function write(agent: Agent | undefined): Promise<void> {
    const connection = agent === undefined ? {} : { agent };
    const name = `user-${run}-${(next += 1)}`;
    const answer = await ask(
      'create',
      `${base}/v3/users`,
      { method: 'POST', body: userBody(name), ...connection },
      201,
    );
    if (answer === null) return;
    created.add(name);
    if (next % 4 !== 0) return;
    const { user } = JSON.parse(answer.text) as { user: { id: string } };
    doomed.add(name);
    const gone = await ask('delete', `${base}/v3/users/${user.id}`, { method: 'DELETE', ...connection }, 204);
    if (gone !== null) deleted.add(name);
  }

  async function read(agent: Agent | undefined): Promise<void> {
    const connection = agent === undefined ? {} : { agent };
    const subject = { headers: { ...headers, 'X-Subject-Token': token } };
    await ask('validate', `${base}/v3/auth/tokens`, { ...subject, ...connection }, 200);
    await ask('list', `${base}/v3/users?name=admin`, connection, 200);
  }

  const client = async (step: (agent: Agent | undefined) => Promise<void>, agent?: Agent): Promise<void> => {
    while (!over.signal.aborted) {
      await step(agent);
      await sleep(pause);
    }
  };
  const steps = [write, read, read];
  const clients = [
    ...agents.map((agent, place) => client(steps[place] ?? read, agent)),
    client(write),
    client(read),
  ];
  return {
    created,
    deleted,
    doomed,
    failures,
    get answered() {
      return answered;
    },
    async stop() {
      over.abort();
      await Promise.all(clients);
      for (const agent of agents) agent.destroy();
    },
  };
}

/** What the load acknowledged and the service does not have, in words; empty when nothing was lost. */
export async function lost(
  { created, deleted, doomed }: Load,
  base: string,
  token: string,
): Promise<string[]> {
  const answer = await send(`${base}/v3/users`, { headers: { 'X-Auth-Token': token } });
  if (answer.status !== 200) throw new Error(`list of users: ${answer.status} ${answer.text}`);
  const there = new Set(
    (JSON.parse(answer.text) as { users: { name: string }[] }).users.map(({ name }) => name),
  );
  return [
    ...[...created]
      .filter((name) => !doomed.has(name) && !there.has(name))
      .map((name) => `${name} is not there`),
    ...[...deleted].filter((name) => there.has(name)).map((name) => `${name} is still there`),
  ];
}
