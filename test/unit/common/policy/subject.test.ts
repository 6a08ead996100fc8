import { expect } from 'chai';
import { parseSubject } from '../../../../src/common/policy/subject.js';

describe('left side of a policy check', () => {
  const literals: [string, string][] = [
    ["'Member'", 'Member'],
    ['"it\'s"', "it's"],
    ["'a''b'", 'ab'],
    ["'\\x41\\u00e9\\n'", 'Aé\n'],
    ["r'\\n'", '\\n'],
    ['None', 'None'],
    ['True', 'True'],
    ['0x10', '16'],
    ['1_000', '1000'],
    ['-1', '-1'],
    ['123456789012345678901', '123456789012345678901'],
    ['1.50', '1.5'],
    ['1e16', '1e+16'],
    ['.00001', '1e-05'],
    ['1e400', 'inf'],
    ['(1,)', '(1,)'],
    ["['a',None]", "['a', None]"],
    ['{}', '{}'],
  ];
  for (const [source, text] of literals) {
    it(`takes ${source} for the literal ${JSON.stringify(text)}`, () => {
      expect(parseSubject(source)).to.deep.equal({ kind: 'literal', text });
    });
  }

  for (const source of [
    'user_id',
    'token.project.domain.id',
    'a-b',
    'a/b',
    'true',
    'é',
    '--1',
    '-True',
    'None.x',
  ]) {
    it(`takes ${source} for a path into the credentials`, () => {
      expect(parseSubject(source)).to.deep.equal({ kind: 'path', segments: source.split('.') });
    });
  }

  for (const source of [
    '',
    '1a',
    '$a',
    'a.',
    'a..b',
    'class',
    'a.class',
    '01',
    "'a",
    "'\\x4'",
    '0b12',
    'a b',
    'f(x)',
  ]) {
    it(`knows that ${JSON.stringify(source)} names nothing`, () => {
      expect(parseSubject(source).kind).to.equal('invalid');
    });
  }
});
