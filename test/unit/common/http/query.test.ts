import { expect } from 'chai';
import { ValidationError } from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import { finishList, limitList } from '../../../../src/common/http/list.js';
import { asBoolean, buildHints, QueryParams } from '../../../../src/common/http/query.js';

describe('query strings', () => {
  const parsed = (text: string): Record<string, string> =>
    Object.fromEntries(QueryParams.parse(text).entries());

  it('are read as forms are', () => {
    expect(parsed('a=1&b=x+y&c=%C3%BC%2B&d&e=&&=f&g=h=i')).to.deep.equal({
      a: '1',
      b: 'x y',
      c: 'ü+',
      d: '',
      e: '',
      '': 'f',
      g: 'h=i',
    });
    expect(parsed('')).to.deep.equal({});
  });

  it('tell the last value of a name that is repeated', () => {
    expect(parsed('a=1&a=2&%61=3')).to.deep.equal({ a: '3' });
  });

  it('may hold percent signs that mean nothing', () => {
    expect(parsed('a=100%&b=%zz&c=%2')).to.deep.equal({ a: '100%', b: '%zz', c: '%2' });
  });

  it('are refused when they are not UTF-8, or hold a NUL', () => {
    for (const text of ['a=%ff', '%c3=1', 'a=%00', 'a%00=1']) {
      expect(() => QueryParams.parse(text), text).to.throw(ValidationError);
    }
  });

  it('do not reach what every object has', () => {
    const query = QueryParams.parse('a=1');
    expect(query.has('constructor')).to.equal(false);
    expect(query.get('__proto__')).to.equal(undefined);
    expect(parsed('__proto__=1')).not.to.have.property('polluted');
  });

  it('hold flags, which are set unless they are 0', () => {
    const query = QueryParams.parse('a&b=&c=1&d=false&e=0&f=00');
    const set = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].filter((name) => query.flag(name));
    expect(set).to.deep.equal(['a', 'b', 'c', 'd', 'f']);
  });

  it('hold booleans as oslo.utils reads them', () => {
    const falses = ['0', 'false', 'False', 'NO', 'off', 'f', 'N', ' no '];
    expect(falses.map(asBoolean)).to.deep.equal(falses.map(() => false));
    const trues = ['1', 'true', 'yes', '', '2', 'nope', '00'];
    expect(trues.map(asBoolean)).to.deep.equal(trues.map(() => true));
  });
});

describe('list hints', () => {
  const filters = (
    text: string,
    declared: readonly string[] = ['name', 'domain_id', 'scope.user.id'],
  ): object[] =>
    buildHints(QueryParams.parse(text), declared).filters.map(
      ({ name, value, comparator, caseSensitive }) => ({ name, value, comparator, caseSensitive }),
    );

  it('come from the filters that a route declares, and from nothing else', () => {
    const exact = { comparator: 'equals', caseSensitive: true };
    expect(filters('name=a&other=b&limit=1&marker=m&scope.user.id=u')).to.deep.equal([
      { name: 'name', value: 'a', ...exact },
      { name: 'scope.user.id', value: 'u', ...exact },
    ]);
  });

  it('know the six inexact comparisons', () => {
    const comparisons: [suffix: string, comparator: string, caseSensitive: boolean][] = [
      ['contains', 'contains', true],
      ['icontains', 'contains', false],
      ['startswith', 'startswith', true],
      ['istartswith', 'startswith', false],
      ['endswith', 'endswith', true],
      ['iendswith', 'endswith', false],
    ];
    for (const [suffix, comparator, caseSensitive] of comparisons) {
      expect(filters(`name__${suffix}=x`)).to.deep.equal([
        { name: 'name', value: 'x', comparator, caseSensitive },
      ]);
    }
  });

  it('leave out comparisons that there are not', () => {
    for (const text of [
      'name__=x',
      'name__regex=x',
      'other__contains=x',
      'name__constructor=x',
      '__contains=x',
    ]) {
      expect(filters(text), text).to.deep.equal([]);
    }
  });
});

describe('what a driver left of a list', () => {
  const people = [
    { id: '1', name: 'Anna', enabled: true, of: { id: 'a' } },
    { id: '2', name: 'anton', enabled: false, of: { id: 'b' } },
    { id: '3', name: 'BERTA', enabled: true },
    { id: '4', name: 7, enabled: true },
  ];
  const kept = (hints: Hints): string[] => finishList(hints, people).entities.map(({ id }) => id);

  it('is filtered as the API compares', () => {
    const cases: [name: string, value: string | boolean | null, options: object, ids: string[]][] = [
      ['name', 'Anna', {}, ['1']],
      ['name', 'anna', {}, []],
      ['enabled', 'no', {}, ['2']],
      ['enabled', true, {}, ['1', '3', '4']],
      ['of.id', 'b', {}, ['2']],
      ['missing', null, {}, ['1', '2', '3', '4']],
      ['missing', 'x', {}, []],
      ['constructor', 'x', {}, []],
      ['name', 'an', { comparator: 'startswith' }, ['2']],
      ['name', 'an', { comparator: 'startswith', caseSensitive: false }, ['1', '2']],
      ['name', 'TA', { comparator: 'endswith', caseSensitive: false }, ['3']],
      ['name', 'n', { comparator: 'contains' }, ['1', '2']],
      ['name', '7', { comparator: 'contains' }, []],
    ];
    for (const [name, value, options, ids] of cases) {
      expect(kept(new Hints().addFilter(name, value, options)), `${name} ${String(value)}`).to.deep.equal(
        ids,
      );
    }
  });

  it('is not filtered again by what the driver has done', () => {
    const hints = new Hints().addFilter('name', 'nobody');
    for (const filter of hints.filters) filter.satisfied = true;
    expect(kept(hints)).to.deep.equal(['1', '2', '3', '4']);
  });

  it('is cut after it was filtered', () => {
    const hints = new Hints().addFilter('enabled', true).setLimit(2);
    const { entities, truncated } = finishList(hints, people);
    expect({ ids: entities.map(({ id }) => id), truncated }).to.deep.equal({
      ids: ['1', '3'],
      truncated: true,
    });
    const whole = finishList(new Hints().setLimit(4), people);
    expect({ size: whole.entities.length, truncated: whole.truncated }).to.deep.equal({
      size: 4,
      truncated: false,
    });
  });

  it('says so when the driver has cut it', () => {
    const hints = new Hints().setLimit(4);
    if (hints.limit !== null) hints.limit.truncated = true;
    expect(finishList(hints, people).truncated).to.equal(true);
  });

  it('has the first limit that is set', () => {
    const limit = (...limits: (number | null)[]): number | undefined => {
      const hints = new Hints();
      limitList(hints, ...limits);
      return hints.limit?.limit;
    };
    expect([limit(5, 9), limit(null, 9), limit(null, null)]).to.deep.equal([5, 9, undefined]);
  });
});
