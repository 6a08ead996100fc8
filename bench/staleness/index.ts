/**
 * Kept tokens and answers are never stale: two processes on one database, random changes through one, validation
 * through the other at once.
 *
 * Run: `npm run bench -- staleness [sqlite] [mariadb] [postgres] [--rounds N] [--seed N] [--provider fernet|uuid]
 * [--memcached]`; all databases and 10,000 rounds unless told otherwise; with `--memcached` both share a cache, which
 * is restarted now and then. Exit status 1 when an answer was stale.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openDatabase, prepareSql } from '../../src/common/sql/index.js';
import { services, startService } from '../../test/support/services/index.js';
import type { RunningService } from '../../test/support/services/types.js';
import { checkStaleness } from '../../test/support/staleness/run.js';

const KINDS = ['sqlite', 'mariadb', 'postgres'] as const;
type Kind = (typeof KINDS)[number];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function emptyOn(server: RunningService): Promise<string> {
  const connection = await openDatabase({ url: server.address });
  await connection.execute(prepareSql({ text: 'CREATE DATABASE staleness', once: true }));
  await connection.close();
  return server.address.replace(/\/[^/]*$/, '/staleness');
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      provider: { type: 'string', default: 'fernet' },
      memcached: { type: 'boolean', default: false },
    },
  });
  const kinds = positionals.length === 0 ? KINDS : (positionals as Kind[]);
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) throw new Error(`${unknown}: the databases are ${KINDS.join(', ')}`);
  const { provider } = values;
  if (provider !== 'fernet' && provider !== 'uuid') throw new Error(`--provider ${provider}: fernet or uuid`);
  let isFresh = true;
  for (const kind of kinds) {
    const started: RunningService[] = [];
    try {
      const start = async (name: keyof typeof services): Promise<RunningService> => {
        const service = await startService(services[name]);
        started.push(service);
        return service;
      };
      const memcached = values.memcached ? await start('memcached') : undefined;
      const database = kind === 'sqlite' ? null : await emptyOn(await start(kind));
      say(`${kind}, ${provider} tokens${values.memcached ? ', memcached' : ''}, seed ${values.seed}`);
      const report = await checkStaleness({
        database,
        provider,
        rounds: Number(values.rounds),
        seed: Number(values.seed),
        ...(memcached && { memcached }),
        onProgress: (round) => void (round % 500 === 0 && say(`  ${round} rounds`)),
      });
      for (const [change, times] of report.made) say(`  ${change}: ${times}`);
      for (const wrong of report.wrong) say(`  STALE ${wrong}`);
      say(`  ${report.judged} answers, ${report.wrong.length} stale`);
      isFresh &&= report.wrong.length === 0;
    } finally {
      for (const service of started) await service.stop();
    }
  }
  return isFresh;
}

process.exitCode = (await main()) ? 0 : 1;
