/** Looks for revoked tokens go together, and each still sees what was committed before it was asked for. */
import { expect } from 'chai';
import { AuditLooks, TOGETHER } from '../../../../src/subsystems/revoke/backends/audit_looks.js';
import { createDriver } from '../../../../src/subsystems/revoke/backends/sql.js';
import type { RevocationEvent, RevocationSubject } from '../../../../src/subsystems/revoke/types.js';
import { onEveryDatabase } from '../../../conformance/databases.js';
import { rejection } from '../../../support/rejection.js';

const NOW = Math.floor(Date.now() / 1000) * 1000;

const subjectOf = (auditId: string, auditChainId = auditId, issuedAt = NOW): RevocationSubject => ({
  userId: 'user',
  delegates: [],
  userDomainId: 'home',
  projectId: null,
  scopeDomainId: null,
  roleIds: [],
  trustId: null,
  consumerId: null,
  accessTokenId: null,
  auditId,
  auditChainId,
  issuedAt,
  expiresAt: NOW + 3_600_000,
});

describe('looks by audit ids', () => {
  interface Look {
    readonly ids: string[];
    readonly answer: (events: RevocationEvent[]) => void;
    readonly fail: (error: Error) => void;
  }
  let begun: Look[];
  let looks: AuditLooks;
  beforeEach(() => {
    begun = [];
    looks = new AuditLooks(
      (subjects) =>
        new Promise((answer, fail) => {
          begun.push({ ids: subjects.map(({ auditId }) => auditId), answer, fail });
        }),
    );
  });
  const event: RevocationEvent = { auditId: 'x', issuedBefore: NOW, revokedAt: NOW };
  const many = (count: number): string[] => Array.from({ length: count }, (_, number) => `t${number}`);

  it('begin at once when none is under way', () => {
    void looks.ask(subjectOf('only'));
    expect(begun.map(({ ids }) => ids)).to.deep.equal([['only']]);
  });

  it('wait for one that begins after they were asked for, and then go together', async () => {
    const first = looks.ask(subjectOf('first'));
    const others = many(TOGETHER + 1).map((id) => looks.ask(subjectOf(id)));
    expect(begun).to.have.length(1);
    begun[0]?.answer([]);
    expect(await first).to.deep.equal([]);
    expect(begun.map(({ ids }) => ids)).to.deep.equal([['first'], many(TOGETHER), [`t${TOGETHER}`]]);
    const meanwhile = looks.ask(subjectOf('meanwhile'));
    begun[1]?.answer([event]);
    expect(await Promise.all(others.slice(0, TOGETHER))).to.deep.equal(many(TOGETHER).map(() => [event]));
    expect(begun).to.have.length(3);
    begun[2]?.answer([]);
    expect(await others.at(-1)).to.deep.equal([]);
    expect(begun[3]?.ids).to.deep.equal(['meanwhile']);
    begun[3]?.answer([]);
    expect(await meanwhile).to.deep.equal([]);
    void looks.ask(subjectOf('later'));
    expect(begun[4]?.ids).to.deep.equal(['later']);
  });

  it('fail for those who were in a look that failed, and go on for the others', async () => {
    const failing = looks.ask(subjectOf('first'));
    const other = looks.ask(subjectOf('second'));
    begun[0]?.fail(new Error('gone'));
    expect((await rejection(failing)).message).to.equal('gone');
    begun[1]?.answer([event]);
    expect(await other).to.deep.equal([event]);
  });
});

onEveryDatabase((databaseOf) => {
  describe('looking for many tokens at a time', () => {
    it('finds the events about each of them, by its own id and by that of its chain', async () => {
      const database = databaseOf();
      const driver = createDriver({ database } as Parameters<typeof createDriver>[0]);
      const ids = Array.from({ length: 3 * TOGETHER }, (_, number) => `audit-${number}`);
      const times = { issuedBefore: NOW, revokedAt: NOW };
      const revoked = ids.filter((_, number) => number % 3 === 0);
      await driver.add([
        ...revoked.map((auditId) => ({ auditId, ...times })),
        { auditChainId: 'chain-1', ...times },
        { auditId: 'stranger', ...times },
        { auditId: 'audit-1', issuedBefore: NOW - 1000, revokedAt: NOW },
      ]);
      const subjects = ids.map((id, number) =>
        // One that is older than the rest must not be missed because of them, nor they because of it.
        subjectOf(id, `chain-${number % 2}`, number === 1 ? NOW - 1000 : NOW),
      );
      const found = await Promise.all(subjects.map((subject) => driver.candidatesByAudit(subject)));
      for (const [number, events] of found.entries()) {
        const names = events.flatMap(({ auditId, auditChainId }) => auditId ?? auditChainId ?? []);
        expect(names.includes(`audit-${number}`), `own event of ${number}`).to.equal(
          number % 3 === 0 || number === 1,
        );
        if (number % 2 === 1) expect(names, `event of the chain of ${number}`).to.include('chain-1');
        expect(names).not.to.include('stranger');
        expect(names.filter((name) => name === 'chain-1')).to.have.length.below(2);
      }
    });
  });
});
