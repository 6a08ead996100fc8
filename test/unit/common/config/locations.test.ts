import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigError } from '../../../../src/common/config/errors.js';
import {
  readSources,
  searchFolders,
  standardFolders,
  standardSources,
} from '../../../../src/common/config/locations.js';
import { nearest } from '../../../../src/common/config/suggest.js';

describe('where configuration is', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;

  const put = (path: string, text = '[g]\n'): string => {
    const full = join(home, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, text);
    return full;
  };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'config-home-'));
    env = { HOME: home };
  });

  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('is looked for in the project folder at home, at home, and the same beneath /etc', () => {
    expect(standardFolders('thing', env)).to.deep.equal([join(home, '.thing'), home, '/etc/thing', '/etc']);
  });

  it('is taken from the first folder that has it, file and folder each', () => {
    expect(standardSources('no-such-project', env)).to.deep.equal({ file: [], dir: [] });
    const atHome = put('thing.conf');
    put('thing.conf.d/a.conf');
    expect(standardSources('thing', env).file).to.deep.equal([{ kind: 'file', path: atHome }]);
    const inProject = put('.thing/thing.conf');
    expect(standardSources('thing', env)).to.deep.equal({
      file: [{ kind: 'file', path: inProject }],
      dir: [{ kind: 'dir', path: join(home, 'thing.conf.d') }],
    });
  });

  it('in a folder is every *.conf in the order of names', () => {
    ['b.conf', 'a.conf', 'c.txt', '.h.conf', 'Z.conf'].forEach((name) => put(`d/${name}`));
    const read = readSources([{ kind: 'dir', path: '~/d' }], env).map(({ path }) => path);
    expect(read).to.deep.equal(['Z.conf', 'a.conf', 'b.conf'].map((name) => join(home, 'd', name)));
  });

  it('must exist when it was named', () => {
    for (const kind of ['file', 'dir'] as const) {
      expect(() => readSources([{ kind, path: '~/missing' }], env))
        .to.throw(ConfigError, join(home, 'missing'))
        .with.property('problem', 'not_found');
    }
  });

  it('leads other files: first the named folders, then beside the named files from the last on', () => {
    const sources = [
      { kind: 'file', path: '/x/a.conf' },
      { kind: 'file', path: '/y/b.conf' },
      { kind: 'dir', path: '/z' },
      { kind: 'file', path: '/x/c.conf' },
    ] as const;
    expect(searchFolders(sources, 'thing', env).slice(0, 3)).to.deep.equal(['/z', '/x', '/y']);
  });
});

describe('the nearest name', () => {
  const known = ['expiration', 'provider', 'driver', 'caching', 'cache_time', 'url', 'debug'];

  it('is found over a letter too many, too few, wrong or exchanged', () => {
    const found = ['expiraton', 'expirattion', 'provoder', 'drievr', 'Cache-Time', 'ulr'].map((name) =>
      nearest(name, known),
    );
    expect(found).to.deep.equal(['expiration', 'expiration', 'provider', 'driver', 'cache_time', 'url']);
  });

  it('is none when nothing is near', () => {
    expect(['xyz', 'expire', 'u', ''].map((name) => nearest(name, known))).to.deep.equal([
      null,
      null,
      null,
      null,
    ]);
  });
});
