import { AsyncResource } from 'node:async_hooks';
import { expect } from 'chai';
import {
  type Database,
  DuplicateError,
  prepareSql,
  RetryableError,
} from '../../../../src/common/sql/index.js';
import { onEveryDatabase } from '../../../conformance/databases.js';
import { rejection } from '../../../support/rejection.js';

const COUNT = prepareSql({ text: 'SELECT COUNT(*) AS n FROM "role"', columns: { n: 'integer' } });
const NAME = prepareSql({ text: 'SELECT "name" FROM "role" WHERE "id" = ?', columns: { name: 'text' } });
const RENAME = prepareSql({ text: 'UPDATE "role" SET "name" = ? WHERE "id" = ?' });

/** Made before any transaction: what runs in it belongs to none. */
const elsewhere = new AsyncResource('elsewhere');

describe('transactions', () => {
  onEveryDatabase((databaseOf) => {
    let database: Database;
    const role = (id: string) => database.table('role').insert({ id, name: id });
    const count = async (): Promise<number> => (await database.query(COUNT))[0]?.n ?? -1;

    before(() => {
      database = databaseOf();
    });
    beforeEach(async () => {
      await database.execute(prepareSql({ text: 'DELETE FROM "role"' }));
    });

    it('take in everything that is awaited in them, and nobody else sees it before the end', async () => {
      let outside = -1;
      await database.transaction(async () => {
        await role('a');
        await database.execute(RENAME, ['renamed', 'a']);
        expect(await count()).to.equal(1);
        expect(await database.query(NAME, ['a'])).to.deep.equal([{ name: 'renamed' }]);
        expect(await database.table('role').count()).to.equal(1);
        outside = await elsewhere.runInAsyncScope(count);
      });
      expect(outside).to.equal(0);
      expect(await count()).to.equal(1);
    });

    it('undo everything when the work throws', async () => {
      const failing = database.transaction(async () => {
        await role('a');
        await database.transaction(() => role('b'));
        throw new Error('no');
      });
      expect((await rejection(failing)).message).to.equal('no');
      expect(await count()).to.equal(0);
    });

    it('join the outer transaction', async () => {
      await database.transaction(async () => {
        await role('a');
        await database.transaction(() => role('b'));
        expect(await count()).to.equal(2);
      });
      expect(await count()).to.equal(2);
    });

    it('let a part fail alone in a savepoint', async () => {
      const effects: string[] = [];
      await database.transaction(async () => {
        await role('a');
        const failing = database.savepoint(async () => {
          await role('b');
          database.afterCommit(() => effects.push('b'));
          await role('a');
        });
        expect(await rejection(failing)).to.be.instanceOf(DuplicateError);
        await database.savepoint(() => role('c'));
      });
      const rows = await database.table('role').find({ order: ['id'] });
      expect(rows.map(({ id }) => id)).to.deep.equal(['a', 'c']);
      expect(effects).to.deep.equal([]);
      expect((await rejection(database.savepoint(() => role('y')))).message).to.match(/needs a transaction/);
    });

    it('run effects after the commit only, each of them, and outside', async () => {
      const effects: string[] = [];
      await database.transaction(async () => {
        await database.transaction(async () => {
          await role('a');
          database.afterCommit(() => {
            throw new Error('a failing effect');
          });
          database.afterCommit(() => effects.push('first'));
        });
        database.afterCommit(() => effects.push('second'));
        expect(effects).to.deep.equal([]);
      });
      expect(effects).to.deep.equal(['first', 'second']);
      database.afterCommit(() => effects.push('at once'));
      expect(effects).to.have.length(3);
      await rejection(
        database.transaction(() => {
          database.afterCommit(() => effects.push('never'));
          return Promise.reject(new Error('no'));
        }),
      );
      expect(effects).to.have.length(3);
    });

    it('are over when what follows the commit is, and nothing follows what was undone', async () => {
      const steps: string[] = [];
      const step = (name: string) => async (): Promise<void> => {
        await role(name);
        steps.push(name);
      };
      await database.transaction(async () => {
        await database.sequel(step('a'));
        await database.sequel(() => Promise.reject(new Error('a failing step')));
        await rejection(
          database.savepoint(() => database.sequel(step('b')).then(() => Promise.reject(new Error('no')))),
        );
        expect(steps).to.deep.equal([]);
      });
      expect(steps).to.deep.equal(['a']);
      await rejection(
        database.transaction(() => database.sequel(step('c')).then(() => Promise.reject(new Error('no')))),
      );
      await database.sequel(step('d'));
      expect(steps).to.deep.equal(['a', 'd']);
    });

    it('refuse late writes of work that was rolled back', async () => {
      let late: Promise<unknown> = Promise.resolve();
      let rolledBack = (): void => undefined;
      const end = new Promise<void>((resolve) => {
        rolledBack = resolve;
      });
      const failing = database.transaction(async () => {
        await role('a');
        late = end.then(() => role('late'));
        late.catch(() => undefined);
        throw new Error('no');
      });
      await rejection(failing);
      rolledBack();
      expect((await rejection(late)).message).to.match(/was rolled back/);
      expect(await count()).to.equal(0);
    });

    it('run again after a failure that a repetition heals', async () => {
      let attempts = 0;
      await database.transaction(async () => {
        attempts += 1;
        await role('a');
        if (attempts < 3) throw new RetryableError('conflict');
      });
      expect(attempts).to.equal(3);
      expect(await count()).to.equal(1);
    });

    it('lose no update when many count up at once', async () => {
      await database.table('role').insert({ id: 'n', name: 'n', description: '0' });
      const one = async (): Promise<void> =>
        database.transaction(async () => {
          // The update locks the row on all dialects.
          await database.execute(RENAME, ['n', 'n']);
          const row = await database.table('role').get('n');
          await database
            .table('role')
            .update({ id: 'n' }, { description: String(Number(row?.description) + 1) });
        });
      await Promise.all(Array.from({ length: 25 }, one));
      expect((await database.table('role').get('n'))?.description).to.equal('25');
    });
  });
});
