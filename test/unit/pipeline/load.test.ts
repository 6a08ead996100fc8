import { expect } from 'chai';
import {
  appConfig,
  type CompositeLoader,
  configUri,
  createRegistry,
  defineFilter,
  type GlobalConf,
  type LoadOptions,
  loadApp,
  loadFilter,
  loadServer,
  type PipelineMiddleware,
} from '../../../src/pipeline/index.js';
import { type HeldClock, holdClock } from '../../support/held_clock.js';
import { Folder, refusal, type Serving, serve, tracingRegistry } from './support.js';

const stock = `
[filter:a]
use = egg:t#mark
as = a
[filter:b]
use = egg:t#mark
as = b
[filter:c]
use = egg:t#mark
as = c
[app:say]
use = egg:t#say
`;

describe('loading apps for Koa', () => {
  let folder: Folder;
  let serving: Serving | undefined;

  before(async () => {
    folder = await Folder.create();
  });

  afterEach(async () => {
    await serving?.close();
    serving = undefined;
  });

  after(() => folder.remove());

  async function load(ini: string, options: LoadOptions = {}) {
    const file = await folder.write('paste.ini', stock + ini);
    return loadApp(configUri(file), { registry: tracingRegistry(), ...options });
  }

  async function get(
    app: PipelineMiddleware,
    path = '/',
    behind: readonly PipelineMiddleware[] = [],
  ): Promise<Response> {
    serving = await serve(app, ...behind);
    return fetch(`${serving.url}${path}`);
  }

  it('runs the filters of a pipeline in the order of the file', async () => {
    const response = await get(await load('[pipeline:main]\npipeline = b a c say\n'));
    expect(response.headers.get('x-trace')).to.equal('b, a, c');
    expect(await response.json()).to.include({ app: 'say' });
  });

  it('runs filter-with outside of the app that it is given to, filter-app before its next, and nested pipelines inside', async () => {
    const response = await get(
      await load(
        '[pipeline:main]\npipeline = a fa\n[filter-app:fa]\nuse = b\nnext = inner\nfilter-with = c\n[pipeline:inner]\npipeline = a say\nfilter-with = b\n',
      ),
    );
    expect(response.headers.get('x-trace')).to.equal('a, c, b, b, a');
  });

  it('composes a filter that wraps the app by itself', async () => {
    const registry = tracingRegistry();
    registry.add(
      't',
      'wrap',
      'filter_app',
      () =>
        (app: PipelineMiddleware): PipelineMiddleware =>
        async (ctx, next) => {
          ctx.append('X-Trace', 'before');
          await app(ctx, next);
          ctx.append('X-Trace', 'after');
        },
    );
    const app = await load('[filter:w]\nuse = egg:t#wrap\n[pipeline:main]\npipeline = a w b say\n', {
      registry,
    });
    expect((await get(app)).headers.get('x-trace')).to.equal('a, before, b, after');
  });

  it('answers 404 when the app passes a request on, whatever stands behind it', async () => {
    const registry = tracingRegistry();
    registry.add('t', 'silent', 'app', () => (): PipelineMiddleware => (_ctx, next) => next());
    const app = await load('[app:silent]\nuse = egg:t#silent\n[pipeline:main]\npipeline = a silent\n', {
      registry,
    });
    const response = await get(app, '/', [
      (ctx) => {
        ctx.body = 'leaked';
      },
    ]);
    expect(response.status).to.equal(404);
    expect(await response.text()).not.to.equal('leaked');
  });

  it('lets a single app be a whole pipeline', async () => {
    expect(await (await get(await load('', { name: 'say' }))).json()).to.include({ app: 'say' });
  });

  it('refuses a second next() of a filter', async () => {
    const registry = tracingRegistry();
    registry.add(
      't',
      'twice',
      'filter',
      () => (): PipelineMiddleware => async (_ctx, next) => {
        await next();
        await next();
      },
    );
    const app = await load('[filter:twice]\nuse = egg:t#twice\n[pipeline:main]\npipeline = twice say\n', {
      registry,
    });
    expect((await get(app)).status).to.equal(500);
  });

  it('waits for factories that are promises', async () => {
    const registry = tracingRegistry();
    registry.add('t', 'slow', 'filter', async () => {
      await Promise.resolve();
      return async (): Promise<PipelineMiddleware> => {
        await Promise.resolve();
        return (ctx, next) => {
          ctx.append('X-Trace', 'slow');
          return next();
        };
      };
    });
    const app = await load('[filter:slow]\nuse = egg:t#slow\n[pipeline:main]\npipeline = slow a say\n', {
      registry,
    });
    expect((await get(app)).headers.get('x-trace')).to.equal('slow, a');
  });

  it('calls factories once, when the file is loaded', async () => {
    const registry = tracingRegistry();
    let calls = 0;
    registry.add('t', 'count', 'filter', () => (): PipelineMiddleware => {
      calls += 1;
      return (_ctx, next) => next();
    });
    const app = await load('[filter:count]\nuse = egg:t#count\n[pipeline:main]\npipeline = count say\n', {
      registry,
    });
    await get(app);
    await fetch(serving?.url ?? '');
    expect(calls).to.equal(1);
  });

  it('gives a factory its options with their types, and defaults for those that are not set', async () => {
    const registry = tracingRegistry();
    let got: unknown;
    const filter = defineFilter(
      {
        options: {
          insecure: { type: 'bool', default: true },
          retries: { type: 'int', min: 0, max: 5 },
          ratio: { type: 'float' },
          hosts: { type: 'list' },
          names: { type: 'list', separator: ',' },
          mode: { type: 'str', choices: ['on', 'off'] },
          unset: { type: 'bool', default: false },
          nothing: { type: 'str' },
        },
      },
      (_globalConf, options) => {
        got = options;
        return (_ctx, next) => next();
      },
    );
    registry.add('t', 'typed', 'filter', () => filter);
    await load(
      '[filter:typed]\nuse = egg:t#typed\ninsecure = False\nretries = 3\nratio = .5\nhosts = h1 h2\n  h3\nnames = a b, c\nmode = on\n[pipeline:main]\npipeline = typed say\n',
      { registry },
    );
    expect(got).to.deep.equal({
      insecure: false,
      retries: 3,
      ratio: 0.5,
      hosts: ['h1', 'h2', 'h3'],
      names: ['a b', 'c'],
      mode: 'on',
      unset: false,
      nothing: undefined,
    });
  });

  for (const [line, why] of [
    ['insecure = perhaps', /'perhaps' is not a boolean/],
    ['retries = 9', /'9' is more than 5/],
    ['retries = -1', /'-1' is less than 0/],
    ['retries = 1.5', /'1.5' is not a whole number/],
    ['ratio = 0x1', /'0x1' is not a number/],
    ['mode = maybe', /'maybe' is not one of on, off/],
    ['', /the option 'needed' must be set/],
  ] as const) {
    it(`refuses ${line === '' ? 'an option that is not set' : line}`, async () => {
      const registry = tracingRegistry();
      const filter = defineFilter(
        {
          options: {
            insecure: { type: 'bool' },
            retries: { type: 'int', min: 0, max: 5 },
            ratio: { type: 'float' },
            mode: { type: 'str', choices: ['on', 'off'] },
            needed: { type: 'str', required: true },
          },
        },
        () => (_ctx, next) => next(),
      );
      registry.add('t', 'typed', 'filter', () => filter);
      const needed = line === '' ? '' : 'needed = yes\n';
      const error = await refusal(
        load(`[filter:typed]\nuse = egg:t#typed\n${needed}${line}\n[pipeline:main]\npipeline = typed say\n`, {
          registry,
        }),
      );
      expect(error.message).to.match(why);
      expect(error.message).to.include('[filter:typed]');
    });
  }

  it('gives factories globals of their own: what one does to them reaches no other', async () => {
    const registry = tracingRegistry();
    const seen: string[] = [];
    registry.add('t', 'meddle', 'filter', () => (globalConf: Record<string, string>): PipelineMiddleware => {
      seen.push(globalConf['colour'] ?? '');
      globalConf['colour'] = 'meddled';
      return (_ctx, next) => next();
    });
    await load(
      '[DEFAULT]\ncolour = red\n[filter:m]\nuse = egg:t#meddle\n[pipeline:main]\npipeline = m m say\n',
      { registry },
    );
    expect(seen).to.deep.equal(['red', 'red']);
  });

  it('offers composites of deployers the other objects of the file', async () => {
    const registry = tracingRegistry();
    const byHeader = async (loader: CompositeLoader, globalConf: GlobalConf): Promise<PipelineMiddleware> => {
      const apps = new Map<string, PipelineMiddleware>();
      for (const [name, app] of loader.settings()) apps.set(name, await loader.getApp(app, globalConf));
      const filter = await loader.getFilter('c');
      const other = await filter(await loader.getApp('say'));
      return (ctx, next) => (apps.get(ctx.get('X-Pick')) ?? other)(ctx, next) as unknown;
    };
    registry.add('t', 'by-header', 'composite', () => byHeader);
    const app = await load(
      '[composite:main]\nuse = egg:t#by-header\n10 = one\n9 = two\n[pipeline:one]\npipeline = a say\n[pipeline:two]\npipeline = b say\n',
      { registry },
    );
    expect((await get(app)).headers.get('x-trace')).to.equal('c');
    const picked = await fetch(serving?.url ?? '', { headers: { 'X-Pick': '9' } });
    expect(picked.headers.get('x-trace')).to.equal('b');
  });

  it('names the file and the setting when a composite asks for what there is not', async () => {
    const registry = tracingRegistry();
    registry.add('t', 'asks', 'composite', () => async (loader: CompositeLoader) => loader.getApp('nobody'));
    const error = await refusal(load('[composite:main]\nuse = egg:t#asks\n', { registry }));
    expect(error.kind).to.equal('no-section');
    expect(error.message).to.include("'nobody'");
  });

  it('says aloud when a file uses what does nothing any more', async () => {
    const registry = tracingRegistry();
    registry.add('t', 'old', 'filter', () => (): PipelineMiddleware => (_ctx, next) => next(), {
      aliases: ['old.contrib:Old.factory'],
      note: 'does nothing any more',
    });
    const notes: string[] = [];
    const note = (text: string) => void notes.push(text);
    await load(
      '[filter:old]\npaste.filter_factory = old.contrib:Old.factory\n[pipeline:main]\npipeline = old a old say\n',
      { registry, note },
    );
    expect(notes).to.have.length(1);
    expect(notes[0]).to.match(
      /paste\.ini:\d+: \[filter:old\] .*old\.contrib:Old\.factory: does nothing any more$/,
    );
  });

  it('becomes a process warning when nobody listens to such notes', async () => {
    const registry = tracingRegistry();
    registry.add('t', 'old', 'app', () => (): PipelineMiddleware => () => undefined, { note: 'is old' });
    let heard: ((warning: Error) => void) | undefined;
    const warned = new Promise<void>((resolve) => {
      // Node may have something to say, too.
      heard = ({ message }) => {
        if (message.includes('egg:t#old: is old')) resolve();
      };
      process.on('warning', heard);
    });
    await load('[app:main]\nuse = egg:t#old\n', { registry });
    await warned;
    process.off('warning', heard as (warning: Error) => void);
  });

  it('lets go of what filters hold, the last made first, and once', async () => {
    const registry = tracingRegistry();
    const disposed: string[] = [];
    registry.add(
      't',
      'hold',
      'filter',
      () => (_global: object, local: { as: string }) =>
        Object.assign(((_ctx, next) => next()) satisfies PipelineMiddleware, {
          dispose: async () => {
            await Promise.resolve();
            disposed.push(local.as);
          },
        }),
    );
    const app = await load(
      '[filter:x]\nuse = egg:t#hold\nas = x\n[filter:y]\nuse = egg:t#hold\nas = y\n[pipeline:main]\npipeline = x y say\n',
      { registry },
    );
    await app.dispose();
    await app.dispose();
    expect(disposed).to.deep.equal(['y', 'x']);
  });

  it('lets go of the others when one filter fails to let go', async () => {
    const registry = tracingRegistry();
    let disposed = 0;
    registry.add(
      't',
      'hold',
      'filter',
      () => (_global: object, local: { as: string }) =>
        Object.assign(((_ctx, next) => next()) satisfies PipelineMiddleware, {
          dispose: () => {
            if (local.as === 'y') throw new Error('stuck');
            disposed += 1;
          },
        }),
    );
    const app = await load(
      '[filter:x]\nuse = egg:t#hold\nas = x\n[filter:y]\nuse = egg:t#hold\nas = y\n[pipeline:main]\npipeline = x y say\n',
      { registry },
    );
    let failure: unknown;
    await app.dispose().catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(AggregateError);
    expect(disposed).to.equal(1);
  });

  it('loads a filter, to be put around an app by hand', async () => {
    const file = await folder.write('filters.ini', `${stock}[filter:both]\nuse = a\nfilter-with = b\n`);
    const filter = await loadFilter(configUri(file, 'both'), { registry: tracingRegistry() });
    const response = await get(
      await filter((ctx) => {
        ctx.body = 'mine';
      }),
    );
    expect(response.headers.get('x-trace')).to.equal('b, a');
    expect(await response.text()).to.equal('mine');
  });

  it('loads a server, which serves the app that it is given', async () => {
    const registry = createRegistry();
    registry.add(
      't',
      'serve',
      'server',
      () => (_global: object, local: { greeting: string }) => (app: unknown) => [local.greeting, app],
    );
    registry.add(
      't',
      'run',
      'server_runner',
      () => (app: unknown, _global: object, local: { greeting: string }) => [local.greeting, typeof app],
    );
    const file = await folder.write(
      'server.ini',
      '[server:main]\nuse = egg:t#serve\ngreeting = hi\n[server:run]\nuse = egg:t#run\ngreeting = ho\n',
    );
    const app: PipelineMiddleware = () => undefined;
    expect((await loadServer(configUri(file), { registry }))(app)).to.have.property('0', 'hi');
    expect((await loadServer(configUri(file, 'run'), { registry }))(app)).to.deep.equal(['ho', 'function']);
  });

  it('refuses a server factory that makes no server', async () => {
    const registry = createRegistry();
    registry.add('t', 'none', 'server', () => () => undefined);
    const file = await folder.write('server.ini', '[server:main]\nuse = egg:t#none\n');
    expect((await refusal(loadServer(configUri(file), { registry }))).message).to.include(
      'returned no server',
    );
  });

  it('tells the settings of an app without touching its code', async () => {
    const file = await folder.write(
      'conf.ini',
      '[DEFAULT]\ncolour = red\n[app:main]\nuse = call:./none.js:app\n',
    );
    await folder.write('none.js', 'throw new Error("executed");\n');
    const { local, global, merged } = appConfig(configUri(file), { globalConf: { size: '1' } });
    expect(local).to.deep.equal({});
    expect(global).to.include({ colour: 'red', size: '1', here: folder.path, __file__: file });
    expect(merged).to.deep.equal(global);
  });

  it('finds files whatever their names are', async () => {
    const file = await folder.write('100% #1 [x]/paste é.ini', `${stock}[pipeline:main]\npipeline = a say\n`);
    expect((await get(await loadApp(configUri(file), { registry: tracingRegistry() }))).status).to.equal(200);
  });

  describe('measuring', () => {
    let clock: HeldClock;
    beforeEach(() => {
      clock = holdClock();
    });
    afterEach(() => clock.release());
    const slow = () => {
      const registry = tracingRegistry();
      registry.add(
        't',
        'slow',
        'filter',
        () => (): PipelineMiddleware => async (_ctx, next) => {
          clock.advance(30);
          await next();
        },
      );
      return registry;
    };
    const ini = '[filter:slow]\nuse = egg:t#slow\n[pipeline:main]\npipeline = a slow say\n';

    it('tells clients how long each filter worked itself, when it is switched on', async () => {
      const response = await get(await load(ini, { registry: slow(), timing: true }));
      const metrics = new Map(
        (response.headers.get('server-timing') ?? '')
          .split(', ')
          .map((each) => each.split(';dur=') as [string, string]),
      );
      expect([...metrics.keys()]).to.deep.equal(['say', 'slow', 'a']);
      expect(Number(metrics.get('slow'))).to.be.closeTo(30, 0.01);
      expect(Number(metrics.get('a'))).to.be.closeTo(0, 0.01);
    });

    it('tells observers, in seconds', async () => {
      const seen: [string, string, number][] = [];
      await get(await load(ini, { registry: slow(), observe: (...each) => void seen.push(each) }));
      expect(seen.map(([name, kind]) => `${kind} ${name}`)).to.deep.equal([
        'app say',
        'filter slow',
        'filter a',
      ]);
      expect(seen[1]?.[2]).to.be.closeTo(0.03, 0.00001);
    });

    it('measures for a filter of the file that asks for it', async () => {
      const registry = slow();
      const seen: string[] = [];
      const metrics = defineFilter({ observe: (name) => void seen.push(name) }, () => (_ctx, next) => next());
      registry.add('t', 'metrics', 'filter', () => metrics);
      const app = await load(
        '[filter:metrics]\nuse = egg:t#metrics\n[pipeline:main]\npipeline = metrics a say\n',
        { registry },
      );
      await get(app);
      expect(seen).to.deep.equal(['say', 'a', 'metrics']);
    });

    it('measures when a filter throws, too', async () => {
      const registry = tracingRegistry();
      registry.add(
        't',
        'throw',
        'app',
        () => (): PipelineMiddleware => () => {
          throw new Error('no');
        },
      );
      const seen: string[] = [];
      const app = await load('[app:bad]\nuse = egg:t#throw\n[pipeline:main]\npipeline = a bad\n', {
        registry,
        observe: (name) => void seen.push(name),
      });
      expect((await get(app)).status).to.equal(500);
      expect(seen).to.deep.equal(['bad', 'a']);
    });

    it('leaves the very functions of the filters alone when it is off', async () => {
      const registry = tracingRegistry();
      let own: PipelineMiddleware | undefined;
      let called: unknown;
      registry.add('t', 'self', 'filter', () => (): PipelineMiddleware => {
        own = function self(this: unknown, _ctx, next) {
          called = self;
          return next();
        };
        return own;
      });
      const response = await get(
        await load('[filter:self]\nuse = egg:t#self\n[pipeline:main]\npipeline = self say\n', { registry }),
      );
      expect(called).to.equal(own);
      expect(response.headers.has('server-timing')).to.equal(false);
    });
  });
});
