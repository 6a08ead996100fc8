import { expect } from 'chai';
import {
  PythonName,
  PythonSyntaxError,
  type PythonValue,
  readPythonValue,
} from '../../../../src/common/log/python_literal.js';

const read = (text: string): PythonValue =>
  readPythonValue(text, (name) => (name.startsWith('sys.') ? new PythonName(name) : undefined));

describe('values as Python writes them', () => {
  const cases: readonly (readonly [text: string, value: PythonValue])[] = [
    ["('error.log',)", ['error.log']],
    ["('/var/log/k.log', 'a', 10*1024*1024, 5)", ['/var/log/k.log', 'a', 10_485_760, 5]],
    ["(('localhost', 514), 1)", [['localhost', 514], 1]],
    ['()', []],
    ['[]', []],
    ["('only')", 'only'],
    ['"it\'s"', "it's"],
    [String.raw`'a\tb\\c\'d\x'`, "a\tb\\c'd\\x"],
    [String.raw`r'C:\new'`, String.raw`C:\new`],
    ["u'a' 'b'", 'ab'],
    ['None', null],
    ['(True, False)', [true, false]],
    ['-3 + 2 * 4 - 1', 4],
    ['0x10', 16],
    ['1.5', 1.5],
    ["{'a': 1, 'b': [2]}", new Map<string, PythonValue>([['a', 1], ['b', [2]]])], // biome-ignore format: one case per line
    ['(sys.stdout,)', [new PythonName('sys.stdout')]],
    [' ( 1 , ) ', [1]],
  ];
  for (const [text, value] of cases) {
    it(`reads ${text}`, () => expect(read(text)).to.deep.equal(value));
  }

  const refused = [
    "open('/etc/passwd')",
    "os.environ['HOME']",
    '__import__("os").system("x")',
    "'a' + 'b'",
    "('a'",
    "'a",
    '(1 2)',
    "{'a' 1}",
    '{1: 2}',
    '(1,) extra',
    '',
    'lambda: 1',
    'unknown.name',
  ];
  for (const text of refused) {
    it(`refuses ${text || 'nothing at all'}`, () =>
      expect(() => read(text)).to.throw(PythonSyntaxError, /character \d+/));
  }
});
