import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConf, SECTIONS } from '../../../src/conf/index.js';
import { sampleText } from '../../../src/conf/sample.js';

const SAMPLE = new URL('../../../etc/keystone.conf.sample', import.meta.url);

describe('etc/keystone.conf.sample', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'conf-sample-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function load(text: string) {
    const file = join(folder, 'keystone.conf');
    writeFileSync(file, text);
    // A folder without files, so that none of this machine is read in its place.
    mkdirSync(join(folder, 'empty'), { recursive: true });
    return loadConf({ configFiles: [file], configDirs: [join(folder, 'empty')], env: { HOME: folder } });
  }

  it('is what scripts/generate_sample.ts writes', () => {
    const drifted = 'run: node --import tsx scripts/generate_sample.ts';
    expect(readFileSync(SAMPLE, 'utf8') === sampleText(), drifted).to.equal(true);
  });

  it('changes nothing as it is', () => {
    const { conf, notes } = load(sampleText());
    expect(conf).to.deep.equal(load('').conf);
    expect(notes).to.deep.equal([]);
  });

  it('shows the defaults: with every option uncommented nothing changes either', () => {
    const set = sampleText().replaceAll(/^#(?=\w+ = (?!<None>).)/gm, '');
    const { conf, notes } = load(set);
    expect(conf).to.deep.equal(load('').conf);
    expect(notes.filter((note) => note.includes('unknown'))).to.deep.equal([]);
    const assignments = set.match(/^\w+ = /gm) ?? [];
    expect(assignments.length).to.be.greaterThan(400);
  });

  it('has every option in its section', () => {
    const found = new Map<string, Set<string>>();
    let section = '';
    for (const line of sampleText().split('\n')) {
      section = /^\[(.+)\]$/.exec(line)?.[1] ?? section;
      const name = /^#(\w+) =/.exec(line)?.[1];
      if (name !== undefined) {
        found.set(section, (found.get(section) ?? new Set()).add(name));
      }
    }
    for (const [name, { options }] of Object.entries(SECTIONS)) {
      expect([...(found.get(name) ?? [])], name).to.have.members(Object.keys(options));
    }
  });

  it('has comments that fit on a screen', () => {
    const long = sampleText()
      .split('\n')
      .filter((line) => line.startsWith('# ') && line.length > 79 && line.split(' ').length > 2);
    expect(long).to.deep.equal([]);
  });
});
