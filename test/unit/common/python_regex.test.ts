import { expect } from 'chai';
import { compilePythonRegex, PythonRegexError } from '../../../src/common/python_regex.js';

/** What Python 3's `re.match(pattern, text)` finds; null when it finds nothing. */
const MATCHES: readonly [pattern: string, text: string, found: string | null][] = [
  // The documented example of `password_regex`.
  ['^(?=.*\\d)(?=.*[a-zA-Z]).{7,}$', 'abcdefg1', 'abcdefg1'],
  ['^(?=.*\\d)(?=.*[a-zA-Z]).{7,}$', 'abc1', null],
  // Anchored at the beginning, not at the end.
  ['abc', 'abcdef', 'abc'],
  ['b', 'ab', null],
  // Python's own spellings.
  ['(?P<a>x+)-(?P=a)\\Z', 'xx-xx', 'xx-xx'],
  ['(?P<a>x+)-(?P=a)\\Z', 'xx-x', null],
  ['\\Aabc\\Z', 'abc\n', null],
  ['abc$', 'abc\n', 'abc'],
  ['(?#comment)abc', 'abc', 'abc'],
  ['(a)(b)\\2\\1', 'abba', 'abba'],
  // Flags.
  ['(?i)abc', 'ABC', 'ABC'],
  ['a.b', 'a\nb', null],
  ['(?s)a.b', 'a\nb', 'a\nb'],
  ['a.b', 'a\rb', 'a\rb'],
  ['(?m)a$\\nb', 'a\nb', 'a\nb'],
  ['(?x) a b # a comment\n c', 'abc', 'abc'],
  ['(?a)\\w+', 'pässword', 'p'],
  // Sets.
  ['[]a]+', ']]a', ']]a'],
  ['[^]a]+', 'b', 'b'],
  ['[a\\-z]+', 'a-z', 'a-z'],
  ['[a-]+', 'a-b', 'a-'],
  ['[&&]+', '&&', '&&'],
  [
    '[!@#$%^&*()_\\-+=\\[\\]{};:"|<>?,./~`]+',
    '!@#$%^&*()_-+=[]{};:"|<>?,./~`',
    '!@#$%^&*()_-+=[]{};:"|<>?,./~`',
  ],
  ['[^\\w\\s]+', '!?é', '!?'],
  ['[\\W]+', '!? x', '!? '],
  // Unicode classes.
  ['\\d+', '\u0663\u0664', '\u0663\u0664'],
  ['\\w+', 'pässwörd1', 'pässwörd1'],
  ['\\bword\\b', 'word!', 'word'],
  ['\\U0001F600+', '😀😀', '😀😀'],
  // Braces that make no quantifier.
  ['a{,2}', 'aaa', 'aa'],
  ['a{', 'a{', 'a{'],
  ['{abc}', '{abc}', '{abc}'],
  ['a}b]', 'a}b]', 'a}b]'],
  // Escapes.
  ['\\x41\\u00e9', 'Aé', 'Aé'],
  ['\\101', 'A', 'A'],
  ['\\.\\*\\-\\_\\@\\!\\ ', '.*-_@! ', '.*-_@! '],
  ['/a/', '/a/', '/a/'],
  ['a*?b', 'aaab', 'aaab'],
  ['x(?<=x)b', 'xb', 'xb'],
];

const INVALID = [
  '(',
  ')',
  '*a',
  '[abc',
  '[z-a]',
  '[a-\\d]',
  '\\q',
  '\\',
  '(?P<a',
  '(?(1)a|b)',
  '(?i:a)',
  'a++',
  '(?L)a',
];

describe('common/python_regex', () => {
  for (const [pattern, text, found] of MATCHES) {
    it(`re.match(${JSON.stringify(pattern)}, ${JSON.stringify(text)})`, () => {
      expect(compilePythonRegex(pattern, 'match').exec(text)?.[0] ?? null).to.equal(found);
    });
  }

  it('searches anywhere when asked to', () => {
    expect(compilePythonRegex('b+', 'search').exec('abbc')?.[0]).to.equal('bb');
  });

  for (const pattern of INVALID) {
    it(`refuses ${JSON.stringify(pattern)}`, () => {
      expect(() => compilePythonRegex(pattern, 'match')).to.throw(PythonRegexError);
    });
  }
});
