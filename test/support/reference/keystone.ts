/** Debian's real Keystone (release 22, Zed) under uwsgi, to compare with: one process with a database of its own. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startService } from '../services/index.js';
import { memcached } from '../services/memcached.js';
import { findProgram, freePort, removeFolder, runServer } from '../services/processes.js';
import type { RunningService } from '../services/types.js';
import { findPython } from './python.js';

export interface Reference {
  /** Without a version: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The process that serves. */
  readonly pid: number;
  readonly admin: Readonly<Record<'name' | 'password' | 'project', string>>;
  /** Its keystone.conf. */
  readonly conf: string;
  stop(): Promise<void>;
}

export interface ReferenceOptions {
  /** Whether it caches in a memcached of its own, as deployers are told to. */
  readonly caching?: boolean;
  /** So many workers under a master process; without it, one process that does everything. */
  readonly workers?: number;
  /** More of keystone.conf, by section. */
  readonly conf?: Readonly<Record<string, readonly string[]>>;
}

const PROGRAMS = ['keystone-manage', 'keystone-wsgi-public', 'uwsgi'] as const;

/** Null when all is installed that it needs; otherwise what is missing, in words. */
export function referenceMissing({ caching = false }: ReferenceOptions = {}): string | null {
  const programs = caching ? [...PROGRAMS, 'memcached'] : PROGRAMS;
  const missing = programs.filter((name) => findProgram(name) === null);
  if (missing.length > 0) return `${missing.join(', ')} not found (packages keystone, uwsgi, memcached)`;
  return findPython(['keystone']) === null ? 'package python3-keystone is not installed' : null;
}

async function writeKeys(folder: string): Promise<void> {
  // Others who may read keys would cost it a line of its log with every token.
  await mkdir(folder, { mode: 0o700 });
  for (const name of ['0', '1']) {
    await writeFile(join(folder, name), `${randomBytes(32).toString('base64url')}=`, { mode: 0o600 });
  }
}

function confText(folder: string, cache: RunningService | null, more: ReferenceOptions['conf'] = {}): string {
  const keys = `key_repository = ${join(folder, 'keys')}`;
  const sections: Record<string, readonly string[]> = {
    DEFAULT: [`log_file = ${join(folder, 'server.log')}`, 'insecure_debug = false'],
    database: [`connection = sqlite:///${join(folder, 'keystone.db')}`],
    fernet_tokens: [keys],
    fernet_receipts: [keys],
    credential: [keys],
    cache:
      cache === null
        ? ['enabled = false']
        : ['enabled = true', 'backend = dogpile.cache.memcached', `memcache_servers = ${cache.address}`],
  };
  for (const [name, lines] of Object.entries(more)) sections[name] = [...(sections[name] ?? []), ...lines];
  return Object.entries(sections)
    .map(([name, lines]) => [`[${name}]`, ...lines, ''].join('\n'))
    .join('\n');
}

/** It reads through one connection while it writes through another, which SQLite allows only with a write-ahead log. */
async function allowReadersBesideWriter(file: string): Promise<void> {
  const code = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode=WAL")';
  await promisify(execFile)(findPython(['keystone']) ?? '', ['-c', code, file]);
}

const ADMIN = { name: 'admin', password: 'Adm1n-secret', project: 'admin' } as const;

/** @throws Error with the log when it does not start */
export async function startReference(options: ReferenceOptions = {}): Promise<Reference> {
  const missing = referenceMissing(options);
  if (missing !== null) throw new Error(missing);
  const folder = await mkdtemp(join(tmpdir(), 'keystone-reference-'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.toReversed()) await each();
    await removeFolder(folder);
  };
  try {
    const cache = options.caching === true ? await startService(memcached) : null;
    if (cache !== null) stops.push(() => cache.stop());
    await writeKeys(join(folder, 'keys'));
    const conf = join(folder, 'keystone.conf');
    await writeFile(conf, confText(folder, cache, options.conf));
    const manage = (...args: readonly string[]): Promise<unknown> =>
      promisify(execFile)(findProgram('keystone-manage') ?? '', ['--config-file', conf, ...args], {
        cwd: folder,
      });
    await manage('db_sync');
    await allowReadersBesideWriter(join(folder, 'keystone.db'));
    const names = ['--bootstrap-username', ADMIN.name, '--bootstrap-project-name', ADMIN.project];
    await manage('bootstrap', '--bootstrap-password', ADMIN.password, ...names);

    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const pidFile = join(folder, 'pid');
    const http = [
      '--http-socket',
      `127.0.0.1:${port}`,
      '--buffer-size',
      '65535',
      '--rem-header',
      'Content-Length',
    ];
    const app = [
      '--plugin',
      'python3',
      '--wsgi-file',
      findProgram('keystone-wsgi-public') ?? '',
      '--need-app',
    ];
    const workers = options.workers === undefined ? [] : ['--master', '--processes', String(options.workers)];
    const server = await runServer({
      program: findProgram('uwsgi') ?? '',
      // One thread for each worker, and by default no master: all that is done for a request is done by one process.
      args: [...http, ...app, ...workers, '--disable-logging', '--pidfile', pidFile, '--die-on-term'],
      account: null,
      folder,
      environment: { OS_KEYSTONE_CONFIG_FILES: conf, PYTHONDONTWRITEBYTECODE: '1' },
      probe: async () => {
        const { status } = await fetch(`${url}/v3`);
        if (status !== 200) throw new Error(`status ${status}`);
      },
    });
    stops.push(() => server.stop());
    return { url, pid: Number(await readFile(pidFile, 'utf8')), admin: ADMIN, conf, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
