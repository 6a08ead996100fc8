import { expect } from 'chai';
import type { ErrorKind } from '../../../src/pipeline/errors.js';
import {
  checkFile,
  configUri,
  defineFilter,
  loadApp,
  type PipelineMiddleware,
} from '../../../src/pipeline/index.js';
import { Folder, refusal, tracingRegistry } from './support.js';

interface Wrong {
  readonly what: string;
  readonly ini: string;
  readonly kind: ErrorKind;
  readonly line: number;
  readonly section?: string;
  readonly offender?: string;
  readonly nearest?: string;
}

const stock = '[filter:mark]\nuse = egg:t#mark\n[app:say]\nuse = egg:t#say\n';

const wrongs: readonly Wrong[] = [
  {
    what: 'a filter that there is no section for',
    ini: `${stock}[pipeline:main]\npipeline = mork say\n`,
    kind: 'no-section',
    line: 6,
    section: 'pipeline:main',
    offender: 'mork',
    nearest: 'mark',
  },
  {
    what: 'an app that there is no section for',
    ini: `${stock}[composite:main]\nuse = egg:Paste#urlmap\n/ = syy\n`,
    kind: 'no-section',
    line: 7,
    section: 'composite:main',
    offender: 'syy',
    nearest: 'say',
  },
  {
    what: 'a filter as the last item',
    ini: `${stock}[pipeline:main]\npipeline = mark\n`,
    kind: 'no-section',
    line: 6,
    section: 'pipeline:main',
    offender: 'mark',
  },
  {
    what: 'an app in the middle',
    ini: `${stock}[pipeline:main]\npipeline = say mark say\n`,
    kind: 'no-section',
    line: 6,
    section: 'pipeline:main',
    offender: 'say',
  },
  {
    what: 'an empty pipeline',
    ini: '[pipeline:main]\npipeline =\n',
    kind: 'empty-pipeline',
    line: 2,
    section: 'pipeline:main',
  },
  {
    what: 'a pipeline with settings of its own',
    ini: `${stock}[pipeline:main]\npipeline = mark say\nas = x\n`,
    kind: 'pipeline-extra-settings',
    line: 7,
    section: 'pipeline:main',
    offender: 'as',
  },
  {
    what: 'an entry point that there is not',
    ini: '[app:main]\nuse = egg:t#sya\n',
    kind: 'no-entry-point',
    line: 2,
    section: 'app:main',
    offender: 'sya',
    nearest: 'say',
  },
  {
    what: 'a package that there is not',
    ini: '[app:main]\nuse = egg:Pate#urlmap\n',
    kind: 'no-distribution',
    line: 2,
    section: 'app:main',
    offender: 'Pate',
    nearest: 'Paste',
  },
  {
    what: 'a section that says no factory',
    ini: '[app:main]\nus = egg:t#say\n',
    kind: 'no-loader',
    line: 1,
    section: 'app:main',
    offender: 'us',
    nearest: 'use',
  },
  {
    what: 'a pipeline that says no items',
    ini: `${stock}[pipeline:main]\npipelin = mark say\n`,
    kind: 'pipeline-without-items',
    line: 5,
    section: 'pipeline:main',
    offender: 'pipelin',
    nearest: 'pipeline',
  },
  {
    what: 'a filter-app that says no next',
    ini: `${stock}[filter-app:main]\nuse = mark\n`,
    kind: 'filter-app-without-next',
    line: 5,
    section: 'filter-app:main',
  },
  {
    what: 'a section that says two factories',
    ini: '[app:main]\npaste.app_factory = ./filter.js:factory\npaste.composite_factory = ./filter.js:factory\n',
    kind: 'multiple-protocols',
    line: 1,
    section: 'app:main',
  },
  {
    what: 'a name that is two things',
    ini: `${stock}[app:main]\nuse = say\n[pipeline:main]\npipeline = say\n`,
    kind: 'ambiguous-section',
    line: 0,
    offender: 'main',
  },
  {
    what: 'a circle of use',
    ini: '[app:main]\nuse = other\n[app:other]\nuse = main\n',
    kind: 'recursion',
    line: 4,
    section: 'app:other',
  },
  {
    what: 'a circle through a composite',
    ini: '[composite:main]\nuse = egg:Paste#urlmap\n/a = inner\n[pipeline:inner]\npipeline = main\n',
    kind: 'recursion',
    line: 5,
  },
  {
    what: 'a module that is not there',
    ini: '[app:main]\npaste.app_factory = ./filtre.js:factory\n',
    kind: 'no-module',
    line: 2,
    section: 'app:main',
    offender: './filtre.js:factory',
    nearest: 'filter.js',
  },
  {
    what: 'an export that is not there',
    ini: '[app:main]\npaste.app_factory = ./filter.js:fcatory\n',
    kind: 'no-attribute',
    line: 2,
    section: 'app:main',
    nearest: 'factory',
  },
  {
    what: 'a module that cannot be imported',
    ini: '[app:main]\nuse = call:./broken.js:factory\n',
    kind: 'no-module',
    line: 2,
    section: 'app:main',
  },
  {
    what: 'an export that is no function',
    ini: '[app:main]\nuse = call:./filter.js:number\n',
    kind: 'bad-factory',
    line: 2,
    section: 'app:main',
  },
  {
    what: 'a name without a section that would say how to call it',
    ini: `${stock}[pipeline:main]\npipeline = call:./filter.js:factory say\n`,
    kind: 'bad-protocol',
    line: 6,
    section: 'pipeline:main',
  },
  {
    what: 'a filter in the place of an app',
    ini: '[app:main]\npaste.app_factory = old.middleware:Checked.factory\n',
    kind: 'bad-factory',
    line: 2,
    section: 'app:main',
    nearest: 'paste.filter_factory',
  },
  {
    what: 'an option that a filter does not have',
    ini: `${stock}[filter:checked]\nuse = egg:t#checked\ninsecur = no\n[pipeline:main]\npipeline = checked say\n`,
    kind: 'unknown-option',
    line: 7,
    section: 'filter:checked',
    offender: 'insecur',
    nearest: 'insecure',
  },
  {
    what: 'a bad value of an option',
    ini: `${stock}[filter:checked]\nuse = egg:t#checked\n\ninsecure = perhaps\n[pipeline:main]\npipeline = checked say\n`,
    kind: 'bad-option',
    line: 8,
    section: 'filter:checked',
    offender: 'insecure',
  },
  {
    what: 'a value that refers to nothing',
    ini: '[DEFAULT]\nhost = h\n[app:main]\nuse = egg:t#say\nas = %(hast)s\n',
    kind: 'interpolation-missing',
    line: 5,
    section: 'app:main',
    offender: 'hast',
    nearest: 'host',
  },
  {
    what: 'a get of nothing',
    ini: '[DEFAULT]\nhost = h\n[app:main]\nuse = egg:t#say\nget as = hast\n',
    kind: 'missing-global',
    line: 5,
    section: 'app:main',
    offender: 'hast',
    nearest: 'host',
  },
  {
    what: 'a file that is not there',
    ini: '[app:main]\nuse = config:mian.ini\n',
    kind: 'no-file',
    line: 2,
    section: 'app:main',
  },
  {
    what: 'a wrong path of a urlmap',
    ini: `${stock}[composite:main]\nuse = egg:Paste#urlmap\n/ = say\nv3 = say\n`,
    kind: 'bad-url',
    line: 8,
    section: 'composite:main',
    offender: 'v3',
  },
  {
    what: 'a wrong setting of a cascade',
    ini: `${stock}[composite:main]\nuse = egg:Paste#cascade\napp1 = say\nfirst = say\n`,
    kind: 'cascade-bad-key',
    line: 8,
    section: 'composite:main',
    offender: 'first',
  },
  {
    what: 'a filter that needs what comes later',
    ini: `${stock}[filter:needs]\nuse = egg:t#needs\n[filter:gives]\nuse = egg:t#gives\n[pipeline:main]\npipeline = needs gives say\n`,
    kind: 'bad-order',
    line: 10,
    section: 'pipeline:main',
    offender: 'needs',
  },
];

describe('refusing a wrong file', () => {
  let folder: Folder;
  let called: string[];

  const pass: PipelineMiddleware = (_ctx, next) => next();

  function registry() {
    const made = tracingRegistry();
    const checked = defineFilter({ options: { insecure: { type: 'bool', default: false } } }, () => {
      called.push('checked');
      return pass;
    });
    made.add('t', 'checked', 'filter', () => checked, { aliases: ['old.middleware:Checked.factory'] });
    made.add('t', 'needs', 'filter', () => defineFilter({ requires: ['id'] }, () => pass));
    made.add('t', 'gives', 'filter', () => defineFilter({ provides: ['id'] }, () => pass));
    return made;
  }

  beforeEach(async () => {
    called = [];
    folder = await Folder.create({
      'filter.js': 'export const factory = () => (ctx, next) => next();\nexport const number = 1;\n',
      'broken.js': 'export const factory = ;\n',
      'package.json': '{"type": "module"}',
    });
  });

  afterEach(() => folder.remove());

  for (const wrong of wrongs) {
    it(`names the place of ${wrong.what}, and what was probably meant`, async () => {
      const file = await folder.write('paste.ini', wrong.ini);
      const error = await refusal(loadApp(configUri(file), { registry: registry() }));
      expect(error.problems, error.message).to.have.length(1);
      expect(error.kind, error.message).to.equal(wrong.kind);
      expect(error.file).to.equal(file);
      // A name that the caller gave stands in no line.
      expect(error.line ?? 0, error.message).to.equal(wrong.line);
      expect(error.message).to.match(new RegExp(`^${file}:${wrong.line === 0 ? '' : `${wrong.line}:`} `));
      if (wrong.section !== undefined) expect(error.section).to.equal(wrong.section);
      if (wrong.offender !== undefined) {
        expect(error.offender).to.equal(wrong.offender);
        expect(error.message).to.include(wrong.offender);
      }
      if (wrong.nearest !== undefined) expect(error.message).to.include(`(nearest: ${wrong.nearest}`);
      expect(called, 'factories that were called').to.deep.equal([]);
    });
  }

  it('tells everything that is wrong at once, once each, and calls nothing', async () => {
    const file = await folder.write(
      'paste.ini',
      [
        stock,
        '[filter:checked]\nuse = egg:t#checked\ninsecure = perhaps\ncolour = red',
        '[pipeline:one]\npipeline = checked mrk say',
        '[pipeline:two]\npipeline = checked mark sya',
        '[composite:main]\nuse = egg:Paste#urlmap\n/one = one\n/two = two\n/three = three\n',
      ].join('\n'),
    );
    const error = await refusal(loadApp(configUri(file), { registry: registry() }));
    expect(error.problems.map((problem) => [problem.kind, problem.name])).to.have.deep.members([
      ['no-section', 'mrk'],
      ['no-section', 'sya'],
      ['no-section', 'three'],
      ['bad-option', 'insecure'],
      ['unknown-option', 'colour'],
    ]);
    expect(error.message).to.match(/^5 problems:\n/);
    expect(called).to.deep.equal([]);
  });

  it('says what the name is instead, when it is something else', async () => {
    const file = await folder.write('paste.ini', `${stock}[pipeline:main]\npipeline = mark\n`);
    expect((await refusal(loadApp(configUri(file), { registry: registry() }))).message).to.include(
      "'mark' is a filter, and a pipeline must end in an app",
    );
  });

  it('does not show the value of an option whose name says that it is secret', async () => {
    const registryWithSecret = tracingRegistry();
    const strict = defineFilter(
      { options: { admin_token: { type: 'int' }, pin: { type: 'int', secret: true } } },
      () => pass,
    );
    registryWithSecret.add('t', 'strict', 'filter', () => strict);
    const file = await folder.write(
      'paste.ini',
      `${stock}[filter:strict]\nuse = egg:t#strict\nadmin_token = hunter2\npin = hunter3\n[pipeline:main]\npipeline = strict say\n`,
    );
    const error = await refusal(loadApp(configUri(file), { registry: registryWithSecret }));
    expect(error.problems).to.have.length(2);
    expect(error.message).not.to.match(/hunter/);
  });

  it('tells which filter gives what another needs', async () => {
    const file = await folder.write(
      'paste.ini',
      `${stock}[filter:needs]\nuse = egg:t#needs\n[filter:gives]\nuse = egg:t#gives\n[pipeline:main]\npipeline = needs gives say\n`,
    );
    expect((await refusal(loadApp(configUri(file), { registry: registry() }))).message).to.include(
      "'gives', which provides it, must stand before",
    );
  });

  it('takes what a filter gives for all that is further in, also behind a composite', async () => {
    const file = await folder.write(
      'paste.ini',
      `${stock}[filter:needs]\nuse = egg:t#needs\n[filter:gives]\nuse = egg:t#gives\n[pipeline:main]\npipeline = gives map\n[composite:map]\nuse = egg:Paste#urlmap\n/ = inner\n[pipeline:inner]\npipeline = needs say\n`,
    );
    await loadApp(configUri(file), { registry: registry() });
  });

  it('lets go of what was made when a later factory fails', async () => {
    const made = registry();
    const disposed: string[] = [];
    made.add(
      't',
      'holder',
      'filter',
      () => (_global: object, local: { as: string }) =>
        Object.assign((_ctx: unknown, next: () => Promise<void>) => next(), {
          dispose: () => void disposed.push(local.as),
        }),
    );
    made.add('t', 'fails', 'filter', () => () => Promise.reject(new Error('no connection')));
    const file = await folder.write(
      'paste.ini',
      `${stock}[filter:a]\nuse = egg:t#holder\nas = a\n[filter:b]\nuse = egg:t#holder\nas = b\n[filter:c]\nuse = egg:t#fails\n[pipeline:main]\npipeline = a b c say\n`,
    );
    const error = await refusal(loadApp(configUri(file), { registry: made }));
    expect(error.kind).to.equal('factory-failed');
    expect(error.message).to.match(/\[filter:c\]: 'egg:t#fails' failed: no connection$/);
    expect(disposed).to.deep.equal(['b', 'a']);
  });

  for (const [what, factory, why] of [
    ['nothing', () => undefined, /returned no Koa middleware, but nothing/],
    ['a list', () => [], /but a list/],
    ['text', () => 'x', /but a string/],
  ] as const) {
    it(`names the section of a filter whose factory returns ${what}`, async () => {
      const made = registry();
      made.add('t', 'odd', 'filter', () => factory);
      const file = await folder.write(
        'paste.ini',
        `${stock}[filter:odd]\nuse = egg:t#odd\n[pipeline:main]\npipeline = odd say\n`,
      );
      const error = await refusal(loadApp(configUri(file), { registry: made }));
      expect(error.kind).to.equal('bad-factory');
      expect(error.section).to.equal('filter:odd');
      expect(error.message).to.match(why);
    });
  }

  it('refuses metadata that would be ignored', async () => {
    for (const meta of [
      { options: { a: { type: 'number' } } },
      { requires: 'id' },
      { observe: true },
      { options: { a: null } },
    ]) {
      const made = registry();
      made.add('t', 'odd', 'filter', () => Object.assign(() => pass, { meta }));
      const file = await folder.write(
        'paste.ini',
        `${stock}[filter:odd]\nuse = egg:t#odd\n[pipeline:main]\npipeline = odd say\n`,
      );
      const error = await refusal(loadApp(configUri(file), { registry: made }));
      expect(error.kind, JSON.stringify(meta)).to.equal('bad-factory');
      expect(error.message).to.include("'egg:t#odd': its meta.");
    }
  });

  it('refuses a URI that names no scheme', async () => {
    expect((await refusal(loadApp('paste.ini'))).message).to.match(/^'paste\.ini' names no scheme/);
  });

  it('checks sections that nothing uses, too, when asked for the whole file', async () => {
    const file = await folder.write(
      'paste.ini',
      `${stock}[pipeline:spare]\npipeline = mork say\n[filtr:typo]\nuse = egg:t#mark\n[uwsgi]\nworkers = 2\n`,
    );
    const { problems, warnings, sections } = await checkFile(file, { registry: registry() });
    expect(problems.map((problem) => [problem.line, problem.name, problem.nearest])).to.deep.equal([
      [6, 'mork', 'mark'],
    ]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('[filter:typo]');
    expect(sections).to.deep.equal(['filter:mark', 'app:say', 'pipeline:spare']);
    expect(called).to.deep.equal([]);
  });

  it('judges the order of filters by whole stacks, not by their parts', async () => {
    const parts = `${stock}[filter:needs]\nuse = egg:t#needs\n[filter:gives]\nuse = egg:t#gives\n[composite:map]\nuse = egg:Paste#urlmap\n/ = inner\n[pipeline:inner]\npipeline = needs say\n`;
    const right = await folder.write('right.ini', `${parts}[pipeline:main]\npipeline = gives map\n`);
    expect((await checkFile(right, { registry: registry() })).problems).to.deep.equal([]);
    const wrong = await folder.write('wrong.ini', `${parts}[pipeline:main]\npipeline = mark map\n`);
    const { problems } = await checkFile(wrong, { registry: registry() });
    expect(problems.map((problem) => [problem.kind, problem.section, problem.name])).to.deep.equal([
      ['bad-order', 'pipeline:inner', 'needs'],
    ]);
  });

  it('reports a file that cannot be read at all as a problem of the check', async () => {
    const { problems } = await checkFile(folder.file('none.ini'));
    expect(problems.map((problem) => problem.kind)).to.deep.equal(['no-file']);
  });
});
