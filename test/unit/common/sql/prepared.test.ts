import { expect } from 'chai';
import { runsOf } from '../../../../src/common/sql/native.js';
import { prepareSql } from '../../../../src/common/sql/prepared.js';

describe('prepared statements', () => {
  it('finds marks outside of strings and quoted names only', () => {
    const { parts, parameterCount } = prepareSql({
      text: `SELECT "what?" FROM t WHERE a = '??' AND b = ? AND c IN (??)`,
    });
    expect(parts).to.deep.equal([
      { text: `SELECT "what?" FROM t WHERE a = '??' AND b = `, mark: 'value' },
      { text: ' AND c IN (', mark: 'list' },
      { text: ')', mark: null },
    ]);
    expect(parameterCount).to.equal(2);
  });

  it('refuses more than one list', () => {
    expect(() => prepareSql({ text: 'SELECT 1 FROM t WHERE a IN (??) OR b IN (??)' })).to.throw(
      /more than one list/,
    );
  });

  it('knows which statements only read', () => {
    expect(prepareSql({ text: '  select 1' }).readOnly).to.equal(true);
    expect(prepareSql({ text: 'WITH x AS (SELECT 1) SELECT * FROM x' }).readOnly).to.equal(true);
    expect(prepareSql({ text: 'DELETE FROM t' }).readOnly).to.equal(false);
  });

  it('refuses parameters that do not fit the marks', () => {
    const statement = prepareSql({ text: 'SELECT 1 FROM t WHERE a = ? AND b IN (??)' });
    expect(() => runsOf(statement, ['a'])).to.throw(/1 parameters for 2 marks/);
    expect(() => runsOf(statement, ['a', 'b'])).to.throw(/no list/);
  });

  it('fills lists up to few lengths, without a value that was not asked for', () => {
    const statement = prepareSql({ text: 'SELECT 1 FROM t WHERE b IN (??) AND a = ?' });
    const [run, ...more] = runsOf(statement, [['x', 'y', 'z', 'x'], 'a']);
    expect(more).to.deep.equal([]);
    expect(run?.listLength).to.equal(4);
    expect(run?.values).to.deep.equal(['x', 'y', 'z', 'x', 'a']);
  });

  it('cuts long lists into pieces and runs nothing for an empty one', () => {
    const statement = prepareSql({ text: 'SELECT 1 FROM t WHERE b IN (??)' });
    const ids = Array.from({ length: 1203 }, (_, position) => `id${position}`);
    const runs = runsOf(statement, [ids]);
    expect(runs.map(({ listLength }) => listLength)).to.deep.equal([500, 500, 256]);
    expect(new Set(runs.flatMap(({ values }) => values)).size).to.equal(1203);
    expect(runsOf(statement, [[]])).to.deep.equal([]);
  });
});
