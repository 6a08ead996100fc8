import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readMapping } from '../../src/common/policy/data.js';
import {
  type Credentials,
  DataError,
  flatTarget,
  flatten,
  Policy,
  PolicyError,
  type RuleSource,
} from '../../src/common/policy/index.js';
import { eachCase, type VectorCase } from './support.js';

type Values = Readonly<Record<string, unknown>>;

interface EnforceCase extends VectorCase {
  readonly kind: 'enforce';
  readonly rules?: RuleSource;
  readonly text?: string;
  readonly default_rule?: string;
  readonly rule: string;
  readonly target: Values;
  readonly creds: Credentials;
  readonly expected?: boolean;
  /** The original raised an exception: the decision must be "refused". */
  readonly error?: string;
  readonly load_error?: string;
}

interface MatrixCase extends VectorCase {
  readonly kind: 'matrix';
  readonly policy: string;
  readonly rule: string;
  readonly target: Values;
  readonly expected_by_persona: Readonly<Record<string, boolean>>;
}

interface PrintCase extends VectorCase {
  readonly kind: 'print';
  readonly input: unknown;
  readonly expected: string;
}

interface FlattenCase extends VectorCase {
  readonly kind: 'flatten';
  readonly input: Values;
  readonly expected: Values;
}

interface File {
  readonly personas: Readonly<Record<string, Credentials>>;
  readonly policies: Readonly<Record<string, RuleSource>>;
  readonly cases: readonly (EnforceCase | MatrixCase | PrintCase | FlattenCase)[];
}

const FILE = 'oslo_policy.json';
// Not through JSON.parse, which cannot tell 5.0 from 5: their texts in a rule differ.
const text = readFileSync(join(process.env['VECTORS_DIR'] ?? import.meta.dirname, FILE), 'utf8');
const { personas, policies, cases } = readMapping(text).values as unknown as File;
const compiled = new Map<string, Policy>();

function namedPolicy(name: string): Policy {
  const policy = compiled.get(name) ?? Policy.compile(policies[name] ?? {});
  compiled.set(name, policy);
  return policy;
}

function load(vector: EnforceCase): Policy {
  const rules = vector.text === undefined ? (vector.rules ?? {}) : readMapping(vector.text).values;
  return Policy.compile(rules, vector.default_rule === undefined ? {} : { defaultRule: vector.default_rule });
}

describe('oslo_policy vectors', () => {
  eachCase(FILE, cases, async (vector) => {
    switch (vector.kind) {
      case 'enforce': {
        if (vector.load_error !== undefined) {
          let reason: unknown;
          try {
            load(vector);
          } catch (error) {
            reason = error;
          }
          expect(reason instanceof PolicyError || reason instanceof DataError).to.equal(true);
          return;
        }
        const answer = load(vector).allows(vector.rule, flatTarget(vector.target), vector.creds);
        expect(await answer).to.equal(vector.error === undefined && vector.expected);
        return;
      }
      case 'matrix': {
        const policy = namedPolicy(vector.policy);
        const answers = Object.entries(personas).map(
          ([name, creds]) => [name, policy.allows(vector.rule, flatTarget(vector.target), creds)] as const,
        );
        expect(Object.fromEntries(answers)).to.deep.equal(vector.expected_by_persona);
        return;
      }
      case 'print':
        expect(Policy.compile({ r: vector.input }).print('r')).to.equal(vector.expected);
        return;
      case 'flatten':
        expect(flatten(vector.input)).to.deep.equal(vector.expected);
    }
  });
});
