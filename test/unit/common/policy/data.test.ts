import { expect } from 'chai';
import { DataError, readMapping } from '../../../../src/common/policy/index.js';
import { PyFloat } from '../../../../src/common/policy/py_value.js';

describe('policy data files', () => {
  it('tells floats from integers, and keeps big integers whole, in JSON and in YAML', () => {
    const expected = {
      f: new PyFloat(5),
      i: 5,
      h: 1.5,
      b: 12345678901234567890n,
      s: '5.0',
      n: { g: [new PyFloat(100)] },
    };
    expect(
      readMapping('{"f": 5.0, "i": 5, "h": 1.5, "b": 12345678901234567890, "s": "5.0", "n": {"g": [1e2]}}')
        .values,
    ).to.deep.equal(expected);
    expect(
      readMapping('f: 5.0\ni: 5\nh: 1.5\nb: 12345678901234567890\ns: "5.0"\nn: {g: [1.0e+2]}\n').values,
    ).to.deep.equal(expected);
  });

  it('reads JSON with tabs, and JSON with comments and trailing commas as YAML', () => {
    expect(readMapping('{\n\t"r": "role:a"\n}').values).to.deep.equal({ r: 'role:a' });
    expect(readMapping('{\n "r": "role:a", # why\n}').values).to.deep.equal({ r: 'role:a' });
  });

  it('knows the line of every name, the last where one is repeated', () => {
    const { lines, repeated } = readMapping('{\n  "a": "x",\n  "b": "a",\n  "a": "y"\n}');
    expect([...lines]).to.deep.equal([
      ['a', 4],
      ['b', 3],
    ]);
    expect(repeated).to.deep.equal(['a']);
  });

  it('takes PyYAML’s words for true and false only', () => {
    expect(readMapping('a: y\nb: yes\nc: off\nn: N\n').values).to.deep.equal({
      a: 'y',
      b: true,
      c: false,
      n: 'N',
    });
  });

  it('takes for numbers what PyYAML takes for them; the rest is text', () => {
    expect(readMapping('a: 1e3\nb: 08\nc: .\nd: 0o7\ne: 1.5e+3\nf: 0777\ng: 1:30\n').values).to.deep.equal({
      a: '1e3',
      b: '08',
      c: '.',
      d: '0o7',
      e: new PyFloat(1500),
      f: 511,
      g: 90,
    });
  });

  it('knows the numbers that Python adds to JSON', () => {
    expect(readMapping('{"a": NaN, "b": [-Infinity, Infinity], "NaN": "NaN"}').values).to.deep.equal({
      a: Number.NaN,
      b: [-Infinity, Infinity],
      NaN: 'NaN',
    });
  });

  it('takes a lone carriage return for the end of a line', () => {
    const { values, lines } = readMapping('a: b:c\r# why\rd: "@"\r');
    expect(values).to.deep.equal({ a: 'b:c', d: '@' });
    expect(lines.get('d')).to.equal(3);
  });

  it('reads tabs where they are text, comments without a blank before them and unknown directives', () => {
    const text = '%OTHER\n---\na: "x\ty"# why\there\nb: |\n  x\ty\nc: q\n';
    expect(readMapping(text).values).to.deep.equal({ a: 'x\ty', b: 'x\ty\n', c: 'q' });
  });

  it('does not care how the further lines of quoted texts, lists and mappings are indented', () => {
    const text = `"r": "role:a or
role:b"
s: [
"role:a", ['role:b',
 'role:c'
]]
t: {
a: 'it''s

so'
}
u: "@"
`;
    const { values, lines } = readMapping(text);
    expect(values).to.deep.equal({
      r: 'role:a or role:b',
      s: ['role:a', ['role:b', 'role:c']],
      t: { a: "it's\nso" },
      u: '@',
    });
    expect(lines.get('u')).to.equal(12);
  });

  it('sees that a bare exclamation mark in YAML is no text', () => {
    expect(readMapping('a: !\nb: "!"\n').values).to.deep.equal({ a: null, b: '!' });
  });

  it('sets aside names that are no texts', () => {
    const { values, ignored } = readMapping('1: a:b\nyes: a:b\nr: a:b\n');
    expect(values).to.deep.equal({ r: 'a:b' });
    expect(ignored).to.deep.equal(['1', 'true']);
  });

  it('takes an empty text for an empty mapping', () => {
    for (const text of ['', '\n', '# nothing\n', '{}', 'null', '[]']) {
      expect(readMapping(text).values, text).to.deep.equal({});
    }
  });

  const wrong: [string, number | undefined][] = [
    ['a: b\nr: @\n', 2],
    ['{"r": "role:admin"', 1],
    ['a: !custom x\n', 1],
    ['a: 1\n---\nb: 2\n', 2],
    ['["r"]', undefined],
    ['just text', undefined],
    ['<<: 5\n', undefined],
    ['a: *nope\n', undefined],
    ['a: b:c\nd:\tb:c\n', 2],
    ['a: b:c\t\n', 1],
    ['a: |\t\n  b:c\n', 1],
    ['a: b:c\n\nd: b:\u0007\n', 3],
    ['{\n"a": "b",\n[c]: d}', 3],
    ['a: b\n? {c: d}\n: e\n', 2],
    ['a: b\n: c\n', 2],
    ['a: =\n', 1],
    ['a: b\nc: "d\n', 2],
    ["a: b\nc: 'd''\n", 2],
    ['a: "b\n---\nc"\n', 1],
    ['a: &b" c\n', 1],
    ['a: <<\n', 1],
    ['{"a": ?b}', 1],
  ];
  for (const [text, line] of wrong) {
    it(`refuses ${JSON.stringify(text)}${line === undefined ? '' : `, naming line ${line}`}`, () => {
      expect(() => readMapping(text))
        .to.throw(DataError)
        .with.property('line', line);
    });
  }

  it('refuses aliases that multiply beyond reason', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let index = 1; index < 10; index += 1) {
      bomb.push(`a${index}: &a${index} [${Array.from({ length: 9 }, () => `*a${index - 1}`).join(', ')}]`);
    }
    expect(() => readMapping(bomb.join('\n'))).to.throw(DataError);
  });
});
