import { expect } from 'chai';
import { regionLineage, regionSubtree } from '../../../../src/subsystems/catalog/regions.js';

const TREE = new Map([
  ['earth', null],
  ['europe', 'earth'],
  ['asia', 'earth'],
  ['france', 'europe'],
  ['orphan', 'nowhere'],
]);
const CIRCLE = new Map([
  ['a', 'c'],
  ['b', 'a'],
  ['c', 'b'],
  ['self', 'self'],
]);

describe('catalog/regions', () => {
  it('lists a region with its ancestors, nearest first', () => {
    expect(regionLineage(TREE, 'france')).to.deep.equal(['france', 'europe', 'earth']);
    expect(regionLineage(TREE, 'orphan')).to.deep.equal(['orphan']);
    expect(regionLineage(TREE, 'unknown')).to.deep.equal([]);
  });

  it('lists a region with all beneath it, parents first', () => {
    expect(regionSubtree(TREE, 'earth')).to.deep.equal(['earth', 'europe', 'asia', 'france']);
    expect(regionSubtree(TREE, 'asia')).to.deep.equal(['asia']);
  });

  it('comes to an end on circles', () => {
    expect(regionLineage(CIRCLE, 'a')).to.deep.equal(['a', 'c', 'b']);
    expect(regionSubtree(CIRCLE, 'a')).to.have.members(['a', 'b', 'c']);
    expect(regionLineage(CIRCLE, 'self')).to.deep.equal(['self']);
    expect(regionSubtree(CIRCLE, 'self')).to.deep.equal(['self']);
  });
});
