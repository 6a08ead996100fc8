import { inspect } from 'node:util';
import { expect } from 'chai';
import { Hints } from '../../../../src/common/hints.js';
import {
  type Database,
  DuplicateError,
  ForeignKeyError,
  InvalidValueError,
  prepareSql,
} from '../../../../src/common/sql/index.js';
import { onEveryDatabase } from '../../../conformance/databases.js';
import { rejection } from '../../../support/rejection.js';

const AWKWARD = `it's \\ "x" ? ?? $1 :name %s 100%_ü漢`;
const ROOT = '<<keystone.domain.root>>';

describe('tables', () => {
  onEveryDatabase((databaseOf) => {
    let database: Database;
    const domain = (id: string, more: object = {}) => ({
      id,
      name: id,
      domain_id: ROOT,
      is_domain: true,
      ...more,
    });

    before(async () => {
      database = databaseOf();
      await database.table('project').insert(domain('default', { enabled: true }));
    });

    it('give back what was put in, typed alike', async () => {
      const projects = database.table('project');
      await projects.insert(domain('p1', { description: AWKWARD, enabled: false, extra: '{"a": 1}' }));
      expect(await projects.get('p1')).to.deep.equal({
        id: 'p1',
        name: 'p1',
        extra: '{"a": 1}',
        description: AWKWARD,
        enabled: false,
        domain_id: ROOT,
        parent_id: null,
        is_domain: true,
      });
      expect(await projects.findOne({ description: AWKWARD })).to.have.property('id', 'p1');
      expect(await projects.get('nope')).to.equal(null);
    });

    it('count up keys, keep times, days and long integers', async () => {
      const created = new Date('2026-02-03T04:05:06.000Z');
      const user = { id: 'u1', domain_id: 'default', created_at: created, last_active_at: '2026-02-03' };
      await database.table('user').insert(user);
      const local = { user_id: 'u1', domain_id: 'default', name: 'Ann' };
      const key = await database.table('local_user').insert(local);
      expect(key).to.be.a('number').above(0);
      const microseconds = 1_770_091_506_123_456;
      const password = { local_user_id: key, created_at: created, created_at_int: microseconds };
      const passwordKey = await database.table('password').insert(password);
      expect(await database.table('user').get('u1')).to.include({
        last_active_at: '2026-02-03',
        enabled: null,
      });
      expect((await database.table('user').get('u1'))?.created_at).to.deep.equal(created);
      expect(await database.table('password').get(passwordKey)).to.include({
        created_at_int: microseconds,
        self_service: false,
      });
      expect(await database.table('password').find({ where: { created_at: created } })).to.have.length(1);
      expect(
        await database.table('password').find({ where: { created_at: { lt: created } } }),
      ).to.have.length(0);
      expect(
        await database.table('password').find({ where: { created_at: { lte: created } } }),
      ).to.have.length(1);
    });

    it('insert many rows at once, all or none', async () => {
      const roles = database.table('role');
      const many = Array.from({ length: 1201 }, (_, position) => ({
        id: `r${position}`,
        name: `role ${position}`,
      }));
      await roles.insertMany(many);
      expect(await roles.count()).to.equal(1201);
      expect(await roles.get('r1200')).to.include({ domain_id: '<<null>>', description: null });
      const failing = [
        ...Array.from({ length: 700 }, (_, n) => ({ id: `s${n}`, name: `s ${n}` })),
        { id: 'r1', name: 'x' },
      ];
      expect(await rejection(roles.insertMany(failing))).to.be.instanceOf(DuplicateError);
      expect(await roles.count()).to.equal(1201);
      await roles.insertMany([]);
    });

    it('find by conditions, lists, order and limit', async () => {
      const roles = database.table('role');
      const names = async (options: Parameters<typeof roles.find>[0]) =>
        (await roles.find(options)).map(({ id }) => id);
      expect(await names({ where: { id: ['r3', 'r1', 'nope'] }, order: ['id'] })).to.deep.equal(['r1', 'r3']);
      expect(await names({ where: { id: [] } })).to.deep.equal([]);
      expect(await names({ where: { id: ['r1', 'r2'], name: { not: 'role 1' } } })).to.deep.equal(['r2']);
      expect(await names({ where: { id: { gte: 'r998' }, description: null }, order: ['id'] })).to.deep.equal(
        ['r998', 'r999'],
      );
      expect(await names({ order: ['id'], limit: 2 })).to.deep.equal(['r0', 'r1']);
      expect(await names({ where: { id: undefined }, order: ['id'], limit: 1 })).to.deep.equal(['r0']);
      expect(await roles.count({ description: { not: null } })).to.equal(0);
    });

    it('find nothing, and do not fail, for values that the column cannot hold', async () => {
      const roles = database.table('role');
      expect(await roles.get('a\0b')).to.equal(null);
      expect(await roles.get('x'.repeat(5000))).to.equal(null);
      expect(await roles.find({ where: { name: 'a\0b' } })).to.deep.equal([]);
      expect(await roles.find({ where: { name: ['a\0b', 'role 1'] } })).to.have.length(1);
      // MySQL would find every text equal to the number 0.
      expect(await roles.find({ where: { name: 0 as unknown as string } })).to.deep.equal([]);
      expect(await roles.delete({ id: 'a\0b' })).to.equal(0);
    });

    it('count the rows that an update or a delete met', async () => {
      const roles = database.table('role');
      expect(await roles.update({ id: ['r1', 'r2'] }, { description: 'd' })).to.equal(2);
      expect(await roles.update({ id: ['r1', 'r2'] }, { description: 'd' })).to.equal(2);
      expect(await roles.update({ id: 'nope' }, { description: 'd' })).to.equal(0);
      expect(await roles.update({ id: 'r1' }, {})).to.equal(1);
      expect((await roles.get('r1'))?.description).to.equal('d');
      expect(await roles.delete({ id: ['r1', 'r2'] })).to.equal(2);
      expect(await roles.delete({ id: ['r1', 'r2'] })).to.equal(0);
    });

    it('never change all rows for want of a condition', async () => {
      expect(() => database.table('role').delete({})).to.throw(/needs a condition/);
      const update = database.table('role').update({ id: undefined }, { name: 'x' });
      expect((await rejection(update)).message).to.match(/needs a condition/);
    });

    it('name the key that a duplicate violates, from tables and statements alike', async () => {
      const projects = database.table('project');
      const byKey = await rejection(projects.insert({ ...domain('p1'), name: 'other' }));
      expect(byKey).to.be.instanceOf(DuplicateError).and.to.include({ table: 'project' });
      expect(byKey).to.have.property('columns').that.deep.equals(['id']);
      const byName = await rejection(projects.insert({ ...domain('p2'), name: 'p1' }));
      expect(byName).to.have.property('columns').that.deep.equals(['domain_id', 'name']);
      const rename = await rejection(projects.update({ id: 'default' }, { name: 'p1' }));
      expect(rename).to.have.property('columns').that.deep.equals(['domain_id', 'name']);
      const insert = prepareSql({
        text: 'INSERT INTO "local_user" ("user_id", "domain_id", "name") VALUES (?, ?, ?)',
      });
      const statement = await rejection(database.execute(insert, ['u1', 'default', 'Bob']));
      expect(statement).to.be.instanceOf(DuplicateError);
      expect(statement).to.have.property('columns').that.deep.equals(['user_id']);
    });

    it('tell broken references and unfit values from duplicates', async () => {
      const local = { user_id: 'nobody', domain_id: 'default', name: 'Nobody' };
      expect(await rejection(database.table('local_user').insert(local))).to.be.instanceOf(ForeignKeyError);
      expect(await rejection(database.table('project').delete({ id: ROOT }))).to.be.instanceOf(
        ForeignKeyError,
      );
      const long = { id: 'x'.repeat(65), name: 'x' };
      expect(await rejection(database.table('role').insert(long))).to.be.instanceOf(InvalidValueError);
      const missing = prepareSql({ text: 'INSERT INTO "role" ("id") VALUES (?)' });
      expect(await rejection(database.execute(missing, ['x']))).to.be.instanceOf(InvalidValueError);
    });

    it('say nothing of statements and values in what goes wrong', async () => {
      const secret = 'top-secret-value';
      const columns = { nope: 'text' } as const;
      const bad = prepareSql({ text: 'SELECT "role"."nope" FROM "role" WHERE "name" = ?', columns });
      const incomplete = prepareSql({ text: 'INSERT INTO "role" ("id", "extra") VALUES (?, ?)' });
      const errors = [
        await rejection(database.query(bad, [secret])),
        await rejection(database.execute(incomplete, ['x', secret])),
        await rejection(database.table('role').insert({ id: 'x', name: 'role 5', extra: secret })),
        await rejection(database.table('role').insertMany([{ id: 'x', name: 'role 5', extra: secret }])),
        await rejection(database.table('role').update({ id: 'r7' }, { name: 'role 5', extra: secret })),
      ];
      for (const error of errors) {
        expect(error.message).not.to.match(/select|insert/i);
        expect(inspect(error, { depth: 9 })).not.to.include(secret);
      }
    });

    it('delete what belongs to a deleted row', async () => {
      await database.table('user').delete({ id: 'u1' });
      expect(await database.table('local_user').count()).to.equal(0);
      expect(await database.table('password').count()).to.equal(0);
    });

    it('apply hints on their columns and leave the others', async () => {
      const hints = new Hints()
        .addFilter('name', 'ROLE 99', { comparator: 'startswith', caseSensitive: false })
        .addFilter('colour', 'red')
        .setLimit(3);
      const roles = await database.table('role').find({ hints, order: ['id'] });
      expect(roles.map(({ id }) => id)).to.deep.equal([
        'r99',
        'r990',
        'r991',
        'r992',
        'r993',
        'r994',
        'r995',
        'r996',
        'r997',
        'r998',
        'r999',
      ]);
      expect(hints.unsatisfied().map(({ name }) => name)).to.deep.equal(['colour']);
      expect(hints.limit?.truncated).to.equal(false);
    });

    it('cut at the limit once all filters are applied', async () => {
      const hints = new Hints().addFilter('name', 'role 99', { comparator: 'startswith' }).setLimit(3);
      expect(await database.table('role').find({ hints, order: ['id'] })).to.have.length(3);
      expect(hints.limit?.truncated).to.equal(true);
      const exact = new Hints().addFilter('name', 'role 99', { comparator: 'startswith' }).setLimit(11);
      expect(await database.table('role').find({ hints: exact })).to.have.length(11);
      expect(exact.limit?.truncated).to.equal(false);
    });
  });
});
