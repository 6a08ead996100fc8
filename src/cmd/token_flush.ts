import { deleteExpiredTokens } from '../server/token_store.js';
import type { ManageCommand } from './command.js';
import { withDatabase } from './database.js';
import { progressLines } from './progress.js';

/** Providers whose tokens say everything themselves. */
const KEPT_NOWHERE = new Set(['fernet', 'jws']);

function reasonFor(driver: string): string {
  if (driver.startsWith('memcache'))
    return ': tokens have an expiry there, and memcached drops them by itself';
  if (driver === 'kvs') return ': tokens are in the memory of the server, and they end with the process';
  return ': only tokens in the SQL database stay after they have expired';
}

export const tokenFlush: ManageCommand = {
  name: 'token_flush',
  summary: 'delete expired tokens from the database',
  details:
    'Delete the tokens that have expired from the table of [token] driver = sql. They are of no use to anybody, but' +
    ' stay until they are deleted: run it from a cron job. It deletes in small steps, so that services are not held' +
    ' up. Tokens in memcached go by themselves; Fernet tokens are kept nowhere.',
  examples: [['token_flush', 'from a cron job, every hour']],
  configure(command, run) {
    command.action(() =>
      run(async ({ loadConf, output }) => {
        const loaded = loadConf();
        const { driver, provider } = loaded.conf.token;
        if (driver !== 'sql') {
          output.note(`[token] driver = ${driver}: token_flush is not needed${reasonFor(driver)}`);
          return;
        }
        if (KEPT_NOWHERE.has(provider)) {
          output.note(
            `[token] provider = ${provider}: its tokens are kept nowhere; token_flush is needed once, for those of` +
              ' the provider before',
          );
        }
        await withDatabase(loaded, async (database) => {
          const report = progressLines(output);
          const count = await deleteExpiredTokens(database, Date.now(), (soFar) =>
            report(() => `${soFar} expired tokens deleted so far`),
          );
          output.line(count === 1 ? '1 expired token deleted' : `${count} expired tokens deleted`);
        });
      }),
    );
  },
};
