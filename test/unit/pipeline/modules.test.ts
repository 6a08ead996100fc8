import { chmod, mkdir, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { configUri, explainApp, type LoadOptions, loadApp } from '../../../src/pipeline/index.js';
import { Folder, refusal, serve, tracingRegistry } from './support.js';

const filter = (mark: string) =>
  `export const factory = (globalConf, localConf) => (ctx, next) => { ctx.append('X-Trace', localConf.as ?? '${mark}'); return next(); };
export default factory;
export const holder = { make: factory };
export const say = (globalConf, localConf) => (ctx) => { ctx.body = '${mark}'; };\n`;

const manifest = (name: string, more: object) => JSON.stringify({ name, type: 'module', ...more });

const app = '[app:say]\nuse = egg:t#say\n';

describe('modules of deployers', () => {
  let root: Folder;

  beforeEach(async () => {
    root = await Folder.create({
      'etc/paste.ini': '',
      'etc/package.json': '{"type": "module"}',
      'etc/own.js': filter('own'),
      'etc/deep/er.js': filter('deep'),
      'etc/old.cjs':
        'exports.factory = () => (ctx, next) => { ctx.append("X-Trace", "cjs"); return next(); };\n',
      'else/where.mjs': filter('elsewhere'),
      'etc/node_modules/declares/package.json': manifest('declares', {
        paste: {
          'paste.filter_factory': {
            main: './lib/index.js:factory',
            bad: './lib/none.js:factory',
            out: '../../own.js:factory',
          },
          'paste.app_factory': { say: './lib/index.js:say' },
        },
      }),
      'etc/node_modules/declares/lib/index.js': filter('declares'),
      'etc/node_modules/plain/package.json': manifest('plain', {
        exports: { '.': { import: './main.js' }, './sub': './sub.js' },
      }),
      'etc/node_modules/plain/main.js': filter('plain'),
      'etc/node_modules/plain/sub.js': filter('plain-sub'),
      'etc/node_modules/plain/hidden.js': filter('hidden'),
      'etc/node_modules/@acme/filters/package.json': manifest('@acme/filters', {
        main: 'index.js',
        paste: { 'paste.filter_factory': { stamp: './index.js:factory' } },
      }),
      'etc/node_modules/@acme/filters/index.js': filter('acme'),
    });
  });

  afterEach(() => root.remove());

  /** Load a pipeline of one filter; returns the marks that a request gets. */
  async function marks(section: string, options: LoadOptions = {}): Promise<string | null> {
    const file = await root.write(
      'etc/paste.ini',
      `${app}[filter:f]\n${section}\n[pipeline:main]\npipeline = f say\n`,
    );
    const loaded = await loadApp(configUri(file), { registry: tracingRegistry(), ...options });
    const serving = await serve(loaded);
    try {
      return (await fetch(serving.url)).headers.get('x-trace');
    } finally {
      await serving.close();
    }
  }

  for (const [section, mark] of [
    ['paste.filter_factory = ./own.js:factory', 'own'],
    ['paste.filter_factory = ./own.js:holder.make', 'own'],
    ['paste.filter_factory = ./own.js', 'own'],
    ['paste.filter_factory = ./deep/er.js:factory', 'deep'],
    ['paste.filter_factory = ./old.cjs:factory', 'cjs'],
    ['use = call:./own.js:factory\nas = named', 'named'],
    ['use = egg:declares', 'declares'],
    ['use = egg:declares#main', 'declares'],
    ['use = egg:@acme/filters#stamp', 'acme'],
    ['paste.filter_factory = @acme/filters:factory', 'acme'],
  ] as const) {
    it(`are found by ${section.replace('\n', ', ')}`, async () => {
      expect(await marks(section)).to.equal(mark);
    });
  }

  for (const [section, kind, why] of [
    ['paste.filter_factory = ../else/where.mjs:factory', 'not-allowed', /else are not allowed/],
    ['use = call:./own.js:holder.make', 'no-attribute', /without dots/],
    ['use = call:./own.js', 'bad-call-spec', /call:module:function/],
    ['paste.filter_factory = plain:factory', 'not-allowed', /package plain is not allowed/],
    ['use = egg:plain#main', 'no-entry-point', /has no filter 'main'/],
    ['use = egg:declares#mian', 'no-entry-point', /nearest: main/],
    ['use = egg:declares#say', 'no-entry-point', /has no filter 'say'/],
    ['use = egg:declares#bad', 'no-module', /there is no module .*none\.js/],
    ['use = egg:declares#out', 'not-allowed', /lies outside of the package declares/],
    ['use = egg:../own#main', 'no-distribution', /'\.\.\/own'/],
    ['use = egg:absent#main', 'no-distribution', /'absent'/],
    ['use = egg:#main', 'value-error', /names no package/],
    ['use = call:a:b:c', 'value-error', /more than a module/],
    ['paste.filter_factory = absent:factory', 'no-module', /'absent'/],
    ['paste.filter_factory = ./deep:factory', 'no-module', /there is no module/],
    ['require = absent\nuse = egg:declares', 'no-distribution', /'absent'/],
  ] as const) {
    it(`are refused: ${section.replace('\n', ', ')}`, async () => {
      const error = await refusal(marks(section));
      expect(error.kind, error.message).to.equal(kind);
      expect(error.message).to.match(why);
      expect(error.message).to.include('[filter:f]');
    });
  }

  it('are found when they are required, and are there', async () => {
    expect(await marks('require = declares t Paste\nuse = egg:declares')).to.equal('declares');
  });

  it('may lie in any folder that is allowed, and only there', async () => {
    const allowedModules = [root.file('else')];
    expect(await marks('paste.filter_factory = ../else/where.mjs:factory', { allowedModules })).to.equal(
      'elsewhere',
    );
    expect(
      (await refusal(marks('paste.filter_factory = ./own.js:factory', { allowedModules }))).kind,
    ).to.equal('not-allowed');
    expect((await refusal(marks('use = egg:declares', { allowedModules }))).kind).to.equal('not-allowed');
  });

  it('may be of a package that is allowed by name, as far as it exports them', async () => {
    const allowedModules = ['plain'];
    expect(await marks('paste.filter_factory = plain:factory', { allowedModules })).to.equal('plain');
    expect(await marks('paste.filter_factory = plain/sub:factory', { allowedModules })).to.equal('plain-sub');
    expect(
      (await refusal(marks('paste.filter_factory = plain/hidden.js:factory', { allowedModules }))).kind,
    ).to.equal('no-module');
  });

  it('always may be built in', async () => {
    expect(await marks('use = egg:t#mark', { allowedModules: [] })).to.equal('mark');
  });

  it('cannot leave an allowed folder by a link', async () => {
    await symlink(root.file('else/where.mjs'), root.file('etc/link.mjs'));
    expect((await refusal(marks('paste.filter_factory = ./link.mjs:factory'))).kind).to.equal('not-allowed');
  });

  it('of a linked package are found, as npm links them', async () => {
    await root.write(
      'work/mine/package.json',
      manifest('mine', { paste: { 'paste.filter_factory': { main: './index.js:factory' } } }),
    );
    await root.write('work/mine/index.js', filter('mine'));
    await symlink(root.file('work/mine'), root.file('etc/node_modules/mine'));
    expect(await marks('use = egg:mine')).to.equal('mine');
  });

  it('of the package that the paste file itself is in are found by its name', async () => {
    await root.write(
      'etc/package.json',
      manifest('self', { paste: { 'paste.filter_factory': { main: './own.js:factory' } } }),
    );
    expect(await marks('use = egg:self')).to.equal('own');
  });

  it('do not hide built-in names', async () => {
    await root.write(
      'etc/node_modules/t/package.json',
      manifest('t', { paste: { 'paste.filter_factory': { mark: './index.js:factory' } } }),
    );
    await root.write('etc/node_modules/t/index.js', filter('impostor'));
    expect(await marks('use = egg:t#mark')).to.equal('mark');
  });

  it('start relative paths from the folder of the file that names them', async () => {
    await root.write('etc/inc/more.ini', '[filter:f]\npaste.filter_factory = ./inc.mjs:factory\n');
    await root.write('etc/inc/inc.mjs', filter('inc'));
    expect(await marks('use = config:inc/more.ini#f')).to.equal('inc');
  });

  it('are imported again when they have changed', async () => {
    const section = 'paste.filter_factory = ./own.js:factory';
    expect(await marks(section)).to.equal('own');
    await root.write('etc/own.js', filter('changed'));
    await utimes(root.file('etc/own.js'), 1, 1);
    expect(await marks(section)).to.equal('changed');
    expect(await marks(section)).to.equal('changed');
  });

  it('are told by the explanation, with the file behind the name', async () => {
    const file = await root.write(
      'etc/paste.ini',
      `${app}[filter:f]\nuse = egg:declares\n[pipeline:main]\npipeline = f say\n`,
    );
    const { filters } = await explainApp(configUri(file), { registry: tracingRegistry() });
    expect(filters[0]?.factory.module).to.equal(root.file('etc/node_modules/declares/lib/index.js'));
  });

  if (process.platform !== 'win32') {
    describe('that everybody may write', () => {
      const section = 'paste.filter_factory = ./deep/er.js:factory';

      for (const [what, path, mode] of [
        ['a module', 'etc/deep/er.js', 0o666],
        ['the folder of a module', 'etc/deep', 0o777],
        ['the folder of a module, though sticky', 'etc/deep', 0o1777],
        ['the paste file', 'etc/paste.ini', 0o646],
        ['the folder of the paste file', 'etc', 0o777],
      ] as const) {
        it(`are refused: ${what}`, async () => {
          await root.write(
            'etc/paste.ini',
            `${app}[filter:f]\n${section}\n[pipeline:main]\npipeline = f say\n`,
          );
          await chmod(root.file(path), mode);
          const error = await refusal(
            loadApp(configUri(root.file('etc/paste.ini')), { registry: tracingRegistry() }),
          );
          expect(error.kind).to.equal('unsafe-permissions');
          expect(error.message).to.include(root.file(path)).and.include('chmod o-w');
        });
      }

      it('are refused in included files and in packages, too', async () => {
        await root.write('etc/more.ini', '[filter:f]\nuse = egg:t#mark\n');
        await chmod(root.file('etc/more.ini'), 0o666);
        expect((await refusal(marks('use = config:more.ini#f'))).kind).to.equal('unsafe-permissions');
        await chmod(root.file('etc/node_modules/declares/lib/index.js'), 0o666);
        expect((await refusal(marks('use = egg:declares'))).kind).to.equal('unsafe-permissions');
      });

      it('are refused behind a link, too', async () => {
        await root.write('else/shared.ini', `${app}[pipeline:main]\npipeline = say\n`);
        await chmod(root.file('else/shared.ini'), 0o666);
        await symlink(root.file('else/shared.ini'), root.file('etc/link.ini'));
        expect(
          (await refusal(loadApp(configUri(root.file('etc/link.ini')), { registry: tracingRegistry() })))
            .kind,
        ).to.equal('unsafe-permissions');
      });
    });
  }

  it('cannot be read from what is no file or no text', async () => {
    await mkdir(root.file('etc/folder.ini'));
    expect((await refusal(loadApp(configUri(root.file('etc/folder.ini'))))).kind).to.equal('unreadable-file');
    await root.write('etc/latin.ini', '');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(root.path, 'etc/latin.ini'), Buffer.from('[app:main]\nk = \xe9\n', 'latin1'));
    expect((await refusal(loadApp(configUri(root.file('etc/latin.ini'))))).kind).to.equal('encoding');
  });
});
