import { expect } from 'chai';
import { ValidationError } from '../../src/common/errors.js';
import type { IdMapping } from '../../src/subsystems/id_mapping/generators/sha256.js';
import { generatePublicId } from '../../src/subsystems/id_mapping/generators/sha256.js';
import type { VectorCase } from './support.js';
import { eachCase, vectorCases } from './support.js';

interface Case extends VectorCase {
  readonly mapping: IdMapping;
  readonly expected?: string;
  readonly error?: string;
}

const NAME = 'public_ids.json';

describe('vectors: public ids', () => {
  eachCase(NAME, vectorCases<Case>(NAME), ({ mapping, expected }) => {
    if (expected === undefined) expect(() => generatePublicId(mapping)).to.throw(ValidationError);
    else expect(generatePublicId(mapping)).to.equal(expected);
  });
});
