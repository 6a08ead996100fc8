import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { referenceMissing } from '../support/reference/keystone.js';
import { needed } from '../support/reference/python.js';
import type { Difference } from './compare.js';
import { EXPLANATIONS, explanationOf } from './explained.js';
import { compareWithReal } from './run.js';
import { STEPS } from './steps.js';

describe('beside the real Keystone (22, Zed)', () => {
  let differences: readonly Difference[];
  before(async function run() {
    const missing = referenceMissing({ caching: true });
    needed(this, missing === null ? true : null, missing ?? '');
    this.timeout(600_000);
    differences = await compareWithReal();
  });

  it(`${STEPS.length} requests are answered alike but for what is explained`, () => {
    const unexplained = differences.filter((difference) => explanationOf(difference) === undefined);
    expect(unexplained).to.deep.equal([]);
  });

  it('nothing is explained that does not happen', () => {
    const used = new Set(differences.map(explanationOf));
    expect(
      EXPLANATIONS.filter((explanation) => !used.has(explanation)).map(({ line }) => line),
    ).to.deep.equal([]);
  });

  it('each explanation stands in the list of differences', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/differences.md'), 'utf8');
    const lines = text.split('\n');
    for (const { line } of EXPLANATIONS) {
      expect(
        lines.some((each) => each.startsWith(line)),
        line,
      ).to.equal(true);
    }
  });
});
