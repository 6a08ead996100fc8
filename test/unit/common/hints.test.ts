import { expect } from 'chai';
import { Hints } from '../../../src/common/hints.js';
import { cutToLimit, limitOf } from '../../../src/common/sql/index.js';

describe('driver hints', () => {
  it('know which filters are left to apply', () => {
    const hints = new Hints().addFilter('name', 'a').addFilter('type', 'b', { comparator: 'contains' });
    const [first] = hints.filters;
    if (first !== undefined) first.satisfied = true;
    expect(hints.unsatisfied().map(({ name }) => name)).to.deep.equal(['type']);
  });

  it('find the exact filter on an attribute, and no other', () => {
    const hints = new Hints().addFilter('name', 'a', { comparator: 'contains' }).addFilter('name', 'b');
    expect(hints.exact('name')?.value).to.equal('b');
    expect(hints.exact('type')).to.equal(undefined);
  });

  it('fetch one row more than the limit, to see that there are more', () => {
    const hints = new Hints().setLimit(2);
    expect(limitOf(hints)).to.equal(3);
    expect(cutToLimit([1, 2, 3], hints)).to.deep.equal([1, 2]);
    expect(hints.limit?.truncated).to.equal(true);
  });

  it('do not call a list truncated that just fits', () => {
    const hints = new Hints().setLimit(2);
    expect(cutToLimit([1, 2], hints)).to.deep.equal([1, 2]);
    expect(hints.limit?.truncated).to.equal(false);
  });

  it('let nobody cut while a filter is left to the caller', () => {
    const hints = new Hints().addFilter('colour', 'red').setLimit(2);
    expect(limitOf(hints)).to.equal(null);
    expect(cutToLimit([1, 2, 3], hints)).to.deep.equal([1, 2, 3]);
  });
});
