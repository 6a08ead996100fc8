import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { DEFAULT_RULES, Policy, readMapping } from '../../../../src/common/policy/index.js';

const shipped = (name: string): Readonly<Record<string, unknown>> =>
  readMapping(readFileSync(new URL(`../../../../etc/${name}`, import.meta.url), 'utf8')).values;

describe('shipped policies', () => {
  it('etc/policy.json says what is built in', () => {
    expect(shipped('policy.json')).to.deep.equal(DEFAULT_RULES);
  });

  it('etc/policy.v3cloudsample.json has a rule for every target of the default policy', () => {
    const targets = Object.keys(DEFAULT_RULES).filter((name) => name.includes(':'));
    expect(shipped('policy.v3cloudsample.json')).to.include.all.keys(targets);
  });

  for (const name of ['policy.json', 'policy.v3cloudsample.json']) {
    it(`etc/${name} holds no mistake`, () => {
      expect(Policy.compile(shipped(name)).problems).to.deep.equal([]);
    });
  }
});
