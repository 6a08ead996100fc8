/** Services over one database, with directories in files, and a record of what they cost and tell. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupKeys } from '../../../../../src/common/crypto/key_rotation.js';
import { createNotifications, type Notifications } from '../../../../../src/common/notifications/index.js';
import { type Database, dbSync, openDatabase } from '../../../../../src/common/sql/index.js';
import { loadConf } from '../../../../../src/conf/index.js';
import { createProviders } from '../../../../../src/server/providers.js';
import type { Providers } from '../../../../../src/subsystems/providers.js';
import {
  type Content,
  DIRECTORY_PACKAGE,
  installDirectoryDriver,
} from '../../../../support/directory_driver.js';

/** What one process has. */
export interface Process {
  readonly providers: Providers;
  readonly database: Database;
  readonly notifications: Notifications;
  /** `identity.user.deleted <id>`, as they leave the process. */
  readonly events: string[];
  /** How many statements the database is asked to run. */
  statementsOf(work: () => Promise<unknown>): Promise<number>;
}

export interface Site extends Process {
  readonly folder: string;
  /** Another process on the same database. */
  process(): Promise<Process>;
  /** Write a directory; its path, for `[ldap] url`. */
  directory(name: string, content: Partial<Content>): Promise<string>;
  /** Write `keystone.DOMAIN.conf`; its path. */
  domainFile(name: string, lines: readonly string[], folder?: string): Promise<string>;
  /** Make a domain; its id. */
  domain(name: string): Promise<string>;
  /** The configuration that puts a domain into a directory. */
  configOf(directory: string): { identity: { driver: string }; ldap: { url: string } };
  close(): Promise<void>;
}

/** @param more of keystone.conf, by section; `FOLDER` in it is that of the site */
export async function createSite(more: Readonly<Record<string, readonly string[]>> = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-domains-'));
  const keys = join(folder, 'fernet-keys');
  await setupKeys(keys, { maxActiveKeys: 3 });
  await installDirectoryDriver(folder);
  const { identity = [], ...others } = more;
  const sections: Record<string, readonly string[]> = {
    DEFAULT: ['crypt_strength = 1000'],
    auth: ['methods = password,token'],
    token: ['provider = fernet'],
    fernet_tokens: [`key_repository = ${keys}`],
    identity: [`domain_config_dir = ${join(folder, 'domains')}`, ...identity],
    ...others,
  };
  const file = join(folder, 'keystone.conf');
  const text = Object.entries(sections).map(([name, lines]) => [`[${name}]`, ...lines].join('\n'));
  await writeFile(file, text.join('\n').replaceAll('FOLDER', folder));
  const opened: (() => Promise<void>)[] = [];

  async function open(): Promise<Process> {
    const database = await openDatabase({
      url: `sqlite:///${join(folder, 'keystone.db')}`,
      options: { sqlite_synchronous: false },
    });
    if (opened.length === 0) await dbSync(database);
    const events: string[] = [];
    const notifications = createNotifications({
      format: 'basic',
      optOut: [],
      afterCommit: (action) => database.afterCommit(action),
      drivers: [
        {
          send: (type, payload) => {
            events.push(`${type} ${(payload as { resource_info?: string }).resource_info ?? ''}`);
          },
          close: () => Promise.resolve(),
        },
      ],
    });
    const loaded = loadConf({ configFiles: [file], env: {} });
    const providers = await createProviders({ loaded, database, notifications, keys: new Map() });
    opened.push(async () => {
      await providers.identity.close();
      await database.close();
    });
    return {
      providers,
      database,
      notifications,
      events,
      statementsOf: (work) => statementsOf(database, work),
    };
  }

  const first = await open();
  await first.providers.resource.createDomain({ name: 'Default' }, null, 'default');
  return {
    ...first,
    folder,
    process: open,
    async directory(name, content) {
      const path = join(folder, `${name}.json`);
      await writeFile(path, JSON.stringify({ users: [], groups: [], ...content }));
      return path;
    },
    async domainFile(name, lines, under = '') {
      const place = join(folder, 'domains', under);
      await mkdir(place, { recursive: true });
      const path = join(place, `keystone.${name}.conf`);
      await writeFile(path, lines.join('\n'));
      return path;
    },
    domain: async (name) => (await first.providers.resource.createDomain({ name }, null)).id,
    configOf: (directory) => ({ identity: { driver: DIRECTORY_PACKAGE }, ldap: { url: directory } }),
    async close() {
      for (const close of opened.reverse()) await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<number> {
  const { engine } = database as unknown as {
    engine: Record<'all' | 'run', (...args: unknown[]) => unknown>;
  };
  const { all, run } = engine;
  let asked = 0;
  const counted =
    (method: typeof all): typeof all =>
    (...args) => {
      asked += 1;
      return method.apply(engine, args);
    };
  engine.all = counted(all);
  engine.run = counted(run);
  try {
    await work();
  } finally {
    engine.all = all;
    engine.run = run;
  }
  return asked;
}

/** People of a directory: ids and passwords from their names. */
export function people(...names: readonly string[]): Content['users'] {
  return names.map((name) => ({ id: `id-${name}`, name, password: `secret-${name}` }));
}
