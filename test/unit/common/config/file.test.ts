import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError } from '../../../../src/common/config/errors.js';
import { parseConfigText, readConfigFile } from '../../../../src/common/config/file.js';

function valueOf(text: string, section = 'g', name = 'x'): string | undefined {
  return parseConfigText(text, 'a.conf').sections.get(section)?.get(name)?.at(-1)?.text;
}

function problemOf(work: () => unknown): ConfigError {
  try {
    work();
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return error as ConfigError;
  }
  return expect.fail('nothing was refused');
}

describe('a configuration file', () => {
  describe('loses nothing of a value', () => {
    const values = [
      'pa#ss;w%rd=:"$',
      '# no comment',
      '; no comment',
      'a ; b # c',
      'true',
      'null',
      '"open',
      "it's",
      '\\"x\\" \\; \\#',
      'x[]=y',
      '[not a section]',
      'tab\tinside',
      'é 日本 \u{1f511}',
      'a\u2028b\u2029c',
      '50%%',
      '{"json": ["a", 1]}',
      '-----BEGIN=',
    ];
    for (const value of values) {
      it(JSON.stringify(value), () => {
        expect(valueOf(`[g]\nx = ${value}\ny = 1\n`)).to.equal(value);
      });
    }
  });

  it('keeps sections and names apart that an object would mix up', () => {
    const { sections } = parseConfigText(
      '[__proto__]\nx = 1\n[a.b]\nx = 2\n[a]\nb = 3\n[toString]\n__proto__ = 4\nconstructor = 5\n[c]d]\nx = 6\n',
      'a.conf',
    );
    expect([...sections.keys()]).to.have.members(['__proto__', 'a.b', 'a', 'tostring', 'c]d']);
    expect(sections.get('a')?.get('b')?.[0]?.text).to.equal('3');
    expect(sections.get('tostring')?.get('__proto__')?.[0]?.text).to.equal('4');
    expect({}).to.not.have.property('x');
  });

  it('knows the line of every value and section, also over continued lines and with CRLF', () => {
    const file = parseConfigText('# c\r\n[g]\r\nx = a,\r\n  b\r\n\r\nx = c\r\n[h]\r\n', 'a.conf');
    expect(file.sections.get('g')?.get('x')).to.deep.equal([
      { text: 'a,\nb', line: 3 },
      { text: 'c', line: 6 },
    ]);
    expect([...file.sectionLines]).to.deep.equal([
      ['g', 2],
      ['h', 7],
    ]);
  });

  it('joins sections of the same name in the order of the file, whatever their case', () => {
    const values = parseConfigText('[G]\nx = 1\n[h]\nx = 0\n[g]\nx = 2\n', 'a.conf')
      .sections.get('g')
      ?.get('x');
    expect(values?.map(({ text }) => text)).to.deep.equal(['1', '2']);
  });

  it('knows DEFAULT by exactly this name', () => {
    expect(valueOf('[DEFAULT]\nx = 1\n[default]\nx = 2\n', 'DEFAULT')).to.equal('1');
  });

  it('removes one pair of equal quotes and keeps the blanks within', () => {
    expect(valueOf('[g]\nx = " a "\n')).to.equal(' a ');
    expect(valueOf('[g]\nx = "a\'\n')).to.equal('"a\'');
    expect(valueOf('[g]\nx = ""a""\n')).to.equal('"a"');
  });

  it('ends a value at a blank line and at a comment', () => {
    expect(valueOf('[g]\nx = a\n\ny = b\n')).to.equal('a');
    const { place } = problemOf(() => parseConfigText('[g]\nx = a\n# c\n b\n', 'a.conf'));
    expect(place).to.deep.equal({ file: 'a.conf', line: 4 });
  });

  describe('that is wrong is refused with its line', () => {
    const cases: readonly (readonly [name: string, text: string, line: number])[] = [
      ['an option before any section', 'x = 1\n', 1],
      ['a section without its end', '[g]\nx = 1\n[h\n', 3],
      ['text behind a section', '[g] # c\n', 1],
      ['a section without a name', '[]\n', 1],
      ['a line that is nothing', '[g]\nx\n', 2],
      ['a value without a name', '[g]\n= 1\n', 2],
      ['a continuation of nothing', '[g]\n x = 1\n', 2],
    ];
    for (const [name, text, line] of cases) {
      it(name, () => {
        const error = problemOf(() => parseConfigText(text, '/etc/k/a.conf'));
        expect(error.problem).to.equal('syntax');
        expect(error.place).to.deep.equal({ file: '/etc/k/a.conf', line });
        expect(error.message).to.match(new RegExp(`^/etc/k/a\\.conf:${line}: `));
      });
    }

    it('a byte order mark, by its name', () => {
      expect(problemOf(() => parseConfigText('\ufeff[g]\n', 'a.conf')).message).to.contain('byte order mark');
    });
  });

  it('does not repeat a line that it cannot read, which may be part of a secret', () => {
    const text = '[g]\npassword = s3cr\n3t-part-two\n';
    expect(problemOf(() => parseConfigText(text, 'a.conf')).message).to.not.contain('3t-part-two');
  });

  describe('on disk', () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'config-file-'));
    });

    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    it('must be there', () => {
      const path = join(folder, 'missing.conf');
      const error = problemOf(() => readConfigFile(path));
      expect(error.problem).to.equal('not_found');
      expect(error.message).to.contain(path);
    });

    it('must be a file', () => {
      expect(problemOf(() => readConfigFile(folder)).problem).to.equal('unreadable');
    });

    it('must be UTF-8', () => {
      const path = join(folder, 'latin1.conf');
      writeFileSync(path, Buffer.from('[g]\nx = h\xe9\n', 'latin1'));
      const error = problemOf(() => readConfigFile(path));
      expect(error.problem).to.equal('unreadable');
      expect(error.message).to.contain('UTF-8');
    });
  });
});
