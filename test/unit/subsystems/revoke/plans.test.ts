/** Revocation events are found by what they name: how many others there are does not matter, on any database. */
import { expect } from 'chai';
import { uuidHex } from '../../../../src/common/crypto/random_ids.js';
import { type Database, type PreparedSql, prepareSql } from '../../../../src/common/sql/index.js';
import { BY_AUDITS, CANDIDATES, createDriver } from '../../../../src/subsystems/revoke/backends/sql.js';
import type { RevocationCriteria, RevocationSubject } from '../../../../src/subsystems/revoke/types.js';
import { onEveryDatabase } from '../../../conformance/databases.js';

const EVENTS = 10_000;
const NOW = Math.floor(Date.now() / 1000) * 1000;

/** One of each kind, of nobody that is asked about. */
const STRANGERS: readonly (() => RevocationCriteria)[] = [
  () => ({ auditId: uuidHex().slice(0, 22) }),
  () => ({ userId: uuidHex() }),
  () => ({ userId: uuidHex(), roleId: uuidHex(), projectId: uuidHex() }),
  () => ({ projectId: uuidHex() }),
  () => ({ domainId: uuidHex() }),
  () => ({ roleId: uuidHex() }),
  () => ({ trustId: uuidHex() }),
  () => ({ consumerId: uuidHex() }),
  () => ({ accessTokenId: uuidHex() }),
  () => ({ auditChainId: uuidHex().slice(0, 22) }),
];

const subject: RevocationSubject = {
  userId: 'user',
  delegates: ['user', 'other'],
  userDomainId: 'home',
  projectId: 'project',
  scopeDomainId: 'away',
  roleIds: ['role', 'more'],
  trustId: 'trust',
  consumerId: 'consumer',
  accessTokenId: 'access',
  auditId: 'audit',
  auditChainId: 'chain',
  issuedAt: NOW,
  expiresAt: NOW + 3_600_000,
};

onEveryDatabase((databaseOf) => {
  describe('looking up revocation events', function lookups() {
    this.timeout(120_000);

    it('reads no other events than those that could mean the token', async () => {
      const database = databaseOf();
      const driver = createDriver({ database } as Parameters<typeof createDriver>[0]);
      const times = { issuedBefore: NOW, revokedAt: NOW };
      const strangers = Array.from({ length: EVENTS }, (_, n) => ({
        ...STRANGERS[n % STRANGERS.length]?.(),
        ...times,
      }));
      for (let start = 0; start < EVENTS; start += 1000)
        await driver.add(strangers.slice(start, start + 1000));
      if (database.dialect !== 'sqlite') await database.execute(analyze(database));
      expect(await driver.candidates(subject)).to.deep.equal([]);
      expect(await rowsRead(database, CANDIDATES, () => driver.candidates(subject))).to.be.below(50);
      const tokens = Array.from({ length: 9 }, (_, n) => ({
        ...subject,
        auditId: `a${n}`,
        auditChainId: `c${n}`,
      }));
      const looks = (): Promise<unknown> =>
        Promise.all(tokens.map((token) => driver.candidatesByAudit(token)));
      expect(await rowsRead(database, BY_AUDITS, looks)).to.be.below(50);
      await driver.add({ consumerId: 'consumer', ...times });
      expect(await driver.candidates(subject)).to.have.length(1);
    });
  });
});

const analyze = ({ dialect }: Database): ReturnType<typeof prepareSql> =>
  prepareSql({ text: `ANALYZE ${dialect === 'mysql' ? 'TABLE ' : ''}revocation_event`, once: true });

/** How many rows of the table, or entries of its indexes, the database goes through. */
async function rowsRead(
  database: Database,
  statement: PreparedSql<unknown>,
  work: () => Promise<unknown>,
): Promise<number> {
  if (database.dialect === 'mysql') {
    const status = prepareSql({
      text: "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_rnd_next', 'Handler_read_prev')",
      columns: { Value: 'text' },
    });
    // In one session.
    return database.transaction(async () => {
      const count = async (): Promise<number> =>
        (await database.query(status)).reduce((sum, { Value }) => sum + Number(Value), 0);
      const none = await count();
      const before = await count();
      await work();
      return (await count()) - before - (before - none);
    });
  }
  const values = "'x'";
  const text = statement.text.replaceAll('issued_before >= ?', `issued_before >= '2001-01-01 00:00:00'`);
  const plan = text.replaceAll('??', values).replaceAll('?', values);
  if (database.dialect === 'sqlite') {
    const explain = prepareSql({
      text: `EXPLAIN QUERY PLAN ${plan}`,
      columns: { detail: 'text' },
      once: true,
    });
    const rows = await database.query({ ...explain, readOnly: true });
    const looks = rows.map(({ detail }) => detail).filter((detail) => detail.includes('revocation_event'));
    expect(looks).to.have.length(plan.split(' UNION ALL ').length);
    // Down to the time: no arm goes through all events that lack something.
    for (const look of looks)
      expect(look).to.match(/^SEARCH .*=\? AND .*issued_before>\?\)$|_id=\? AND issued_before>\?\)$/);
    return 0;
  }
  const explain = prepareSql({
    text: `EXPLAIN (ANALYZE, FORMAT TEXT) ${plan}`,
    columns: { 'QUERY PLAN': 'text' },
    once: true,
  });
  const lines = (await database.query({ ...explain, readOnly: true })).map((row) => row['QUERY PLAN']);
  expect(lines.filter((line) => line.includes('Seq Scan'))).to.deep.equal([]);
  return lines.reduce((sum, line) => sum + Number(/Rows Removed by \w+: (\d+)/.exec(line)?.[1] ?? 0), 0);
}
