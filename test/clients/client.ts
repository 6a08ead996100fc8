/** A person who types commands of python-openstackclient. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { findPython, needed } from '../support/reference/python.js';

export interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** OS_* variables of the person's shell, without the prefix. */
export type Login = Readonly<Record<string, string>>;

export interface Person {
  /** What the command answered, also when it failed. Arguments are the words of the text, or given one by one. */
  run(command: string | readonly string[]): Promise<Result>;
  /** The command's output as an object. @throws Error when the command fails */
  show(command: string | readonly string[]): Promise<Record<string, unknown>>;
  /** The command's output as a table. @throws Error when the command fails */
  list(command: string | readonly string[]): Promise<Record<string, unknown>[]>;
  /** For a command without output. @throws Error when it fails or says something */
  done(command: string | readonly string[]): Promise<void>;
  /** What a failing command tells the person. @throws Error when it succeeds */
  refusal(command: string | readonly string[]): Promise<string>;
}

/** Runs commands one after the other. */
export interface Client {
  as(login: Login): Person;
  stop(): Promise<void>;
}

type Driver = ChildProcessByStdio<Writable, Readable, null>;

class OpenstackClient implements Client {
  readonly #driver: Driver;
  readonly #lines: AsyncIterator<string>;
  readonly #home: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(driver: Driver, home: string) {
    this.#driver = driver;
    this.#lines = createInterface({ input: driver.stdout })[Symbol.asyncIterator]();
    this.#home = home;
  }

  async ready(): Promise<void> {
    while ((await this.#line()) !== 'ready');
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the client ended');
    return value;
  }

  /** Commands run in the order in which they were asked for. */
  #run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Result> {
    const turn = this.#last.then(async () => {
      this.#driver.stdin.write(`${JSON.stringify({ args, env })}\n`);
      return JSON.parse(await this.#line()) as Result;
    });
    this.#last = turn.catch(() => null);
    return turn;
  }

  as(login: Login): Person {
    const env = Object.fromEntries(Object.entries(login).map(([name, value]) => [`OS_${name}`, value]));
    const words = (command: string | readonly string[]): readonly string[] =>
      typeof command === 'string' ? command.split(' ') : command;
    const run: Person['run'] = (command) => this.#run(words(command), env);
    const succeed = async (command: readonly string[]): Promise<string> => {
      const { status, out, err } = await this.#run(command, env);
      if (status !== 0) throw new Error(`openstack ${command.join(' ')}: ${err}`);
      return out;
    };
    const json = async (command: string | readonly string[]): Promise<unknown> =>
      JSON.parse(await succeed([...words(command), '-f', 'json']));
    return {
      run,
      show: async (command) => (await json(command)) as Record<string, unknown>,
      list: async (command) => (await json(command)) as Record<string, unknown>[],
      async done(command) {
        const out = await succeed(words(command));
        if (out !== '') throw new Error(`openstack ${words(command).join(' ')} said: ${out}`);
      },
      async refusal(command) {
        const { status, out, err } = await run(command);
        if (status === 0) throw new Error(`openstack ${words(command).join(' ')} succeeded: ${out}`);
        return err.trim();
      },
    };
  }

  async stop(): Promise<void> {
    const ended = this.#driver.exitCode === null ? once(this.#driver, 'exit') : null;
    this.#driver.stdin.end();
    await ended;
    await rm(this.#home, { recursive: true, force: true });
  }
}

/** Skips the caller's tests when the client is not installed. @param context `this` of the mocha hook */
export async function startClient(context: Mocha.Context): Promise<Client> {
  const modules = ['openstackclient', 'keystoneclient'];
  const python = needed(context, findPython(modules), 'package python3-openstackclient is not installed');
  context.timeout(120_000);
  // An empty home: the clouds.yaml of whoever runs the tests must not count.
  const home = await mkdtemp(join(tmpdir(), 'keystone-client-'));
  const driver = spawn(python, [join(import.meta.dirname, 'driver.py')], {
    cwd: home,
    env: { HOME: home, PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const client = new OpenstackClient(driver, home);
  await client.ready();
  return client;
}
