/** What counts as a value with named members, wherever bodies, stored texts and packages are looked at. */
import { expect } from 'chai';
import type { JsonValue } from '../../../src/common/context.js';
import { isRecord } from '../../../src/common/record.js';

describe('a value with named members', () => {
  for (const [what, value] of [
    ['an object', { name: 'x' }],
    ['an empty object', {}],
    ['an object without a prototype', Object.create(null)],
    ['an object of JSON', JSON.parse('{"__proto__": 1}')],
    ['an instance of a class', new Date(0)],
  ] as const) {
    it(`is ${what}`, () => {
      expect(isRecord(value)).to.equal(true);
    });
  }

  for (const [what, value] of [
    ['an array', [{ name: 'x' }]],
    ['an empty array', []],
    ['null', null],
    ['nothing', undefined],
    ['a text', '{}'],
    ['a number', 1],
    ['true', true],
    ['a function', (): void => undefined],
  ] as const) {
    it(`is not ${what}`, () => {
      expect(isRecord(value)).to.equal(false);
    });
  }

  it('keeps the members of what JSON can hold typed as such', () => {
    const nameOf = (value: JsonValue): JsonValue | undefined => (isRecord(value) ? value['name'] : undefined);
    expect(nameOf({ name: ['x'] })).to.deep.equal(['x']);
    expect(nameOf(['x'])).to.equal(undefined);
  });
});
