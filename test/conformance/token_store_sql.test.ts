/** What only SQL can: find tokens by project, domain and role, and those of many users at once. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { loadConf } from '../../src/conf/index.js';
import { createDriver, deleteExpiredTokens } from '../../src/subsystems/token/backends/sql.js';
import type { NewStoredToken, TokenCriteria, TokenStore } from '../../src/subsystems/token/store.js';
import { onEveryDatabase } from './databases.js';
import { newToken } from './token_store.js';

const hex = (): string => randomBytes(16).toString('hex');

describe('tokens in SQL', function limited() {
  this.timeout(120_000);
  onEveryDatabase((databaseOf) => {
    let store: TokenStore;
    before(() => {
      const { conf } = loadConf({ sources: [], env: { HOME: tmpdir() } });
      store = createDriver({ conf, database: databaseOf(), keys: new Map() });
    });

    const created = async (wanted: Parameters<typeof newToken>[0]): Promise<NewStoredToken> => {
      const token = newToken(wanted);
      await store.create(token);
      return token;
    };
    /** Which of the tokens are listed as revoked. */
    const revoked = async (tokens: readonly NewStoredToken[]): Promise<boolean[]> => {
      const listed = new Map((await store.listRevoked()).map((token) => [token.id, token]));
      return tokens.map(({ id, facts }) => {
        const entry = listed.get(id);
        if (entry !== undefined) {
          expect(entry).to.deep.equal({ id, expiresAt: facts.expiresAt, auditId: facts.auditIds[0] });
        }
        return entry !== undefined;
      });
    };

    it('are deleted in small steps once they have expired, with word of each', async () => {
      const tokens = databaseOf().table('token');
      const now = Date.now();
      const good = await created({ user: hex() });
      await tokens.insertMany(
        Array.from({ length: 1201 }, () => ({ id: hex(), expires: new Date(now - 1000), valid: true })),
      );
      const steps: number[] = [];
      expect(await deleteExpiredTokens(databaseOf(), now, (count) => steps.push(count))).to.equal(1201);
      expect(steps).to.deep.equal([500, 1000, 1201]);
      expect((await store.read(good.id)).auditIds).to.deep.equal(good.facts.auditIds);
    });

    it('are deleted once, however many delete them at the same time, and new ones are stored meanwhile', async () => {
      const tokens = databaseOf().table('token');
      const now = Date.now();
      const old = new Date(now - 1000);
      await tokens.insertMany(Array.from({ length: 3000 }, () => ({ id: hex(), expires: old, valid: true })));
      const flush = (): Promise<number> => deleteExpiredTokens(databaseOf(), now, () => undefined);
      const storing = Promise.all(Array.from({ length: 50 }, () => created({ user: hex() })));
      const [one, other, third] = await Promise.all([flush(), flush(), flush()]);
      expect(one + other + third).to.equal(3000);
      for (const { id, facts } of await storing) {
        expect((await store.read(id)).auditIds).to.deep.equal(facts.auditIds);
      }
    });

    it('are found by what they name as a project, and not as something else', async () => {
      const project = hex();
      const tokens = [
        await created({ project }),
        await created({ project: hex() }),
        await created({ user: project }),
      ];
      await store.invalidateMatching({ projectId: project });
      expect(await revoked(tokens)).to.deep.equal([true, false, false]);
    });

    it('are found by role and by domain together with other things', async () => {
      const [user, project] = [hex(), hex()];
      const tokens = [await created({ user, project }), await created({ user })];
      for (const nothing of [
        { userId: user, roleId: 'other' },
        { userId: user, domainId: 'other' },
        { projectId: project, roleId: 'r_' },
        { projectId: project, roleId: '%' },
      ] satisfies TokenCriteria[]) {
        await store.invalidateMatching(nothing);
        expect(await revoked(tokens), JSON.stringify(nothing)).to.deep.equal([false, false]);
      }
      await store.invalidateMatching({ userId: user, roleId: 'r1' });
      expect(await revoked(tokens)).to.deep.equal([true, false]);
      await store.invalidateMatching({ userId: user, domainId: 'default' });
      expect(await revoked(tokens)).to.deep.equal([true, true]);
    });

    it('are found for hundreds of users at once, and for the parties of their trusts', async function test() {
      this.timeout(120_000);
      const project = hex();
      const users = Array.from({ length: 450 }, hex);
      const [first = '', last = ''] = [users[0], users.at(-1)];
      const trust = { id: hex(), trustor: hex(), trustee: last };
      const tokens = [
        await created({ user: first, project }),
        await created({ user: last, project }),
        await created({ user: trust.trustor, project, trust }),
        await created({ user: last, project: hex() }),
        await created({ user: hex(), project }),
        await created({ user: first }),
      ];
      await store.invalidateOfUsers?.(users, { projectId: project, roleId: 'r1' });
      expect(await revoked(tokens)).to.deep.equal([true, true, true, false, false, false]);
    });
  });
});
