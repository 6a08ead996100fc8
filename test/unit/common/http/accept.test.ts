import { expect } from 'chai';
import { bestMatch } from '../../../../src/common/http/accept.js';

const OFFERS = ['application/json', 'application/json-home'] as const;

describe('the choice by Accept', () => {
  for (const [accept, best] of [
    [undefined, undefined],
    ['', undefined],
    ['application/json-home', 'application/json-home'],
    ['application/json', 'application/json'],
    ['APPLICATION/JSON-HOME', 'application/json-home'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html', undefined],
    ['text/*', undefined],
    // The same quality: the earlier offer, unless a later one is named more exactly.
    ['application/json-home, application/json', 'application/json'],
    ['application/json-home, */*', 'application/json-home'],
    ['application/json-home, application/*', 'application/json-home'],
    ['application/json-home;q=0.9, */*', 'application/json'],
    ['application/json;q=0.3, application/json-home;q=0.4', 'application/json-home'],
    ['application/json-home;q=0', undefined],
    ['application/json;q=0, application/json-home;q=0.1', 'application/json-home'],
    ['application/json-home; version=1 ; q=0.5, application/json;q=0.4', 'application/json-home'],
    ['application/json ;q=1.5, application/json-home', 'application/json'],
    ['application/json;q=x', 'application/json'],
    [',;q=1,, application', undefined],
    [`${'a/b,'.repeat(5000)}application/json`, undefined],
  ] as const) {
    it(`${(accept ?? 'no header').slice(0, 60)}: ${best ?? 'nothing'}`, () => {
      expect(bestMatch(accept, OFFERS)).to.equal(best);
    });
  }
});
