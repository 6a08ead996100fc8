import { expect } from 'chai';
import { type Comparator, Hints } from '../../../../src/common/hints.js';
import { filterSql, prepareSql } from '../../../../src/common/sql/index.js';
import { onEveryDatabase } from '../../../conformance/databases.js';

const NAMES = [
  'Abc',
  'abc',
  'ABC',
  'xabcx',
  '100%',
  '1000',
  'a_b',
  'aXb',
  'a!b',
  '[ab]',
  'a*b',
  'a?b',
  'é',
  'É',
  'e',
  'c:\\d',
];

describe('filters in SQL', () => {
  onEveryDatabase((databaseOf) => {
    before(async () => {
      const roles = NAMES.filter(
        (name, position) => NAMES.findIndex((other) => same(other, name)) === position,
      );
      await databaseOf()
        .table('role')
        .insertMany(roles.map((name) => ({ id: name, name, domain_id: 'd' })));
      // Names that MySQL takes for the same are told apart by their domain.
      const others = NAMES.filter((name) => !roles.includes(name));
      await databaseOf()
        .table('role')
        .insertMany(others.map((name, position) => ({ id: `${position}`, name, domain_id: `d${position}` })));
    });

    const found = async (
      value: string,
      comparator: Comparator,
      caseSensitive = true,
    ): Promise<string[] | 'left to the caller'> => {
      const hints = new Hints().addFilter('name', value, { comparator, caseSensitive });
      const rows = await databaseOf().table('role').find({ hints });
      return hints.unsatisfied().length > 0 ? 'left to the caller' : rows.map(({ name }) => name).sort();
    };

    it('tell cases apart', async () => {
      expect(await found('abc', 'equals')).to.deep.equal(['abc']);
      expect(await found('Abc', 'equals')).to.deep.equal(['Abc']);
      expect(await found('abc ', 'equals')).to.deep.equal([]);
      expect(await found('abc', 'contains')).to.deep.equal(['abc', 'xabcx']);
      expect(await found('Ab', 'startswith')).to.deep.equal(['Abc']);
      expect(await found('bc', 'endswith')).to.deep.equal(['Abc', 'abc']);
      expect(await found('é', 'equals')).to.deep.equal(['é']);
      expect(await found('É', 'contains')).to.deep.equal(['É']);
    });

    it('take cases for the same when asked to', async () => {
      expect(await found('aBc', 'contains', false)).to.deep.equal(['ABC', 'Abc', 'abc', 'xabcx']);
      expect(await found('AB', 'startswith', false)).to.deep.equal(['ABC', 'Abc', 'abc']);
      expect(await found('bC', 'endswith', false)).to.deep.equal(['ABC', 'Abc', 'abc']);
      expect(await found('e', 'contains', false)).to.deep.equal(['e']);
    });

    it('leave letters beyond ASCII to the caller when case does not matter', async () => {
      expect(await found('É', 'contains', false)).to.equal('left to the caller');
    });

    it('take no character of the value for a sign of the pattern', async () => {
      for (const caseSensitive of [true, false]) {
        expect(await found('0%', 'contains', caseSensitive)).to.deep.equal(['100%']);
        expect(await found('a_', 'startswith', caseSensitive)).to.deep.equal(['a_b']);
        expect(await found('a!', 'startswith', caseSensitive)).to.deep.equal(['a!b']);
        expect(await found('[ab]', 'contains', caseSensitive)).to.deep.equal(['[ab]']);
        expect(await found('a*', 'startswith', caseSensitive)).to.deep.equal(['a*b']);
        expect(await found('?b', 'endswith', caseSensitive)).to.deep.equal(['a?b']);
        expect(await found(':\\d', 'endswith', caseSensitive)).to.deep.equal(['c:\\d']);
      }
    });

    it('serve statements with joins as well', async () => {
      const database = databaseOf();
      const hints = new Hints().addFilter('name', 'ab', { comparator: 'startswith' });
      const { text, parameters } = filterSql(
        hints,
        { name: { sql: '"r"."name"', kind: 'varchar' } },
        database.dialect,
      );
      const statement = prepareSql({
        text: `SELECT "r"."name" AS "name" FROM "role" "r" WHERE "r"."domain_id" <> ? AND ${text}`,
        columns: { name: 'text' },
        once: true,
      });
      expect(await database.query(statement, ['x', ...parameters])).to.deep.equal([{ name: 'abc' }]);
    });

    it('understand booleans and numbers as clients write them', async () => {
      const database = databaseOf();
      await database.table('service').insertMany([
        { id: 'on', type: 't', enabled: true },
        { id: 'off', type: 't', enabled: false },
      ]);
      const services = async (name: string, value: string | boolean) =>
        (await database.table('service').find({ hints: new Hints().addFilter(name, value) })).map(
          ({ id }) => id,
        );
      expect(await services('enabled', 'False')).to.deep.equal(['off']);
      expect(await services('enabled', '0')).to.deep.equal(['off']);
      expect(await services('enabled', 'whatever')).to.deep.equal(['on']);
      expect(await services('enabled', true)).to.deep.equal(['on']);
      expect(await services('type', 'a\0b')).to.deep.equal([]);
      expect(
        await database.table('local_user').find({ hints: new Hints().addFilter('id', 'x') }),
      ).to.deep.equal([]);
    });
  });
});

/** Whether MySQL's usual collation takes two names for the same. */
function same(a: string, b: string): boolean {
  const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain(a) === plain(b);
}
