import { expect } from 'chai';
import { PipelineError } from '../../../src/pipeline/errors.js';
import { type IniFile, parseIni } from '../../../src/pipeline/ini.js';

function values(ini: IniFile, section: string): Record<string, string> {
  const options = section === 'DEFAULT' ? ini.defaults : ini.sections.get(section)?.options;
  return Object.fromEntries(Array.from(options ?? [], ([name, value]) => [name, value.text]));
}

function problemsOf(text: string): readonly string[] {
  try {
    parseIni(text, 'f.ini');
  } catch (error) {
    if (error instanceof PipelineError)
      return error.problems.map((problem) => `${problem.line}: ${problem.kind}`);
    throw error;
  }
  return [];
}

describe('reading ini files', () => {
  const precious = [
    'p#ss',
    '#',
    'a # b',
    'p;w',
    ';',
    'a ; b',
    '100%',
    '%%',
    '%(x)s',
    'a=b',
    '=',
    'k:v',
    ':',
    '"quoted"',
    "'quoted'",
    '"half',
    '$HOME',
    '${x}',
    '$',
    '\\',
    'c:\\new',
    '\\;',
    'true',
    'false',
    'null',
    '"true"',
    '0',
    '01',
    '[section]',
    '[]',
    '{"a": [1]}',
    'in  the   middle',
    'tab\there',
    'nbsp\u00a0here',
    'line\u2028separator',
    'p\u2029s',
    'ünï',
    '日本',
    '𝒳',
    '\u{1f511}',
    '\u0000',
    '\u007f',
    'x\u0085x',
    '\ufeffbom\ufeff',
  ];

  for (const value of precious) {
    it(`keeps the value ${JSON.stringify(value)}`, () => {
      const ini = parseIni(`[s]\nbefore = 1\npassword = ${value}\nafter = 2\n`, 'f.ini');
      expect(values(ini, 's')).to.deep.equal({ before: '1', password: value, after: '2' });
    });
  }

  it('takes blanks off the ends of a value and of nothing else', () => {
    const ini = parseIni('[s]\nk =  \t a  b \t \n', 'f.ini');
    expect(values(ini, 's')).to.deep.equal({ k: 'a  b' });
  });

  const names = [
    'a.b',
    '__proto__',
    'constructor',
    'toString',
    'k[]',
    '[k',
    '"k"',
    'k k',
    'set x',
    'ünï',
    'a\\.b',
    '10',
    '9',
    'k;',
    'k#',
    '~0041',
  ];

  for (const name of names) {
    it(`keeps the option name ${name}`, () => {
      expect(values(parseIni(`[s]\n${name} = v\n`, 'f.ini'), 's')).to.deep.equal(
        Object.fromEntries([[name, 'v']]),
      );
    });

    it(`keeps the section name ${name}`, () => {
      const ini = parseIni(`[${name}]\nk = v\n[x]\nk = w\n`, 'f.ini');
      expect([...ini.sections.keys()]).to.deep.equal([name, 'x']);
      expect(values(ini, name)).to.deep.equal({ k: 'v' });
    });
  }

  it('keeps sections apart whose names only differ in what the reader would make of them', () => {
    const ini = parseIni('[a.b]\nk = 1\n[a\\.b]\nk = 2\n[a]\nb = 3\n[~0061]\nk = 4\n', 'f.ini');
    expect(Array.from(ini.sections.keys(), (name) => values(ini, name))).to.deep.equal([
      { k: '1' },
      { k: '2' },
      { b: '3' },
      { k: '4' },
    ]);
  });

  it('keeps the order of the file, also of names that look like numbers', () => {
    const ini = parseIni('[s]\n10 = a\nz = b\n9 = c\n', 'f.ini');
    expect([...(ini.sections.get('s')?.options.keys() ?? [])]).to.deep.equal(['10', 'z', '9']);
  });

  it('keeps the case of names', () => {
    expect(values(parseIni('[S]\nKey = 1\nkey = 2\n', 'f.ini'), 'S')).to.deep.equal({ Key: '1', key: '2' });
  });

  it('joins continuation lines, passes over comments among them and keeps blank ones', () => {
    const ini = parseIni('[s]\nk = one\n  # no\n  two\n\n  three\n; no\nl = x\n', 'f.ini');
    expect(values(ini, 's')).to.deep.equal({ k: 'one\ntwo\n\nthree', l: 'x' });
  });

  for (const [name, newline] of [
    ['CRLF', '\r\n'],
    ['CR', '\r'],
    ['LF', '\n'],
  ] as const) {
    it(`reads ${name} line ends, with the right line numbers`, () => {
      const ini = parseIni(['', '[s]', 'k = one', '  two', 'l = x'].join(newline), 'f.ini');
      expect(values(ini, 's')).to.deep.equal({ k: 'one\ntwo', l: 'x' });
      expect(ini.sections.get('s')?.line).to.equal(2);
      expect(ini.sections.get('s')?.options.get('k')?.line).to.equal(3);
      expect(ini.sections.get('s')?.options.get('l')?.line).to.equal(5);
    });
  }

  it('merges [DEFAULT] wherever it stands', () => {
    const ini = parseIni('[DEFAULT]\na = 1\n[s]\n[DEFAULT]\nb = 2\n', 'f.ini');
    expect(values(ini, 'DEFAULT')).to.deep.equal({ a: '1', b: '2' });
  });

  it('names every line that is neither a setting nor a section', () => {
    expect(problemsOf('[s]\nnonsense\nk = 1\nmore nonsense\n= nameless\n')).to.deep.equal([
      '2: parse-error',
      '4: parse-error',
      '5: parse-error',
    ]);
  });

  it('names the line of a section or an option that stands twice', () => {
    expect(problemsOf('[s]\n[t]\n[s]\n')).to.deep.equal(['3: duplicate-section']);
    expect(problemsOf('[s]\nk = 1\nl = 1\nk = 2\n')).to.deep.equal(['4: duplicate-option']);
    expect(problemsOf('[DEFAULT]\nk = 1\n[s]\n[DEFAULT]\nk = 2\n')).to.deep.equal(['5: duplicate-option']);
  });

  it('says what is wrong with a byte order mark', () => {
    expect(() => parseIni('\ufeff[s]\n', 'f.ini')).to.throw(PipelineError, /f\.ini:1: .*byte order mark/);
  });

  it('shows no more of a bad line than is needed to find it', () => {
    expect(() => parseIni('[s]\npassword my-secret\n', 'f.ini'))
      .to.throw(PipelineError)
      .that.does.not.match(/secret/);
  });
});
