/**
 * No window: what one process has committed holds for the next request of every other. The long version is
 * `npm run bench -- staleness`; here STALENESS_ROUNDS says how many rounds.
 */
import { expect } from 'chai';
import { services, startService } from '../support/services/index.js';
import { checkStaleness } from '../support/staleness/run.js';
import { type EmptyDatabase, emptyDatabase, type Kind } from '../unit/common/sql/support.js';

const ROUNDS = Number(process.env['STALENESS_ROUNDS'] ?? 100);
const CASES: readonly [kind: Kind, provider: 'fernet' | 'uuid', cached: boolean][] = [
  ['sqlite', 'fernet', false],
  ['mariadb', 'fernet', true],
  ['postgres', 'uuid', false],
];

for (const [kind, provider, cached] of CASES) {
  describe(`two processes on ${kind}, ${provider} tokens${cached ? ', with memcached' : ''}`, function stale() {
    this.timeout(600_000);
    let empty: EmptyDatabase;

    before(async function prepare() {
      if (cached && services.memcached.missing() !== null) this.skip();
      empty = await emptyDatabase(this, kind);
    });
    after(() => empty?.remove());

    it(`agree at once on what has changed, ${ROUNDS} times`, async () => {
      const memcached = cached ? await startService(services.memcached) : undefined;
      try {
        const database = kind === 'sqlite' ? null : empty.url;
        const report = await checkStaleness({
          database,
          provider,
          rounds: ROUNDS,
          seed: 4711,
          ...(memcached && { memcached }),
        });
        expect(report.wrong).to.deep.equal([]);
        expect(report.judged).to.be.at.least(5 * ROUNDS);
      } finally {
        await memcached?.stop();
      }
    });
  });
}
