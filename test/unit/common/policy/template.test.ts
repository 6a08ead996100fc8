import { expect } from 'chai';
import { CheckError, flatTarget } from '../../../../src/common/policy/index.js';
import { PyFloat, pyRepr } from '../../../../src/common/policy/py_value.js';
import { compileTemplate } from '../../../../src/common/policy/template.js';

const fill = (template: string, values: Record<string, unknown>): string | undefined =>
  compileTemplate(template).fill(flatTarget(values));

describe('policy templates', () => {
  const v = {
    text: "it's",
    n: 42,
    big: 2n ** 70n,
    whole: new PyFloat(5),
    x: 2.5,
    yes: true,
    none: null,
    list: ['a', 1, null],
    'a.b': 'dotted',
  };
  const cases: [string, string | undefined][] = [
    ['%(text)s', "it's"],
    ['%(text)r', '"it\'s"'],
    ['%(a.b)s', 'dotted'],
    ['<%(n)s-%(yes)s-%(none)s>', '<42-True-None>'],
    ['%(whole)s', '5.0'],
    ['%(list)s', "['a', 1, None]"],
    ['%(n)05d', '00042'],
    ['%(n)-5d|', '42   |'],
    ['%(n)#x', '0x2a'],
    ['%(n)+.4d', '+0042'],
    ['%(big)d', '1180591620717411303424'],
    ['%(yes)d', '1'],
    ['%(x)d', '2'],
    ['%(x).0f', '2'],
    ['%(x).3e', '2.500e+00'],
    ['%(x)g', '2.5'],
    ['%(text).2s', 'it'],
    ['100%%', '100%'],
    ['%(missing)s', undefined],
    ['%(text)s%(missing)s', undefined],
    ['%(missing)q', undefined],
  ];
  for (const [template, text] of cases) {
    it(`fills ${template} as ${String(text)}`, () => expect(fill(template, v)).to.equal(text));
  }

  for (const template of [
    '100%',
    '%(text',
    '%(text)d',
    '%(n)q',
    '%(text)',
    '%(n)*d',
    '%(n)99999d',
    '%(n)%',
    '%(x)x',
  ]) {
    it(`has no answer for ${template}`, () => expect(() => fill(template, v)).to.throw(CheckError));
  }

  it('never writes values that have no Python counterpart', () => {
    for (const value of [new Date(0), () => 'u1', Symbol('u1'), new Map()]) {
      expect(() => fill('%(x)s', { x: value })).to.throw(CheckError);
    }
  });

  it('writes texts and floats as Python does', () => {
    expect(pyRepr('a\n\u0000\u200b\u{1f600}é')).to.equal("'a\\n\\x00\\u200b\u{1f600}é'");
    expect([0.1, 1e22, 1e-7, 123456.789, -0.5].map(pyRepr)).to.deep.equal([
      '0.1',
      '10000000000000000000000',
      '1e-07',
      '123456.789',
      '-0.5',
    ]);
    expect(pyRepr({ a: [true, { b: null }], u: undefined })).to.equal("{'a': [True, {'b': None}]}");
  });
});
