/** Finding, starting and stopping server programs. */
import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { chown, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RunningService } from './types.js';

const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Looks for a program in PATH, the system folders and `extra`; null when there is none. */
export function findProgram(name: string, extra: readonly string[] = []): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS, ...extra];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Folders `<base>/<version>/<rest>`, the newest version first. */
export function versionedFolders(base: string, rest: string): string[] {
  try {
    const versions = readdirSync(base).filter((version) => /^\d+$/.test(version));
    return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(base, version, rest));
  } catch {
    return [];
  }
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account to run a server as when we are root, which most servers refuse: the first that exists. */
export function serverAccount(...names: readonly string[]): Account | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of [...names, 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`none of the accounts ${names.join(', ')}, nobody exists`);
}

/** Removes the folder of a server, also when a file came into it just now: its last words, or a process that it left. */
export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

export async function giveTo(account: Account | null, folder: string): Promise<void> {
  if (account !== null) await chown(folder, account.uid, account.gid);
}

/** Runs a program to its end. @throws Error with its output when it fails. */
export async function runProgram(
  program: string,
  args: readonly string[],
  account: Account | null,
  cwd: string,
): Promise<void> {
  await promisify(execFile)(program, [...args], {
    ...account,
    cwd,
    env: { ...process.env, HOME: cwd, LC_ALL: 'C.UTF-8' },
  });
}

/** The ports that Linux gives to whoever asks for any (ip_local_port_range). */
function ephemeralPorts(): readonly [first: number, last: number] {
  try {
    const [first = '', last = ''] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(
      /\s+/,
    );
    return [Number(first), Number(last)];
  } catch {
    return [32_768, 65_535];
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Makes a port ours until this process ends: by the UDP port of the same number, which no server of tests wants. Whoever
 * looks for a port at the same time, in another run on the same machine, sees it.
 */
function reserve(port: number): Promise<boolean> {
  const sign = createSocket('udp4');
  return new Promise((resolve) => {
    sign.once('error', (error: NodeJS.ErrnoException) => {
      sign.close();
      resolve(error.code !== 'EADDRINUSE');
    });
    sign.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      sign.unref();
      resolve(true);
    });
  });
}

/** Above all ports that fetch() refuses to ask: 10080 is the last of them. */
const FIRST_PORT = 11_000;
const LAST_PORT = 65_535;
const ATTEMPTS = 10_000;

/**
 * A port for a server that has to be told one. It was free a moment ago, is given once on this machine as long as this
 * process lives, and is none of those that the system gives away by itself: nobody else's connection or server gets it
 * before ours does, or while ours is down.
 */
export async function freePort(): Promise<number> {
  const [first, last] = ephemeralPorts();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    // There are machines that give all of them away.
    const isGivenAway = port >= first && port <= last && attempt < ATTEMPTS / 2;
    if (!isGivenAway && (await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error('no port is free');
}

/** Whether all threads of a process are stopped, by what Linux says of them. */
function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    } catch {
      // It was just ending. The next look tells whether all have ended with it.
      return false;
    }
    // The state comes after the name, which may hold brackets of its own.
    return text.slice(text.lastIndexOf(')') + 2).startsWith('T');
  });
}

/**
 * Sends a signal. After SIGSTOP it waits until all threads have stopped: until then they go on answering.
 * @throws Error when there is no such process
 */
export async function signalProcess(pid: number, signal: NodeJS.Signals): Promise<void> {
  process.kill(pid, signal);
  if (signal !== 'SIGSTOP' || process.platform !== 'linux') return;
  while (!isStopped(pid)) await sleep(5);
}

/** Ends a process, with its children, when we have ended without ending it: when we were killed. */
export function endWithUs(pid: number): void {
  const alive = (each: number): string => `kill -0 ${each} 2>/dev/null`;
  // The children are known beforehand: they may outlive it.
  const look = `c=$(cat /proc/${pid}/task/${pid}/children 2>/dev/null || echo $c)`;
  const script = `while ${alive(process.pid)}; do ${alive(pid)} || exit; ${look}; sleep 0.2; done; kill -KILL ${pid} $c`;
  spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
}

/** Resolves when something listens. */
export function answersTcp(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** For `probe` of a web server. @throws Error when nothing speaks HTTP there */
export function answersHttp(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = get({ host: '127.0.0.1', port, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => resolve());
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer within 5 s')));
    outgoing.once('error', reject);
  });
}

/**
 * For `probe` of a server that tells which process it is.
 * @param question asks for that, and to hang up
 * @param sign comes before the number in the answer
 * @throws Error when another process answers, or nothing
 */
export function answersAs(pid: number, port: number, question: string, sign: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => void (answer += text));
    socket.once('error', reject);
    socket.once('close', () => {
      if (answer.includes(`${sign}${pid}\r\n`)) resolve();
      else reject(new Error(`port ${port} is not answered by process ${pid}`));
    });
    socket.setTimeout(5000, () => socket.destroy());
    socket.write(question);
  });
}

/** For `probe` of a server that notes its process once it has its ports. @throws Error when it has not done so */
export async function hasNoted(pid: number, file: string): Promise<void> {
  const noted = Number(await readFile(file, 'utf8'));
  if (noted !== pid) throw new Error(`${file} names process ${noted} instead of ${pid}`);
}

interface ServerProcess {
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

interface ServerSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly account: Account | null;
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Fails until the server is ready, which is the process of that number. */
  readonly probe: (pid: number) => Promise<void>;
  /** Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

/** Milliseconds: some seconds, on a machine that has nothing else to do. */
const START_LIMIT = 180_000;
/** Milliseconds: a second at most, where there is nothing else to do. Databases that are killed lose what was written last. */
const STOP_LIMIT = 60_000;

/** Starts a server that can be stopped and started again. @throws Error with the server's log */
export async function runServer(spec: ServerSpec): Promise<Pick<RunningService, 'stop' | 'restart'>> {
  let server = await startServer(spec);
  return {
    stop: () => server.stop(spec.stopSignal),
    restart: async (pause) => {
      await server.stop(spec.stopSignal);
      await (typeof pause === 'number' ? sleep(pause) : pause());
      server = await startServer(spec);
    },
  };
}

/**
 * Starts a server and waits until `probe` succeeds. The server dies with us, also when we are killed (where the
 * system has `setpriv`).
 * @throws Error with the server's log when it ends early or is not ready within three minutes.
 */
async function startServer(spec: ServerSpec): Promise<ServerProcess> {
  const { program, args, account, folder, probe } = spec;
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : null;
  const identity =
    account === null ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  const command =
    setpriv === null ? [program, ...args] : [setpriv, '--pdeathsig', 'KILL', ...identity, program, ...args];
  const child = spawn(command[0] ?? program, command.slice(1), {
    ...(setpriv === null ? account : null),
    cwd: folder,
    env: { ...process.env, HOME: folder, LC_ALL: 'C.UTF-8', ...spec.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = `${log}${chunk.toString()}`.slice(-8000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once('error', (error) => keep(Buffer.from(String(error))));
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (ended) return;
    child.kill(signal);
    const gone = await Promise.race([end.then(() => true), sleep(STOP_LIMIT, false, { ref: false })]);
    if (!gone) child.kill('SIGKILL');
    await end;
  };

  const deadline = Date.now() + START_LIMIT;
  for (;;) {
    try {
      await probe(child.pid ?? 0);
      if (!ended) break;
      throw new Error('somebody else answers in its place');
    } catch (error) {
      if (ended || Date.now() > deadline) {
        await stop('SIGKILL');
        const logFile = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '');
        throw new Error(`${program} did not start: ${String(error)}\n${log}${logFile.slice(-8000)}`, {
          cause: error,
        });
      }
      await sleep(50);
    }
  }
  return { stop };
}
