/** The tables of the personas say what the real oslo.policy says of our policy files. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { findPython, needed } from '../support/reference/python.js';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe('the decisions of the persona tables', function decisions() {
  this.timeout(120_000);
  let python: string;
  before(function find() {
    const missing = 'python3 with oslo.policy (Debian: python3-oslo.policy) is not installed';
    python = needed(this, findPython(['oslo_policy', 'oslo_config']), missing);
  });

  for (const policy of ['policy.json', 'policy.v3cloudsample.json']) {
    it(`are those of oslo.policy under ${policy}`, () => {
      const script = file('../fixtures/personas/derive.py');
      const args = [script, file('../fixtures/routes-v3.tsv'), file(`../../etc/${policy}`)];
      const derived = execFileSync(python, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      expect(derived.split('\n')).to.deep.equal(
        readFileSync(file(`../fixtures/personas/${policy}.tsv`), 'utf8').split('\n'),
      );
    });
  }
});
