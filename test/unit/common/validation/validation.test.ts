/** Request bodies against schemas, and what a refusal says. */
import { expect } from 'chai';
import type { JsonObject } from '../../../../src/common/context.js';
import { SchemaValidationError, ValidationError } from '../../../../src/common/errors.js';
import { bodySchema, lazySchema } from '../../../../src/common/validation/index.js';
import {
  boolean,
  description,
  idString,
  mapOfStrings,
  name,
  nullable,
  shortName,
  url,
} from '../../../../src/common/validation/parameter_types.js';

function refusal(check: () => void): Error | null {
  try {
    check();
  } catch (error) {
    return error as Error;
  }
  return null;
}

describe('the schema of a body', () => {
  const check = bodySchema('thing', {
    type: 'object',
    properties: {
      name,
      password: { type: 'string' },
      nested: { type: 'object', properties: { port: { type: 'integer', minimum: 1 } } },
    },
    required: ['name'],
    additionalProperties: true,
  });
  const refused = (body: JsonObject): Error | null => refusal(() => check(body));

  it('takes the member, with further attributes', () => {
    expect(refused({ thing: { name: 'n', other: [1] } })).to.equal(null);
  });

  it('wants the member, and nothing beside it', () => {
    for (const body of [{}, { thing: null }, { thing: 'x' }, { thing: 7 }]) {
      const error = refused(body);
      expect(error).to.be.instanceOf(ValidationError);
      expect(error?.message).to.match(/^Expecting to find thing in request body/);
    }
    expect(refused({ thing: { name: 'n' }, other: 1 })?.message).to.contain("'other'");
    expect(refused({ thing: [] })).to.be.instanceOf(SchemaValidationError);
  });

  it('says which attribute is wrong, and how', () => {
    const said: [thing: JsonObject, text: string][] = [
      [{}, "'name' is a required property"],
      [{ name: 7 }, "Invalid input for field 'name': 7 is not of type 'string'"],
      [{ name: '' }, "Invalid input for field 'name': '' is too short"],
      [{ name: ' ' }, "Invalid input for field 'name': ' ' does not match '[\\\\S]+'"],
      [{ name: '\t\n' }, "Invalid input for field 'name': '\\t\\n' does not match '[\\\\S]+'"],
      [
        { name: 'n', nested: { port: '\u0001' } },
        "Invalid input for field 'nested/port': '\\x01' is not of type 'integer'",
      ],
      [{ name: 'n', nested: "it's" }, `Invalid input for field 'nested': "it's" is not of type 'object'`],
      [{ name: null }, "Invalid input for field 'name': None is not of type 'string'"],
      [{ name: true }, "Invalid input for field 'name': True is not of type 'string'"],
      [
        { name: 'n', nested: { port: 0 } },
        "Invalid input for field 'nested/port': 0 is less than the minimum of 1",
      ],
    ];
    for (const [thing, text] of said) expect(refused({ thing })?.message).to.equal(text);
    const none = lazySchema({ type: 'array', minItems: 1 });
    expect(refusal(() => none([]))?.message).to.equal('[] is too short');
    const barred = lazySchema({ type: 'object', not: { required: ['is_domain'] } });
    expect(refusal(() => barred({ is_domain: true }))?.message).to.equal(
      "{'is_domain': True} is not allowed here",
    );
  });

  it('never repeats what may be a secret, and not much of anything else', () => {
    const secret = 'hush'.repeat(3);
    const messages = [
      refused({ thing: { name: 'n', password: [secret] } }),
      refused({ thing: { name: { password: secret, deep: [{ token: secret, secret_key: secret }] } } }),
      refusal(() => lazySchema({ type: 'array' })({ blob: secret })),
    ];
    for (const error of messages) expect(error?.message).to.be.a('string').and.not.contain('hush');
    expect(refused({ thing: { name: 'n'.repeat(100_000) } })?.message.length).to.be.below(400);
  });

  it('does not trip over names that every object has', () => {
    expect(refused({ thing: { name: 'n', constructor: 1, toString: null } })).to.equal(null);
  });
});

describe('parameter types', () => {
  const accepts = (schema: object, value: unknown): boolean =>
    refusal(() => lazySchema(schema as never)(value)) === null;

  const cases: [type: string, schema: object, good: unknown[], bad: unknown[]][] = [
    ['boolean', boolean, [true, false], [0, 1, 'true', null]],
    [
      'name',
      name,
      ['n', ' n ', 'n'.repeat(255), '😀'.repeat(255)],
      ['', ' ', '\t', 'n'.repeat(256), 7, null],
    ],
    ['short name', shortName, ['n'.repeat(64)], ['n'.repeat(65), ' ']],
    [
      'id',
      idString,
      ['default', 'a-B-9', 'a'.repeat(64)],
      ['', 'a b', 'a_b', 'a'.repeat(65), 'ä', 'a\n', null],
    ],
    ['description', description, ['', 'd'], [null, 7]],
    ['null or a description', nullable(description), [null, 'd'], [7, []]],
    ['map of texts', mapOfStrings, [{}, { a: 'b' }], [{ a: 1 }, [], null]],
    ['URL', url, ['http://x', 'a+b.c-1:y'], ['', 'x', ':x', 'http:', `http://${'x'.repeat(220)}`]],
  ];
  for (const [type, schema, good, bad] of cases) {
    it(`${type}: takes what it should, and nothing else`, () => {
      for (const value of good) expect(accepts(schema, value), JSON.stringify(value)).to.equal(true);
      for (const value of bad) expect(accepts(schema, value), JSON.stringify(value)).to.equal(false);
    });
  }
});
