/**
 * No window: what one process has committed holds for the next request of every other. The long version is
 * `npm run bench -- staleness`; here STALENESS_ROUNDS says how many rounds.
 */
import { expect } from 'chai';
import { type OwnMemcached, ownMemcached } from '../support/services/own_memcached.js';
import { checkStaleness } from '../support/staleness/run.js';
import { type EmptyDatabase, emptyDatabase, type Kind } from '../unit/common/sql/support.js';

const ROUNDS = Number(process.env['STALENESS_ROUNDS'] ?? 100);
const CASES: readonly [kind: Kind, provider: 'fernet' | 'uuid', cached: boolean][] = [
  ['sqlite', 'fernet', false],
  ['mariadb', 'fernet', true],
  ['postgres', 'uuid', false],
];

for (const [kind, provider, cached] of CASES) {
  const cache = cached ? ', with memcached that dies and comes back' : '';
  describe(`two processes on ${kind}, ${provider} tokens${cache}`, function stale() {
    this.timeout(600_000);
    let empty: EmptyDatabase;
    let memcached: OwnMemcached | undefined;

    before(async function prepare() {
      if (cached) memcached = await ownMemcached(this);
      empty = await emptyDatabase(this, kind);
    });
    after(() => Promise.all([empty?.remove(), memcached?.kill()]));

    it(`tell the truth at once about what has changed, ${ROUNDS} times`, async () => {
      const report = await checkStaleness({
        database: kind === 'sqlite' ? null : empty.url,
        provider,
        rounds: ROUNDS,
        seed: 4711,
        memcached,
        outages: cached,
      });
      expect(report.wrong).to.deep.equal([]);
      expect(report.judged).to.be.at.least(6 * ROUNDS);
      if (cached) expect(report.found, 'answers out of the cache').to.be.above(0);
    });
  });
}
