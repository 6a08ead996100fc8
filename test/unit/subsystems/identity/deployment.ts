/** All managers over a database of their own, with a record of what leaves them as events. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupKeys } from '../../../../src/common/crypto/key_rotation.js';
import { createNotifications, type Notifications } from '../../../../src/common/notifications/index.js';
import { type Database, dbSync, openDatabase } from '../../../../src/common/sql/index.js';
import { loadConf } from '../../../../src/conf/index.js';
import { createProviders } from '../../../../src/server/providers.js';
import type { Providers } from '../../../../src/subsystems/providers.js';

export interface Deployment {
  readonly providers: Providers;
  readonly database: Database;
  readonly notifications: Notifications;
  /** `identity.user.created <id>` and in-process `invalidate_user_tokens <id>`, in order. */
  readonly events: string[];
  close(): Promise<void>;
}

/** @param lines of keystone.conf, beginning in `[security_compliance]` */
export async function deploy(...lines: string[]): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-identity-'));
  const file = join(folder, 'keystone.conf');
  const keys = join(folder, 'fernet-keys');
  await setupKeys(keys, { maxActiveKeys: 3 });
  const text = [
    '[token]',
    'provider = fernet',
    '[fernet_tokens]',
    `key_repository = ${keys}`,
    '[auth]',
    'methods = password,token',
    '[DEFAULT]',
    'crypt_strength = 1000',
    '[security_compliance]',
    ...lines,
  ];
  await writeFile(file, text.join('\n'));
  const loaded = loadConf({ configFiles: [file], env: {} });
  const database = await openDatabase({ url: `sqlite:///${join(folder, 'keystone.db')}` });
  await dbSync(database);
  const events: string[] = [];
  const notifications = createNotifications({
    format: 'basic',
    optOut: [],
    afterCommit: (action) => database.afterCommit(action),
    drivers: [
      {
        send: (type, payload) => {
          const { resource_info: id = '', outcome = '' } = payload as {
            resource_info?: string;
            outcome?: string;
          };
          events.push(`${type} ${id}${outcome}`);
        },
        close: () => Promise.resolve(),
      },
    ],
  });
  notifications.on('invalidate_user_tokens', 'internal', ({ id }) => {
    events.push(`invalidate_user_tokens ${id}`);
  });
  const providers = await createProviders({ loaded, database, notifications, keys: new Map() });
  await providers.resource.createDomain({ name: 'Default' }, null, 'default');
  await settled();
  events.length = 0;
  return {
    providers,
    database,
    notifications,
    events,
    async close() {
      await providers.identity.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Drivers get their events a moment after the commit. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
