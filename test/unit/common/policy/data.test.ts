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
