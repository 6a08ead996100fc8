import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  configUri,
  defineFilter,
  loadReloadable,
  type PipelineMiddleware,
  type Registry,
  type ReloadableApp,
  type ReloadEvent,
} from '../../../src/pipeline/index.js';
import { Folder, refusal, type Serving, serve, tracingRegistry } from './support.js';

const good = (mark: string, more = ''): string =>
  `[filter:mark]\nuse = egg:t#mark\nas = ${mark}\n${more}[app:say]\nuse = egg:t#say\nas = ${mark}\n[pipeline:main]\npipeline = mark say\n[pipeline:admin]\npipeline = mark say\n`;

/** What may be wrong with a new file, at every stage of a load. */
const bads: Readonly<Record<string, string>> = {
  'no ini file at all': 'nonsense\n',
  'an unknown filter': '[app:say]\nuse = egg:t#say\n[pipeline:main]\npipeline = nobody say\n',
  'a bad option': good('bad', '[filter:strict]\nuse = egg:t#strict\nsize = large\n').replaceAll(
    '= mark say',
    '= strict mark say',
  ),
  'a circle': '[pipeline:main]\npipeline = main\n',
  'a factory that fails': good('bad', '[filter:fails]\nuse = egg:t#fails\n').replaceAll(
    '= mark say',
    '= mark fails say',
  ),
  'an app that does not pass the probe': good('refused'),
};

describe('reloading a pipeline that serves', () => {
  let folder: Folder;
  let serving: Serving | undefined;
  let app: ReloadableApp | undefined;
  let events: ReloadEvent[];
  /** Filters that hold something, by the marks of their files. */
  let held: string[];
  /** Lets the request that waits go on. */
  let finish: (() => void) | undefined;
  /** Called when a request waits. */
  let arrived: (() => void) | undefined;
  /** Called when a new tree is about to be probed, which waits for it. */
  let probing: (() => Promise<void>) | undefined;

  function registry(): Registry {
    const made = tracingRegistry();
    made.add('t', 'strict', 'filter', () =>
      defineFilter({ options: { size: { type: 'int' } } }, () => (_ctx, next) => next()),
    );
    made.add('t', 'fails', 'filter', () => () => Promise.reject(new Error('no connection')));
    made.add('t', 'hold', 'filter', () => (_global: object, local: { as: string }) => {
      held.push(local.as);
      return Object.assign(((_ctx, next) => next()) satisfies PipelineMiddleware, {
        dispose: () => {
          held.splice(held.indexOf(local.as), 1);
        },
      });
    });
    made.add(
      't',
      'wait',
      'filter',
      () => (): PipelineMiddleware => async (_ctx, next) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
          arrived?.();
        });
        await next();
      },
    );
    made.add(
      't',
      'stream',
      'app',
      () => (): PipelineMiddleware => (ctx) => {
        const body = new Readable({ read: () => undefined });
        body.push('the beginning, ');
        finish = () => {
          body.push('the end');
          body.push(null);
        };
        ctx.body = body;
      },
    );
    return made;
  }

  async function start(text: string): Promise<ReloadableApp> {
    const file = await folder.write('paste.ini', text);
    app = await loadReloadable(configUri(file), {
      names: ['main', 'admin'],
      registry,
      log: (event) => events.push(event),
      probe: async (candidate) => {
        await probing?.();
        const probed = await serve(candidate);
        try {
          const response = await fetch(probed.url);
          if ((await response.text()).includes('refused')) throw new Error('the probe got no good answer');
        } finally {
          await probed.close();
        }
      },
    });
    serving = await serve(app.middleware);
    return app;
  }

  beforeEach(async () => {
    folder = await Folder.create();
    events = [];
    held = [];
    finish = undefined;
    arrived = undefined;
    probing = undefined;
  });

  afterEach(async () => {
    await serving?.close();
    serving = undefined;
    await app?.dispose();
    app = undefined;
    await folder.remove();
  });

  const mark = async (): Promise<string> =>
    ((await (await fetch(serving?.url ?? '')).json()) as { app: string }).app;

  it('serves the new file from the next request on', async () => {
    const reloadable = await start(good('one'));
    expect(await mark()).to.equal('one');
    await folder.write('paste.ini', good('two'));
    expect(await reloadable.reload()).to.equal(true);
    expect(await mark()).to.equal('two');
    expect(reloadable.status()).to.include({ generation: 2, lastRefused: undefined, draining: 0 });
    expect(events).to.deep.equal([
      { kind: 'loaded', generation: 1 },
      { kind: 'loaded', generation: 2 },
    ]);
  });

  for (const [what, text] of Object.entries(bads)) {
    it(`goes on with the old tree when the new file has ${what}`, async () => {
      const reloadable = await start(good('one'));
      const file = await folder.write('paste.ini', text);
      expect(await reloadable.reload()).to.equal(false);
      expect(await mark()).to.equal('one');
      const { generation, lastRefused } = reloadable.status();
      expect(generation).to.equal(1);
      expect(lastRefused?.generation).to.equal(1);
      expect(lastRefused?.reason).to.match(/./);
      if (what !== 'an app that does not pass the probe') {
        expect(lastRefused?.file).to.equal(file);
        expect(lastRefused?.line).to.be.a('number');
        expect(lastRefused?.reason).to.include(`${file}:${lastRefused?.line}`);
      }
      expect(events.at(-1)).to.deep.equal({ kind: 'refused', generation: 1, refusal: lastRefused });

      await folder.write('paste.ini', good('three'));
      expect(await reloadable.reload()).to.equal(true);
      expect(await mark()).to.equal('three');
      expect(reloadable.status()).to.deep.include({ generation: 2, lastRefused });
    });
  }

  it('replaces all of its apps or none', async () => {
    const reloadable = await start(good('one'));
    await folder.write(
      'paste.ini',
      good('two').replace(
        '[pipeline:admin]\npipeline = mark say',
        '[pipeline:admin]\npipeline = mark nobody',
      ),
    );
    expect(await reloadable.reload()).to.equal(false);
    expect(await mark()).to.equal('one');
    await folder.write('paste.ini', good('two'));
    await reloadable.reload();
    await serving?.close();
    serving = await serve(reloadable.endpoint('admin'));
    expect(await mark()).to.equal('two');
    expect(() => reloadable.endpoint('nobody')).to.throw(/'nobody' was not loaded; there are main, admin/);
  });

  it('lets running requests finish on the old tree, and lets go of it only then', async () => {
    const hold = (name: string, pipeline: string) =>
      good(name, `[filter:hold]\nuse = egg:t#hold\nas = ${name}\n[filter:wait]\nuse = egg:t#wait\n`).replace(
        '[pipeline:main]\npipeline = mark say',
        `[pipeline:main]\npipeline = ${pipeline}`,
      );
    const file = await folder.write('paste.ini', hold('one', 'hold wait say'));
    app = await loadReloadable(configUri(file), { registry });
    serving = await serve(app.middleware);
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const slow = mark();
    await waiting;

    await folder.write('paste.ini', hold('two', 'hold say'));
    expect(await app.reload()).to.equal(true);
    expect(await mark()).to.equal('two');
    expect(app.status().draining).to.equal(1);
    expect(held).to.deep.equal(['one', 'two']);

    finish?.();
    expect(await slow).to.equal('one');
    while (held.length > 1) await sleep(5);
    expect(app.status().draining).to.equal(0);
    expect(held).to.deep.equal(['two']);
  });

  it('counts a request as running until its body is streamed', async () => {
    const file = await folder.write('paste.ini', '[app:main]\nuse = egg:t#stream\n');
    app = await loadReloadable(configUri(file), { registry });
    serving = await serve(app.middleware);
    const response = await fetch(serving.url);
    await app.reload();
    expect(app.status().draining).to.equal(1);
    finish?.();
    expect(await response.text()).to.equal('the beginning, the end');
    while (app.status().draining > 0) await sleep(5);
  });

  it('lets go of a tree that was refused', async () => {
    const reloadable = await start(good('one'));
    await folder.write(
      'paste.ini',
      good('refused', '[filter:hold]\nuse = egg:t#hold\nas = new\n').replaceAll(
        '= mark say',
        '= hold mark say',
      ),
    );
    expect(await reloadable.reload()).to.equal(false);
    expect(held).to.deep.equal([]);
  });

  it('shares one reload among those who ask while another runs, and it sees the newest file', async () => {
    const reloadable = await start(good('one'));
    await folder.write('paste.ini', good('two'));
    let goOn = (): void => undefined;
    const atProbe = new Promise<void>((resolve) => {
      probing = () => {
        probing = undefined;
        resolve();
        return new Promise<void>((go) => {
          goOn = go;
        });
      };
    });
    const first = reloadable.reload();
    // The file has been read.
    await atProbe;
    await folder.write('paste.ini', good('three'));
    const others = [reloadable.reload(), reloadable.reload()];
    goOn();
    expect(others[0]).to.equal(others[1]);
    expect(await Promise.all([first, ...others])).to.deep.equal([true, true, true]);
    expect(await mark()).to.equal('three');
    expect(reloadable.status().generation).to.equal(3);
  });

  it('is refused at once when the first file is wrong', async () => {
    const file = await folder.write('paste.ini', bads['an unknown filter'] ?? '');
    expect((await refusal(loadReloadable(configUri(file), { registry }))).kind).to.equal('no-section');
  });

  it('fails no request while good and bad files alternate under load', async function load() {
    this.timeout(120_000);
    const reloadable = await start(good('g0'));
    const url = new URL(serving?.url ?? '');
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const seen = new Set<string>();
    let requests = 0;
    const stop = new AbortController();
    const ask = (): Promise<void> =>
      new Promise((resolve, reject) => {
        const sent = request(url, { agent, path: '/a?b=c' }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on('end', () => {
            const body = JSON.parse(text) as { app: string; url: string };
            // A request that was answered by parts of two trees would show it here.
            if (
              response.statusCode !== 200 ||
              response.headers['x-trace'] !== body.app ||
              body.url !== '/a?b=c'
            ) {
              reject(new Error(`${response.statusCode} ${String(response.headers['x-trace'])} ${text}`));
              return;
            }
            seen.add(body.app);
            requests += 1;
            resolve();
          });
        });
        sent.on('error', reject);
        sent.end();
      });
    const clients = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) await ask();
    });

    // One that fails ends the wait for what the others see.
    const failed = Promise.all(clients);
    failed.catch(() => stop.abort());
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition() && !stop.signal.aborted) await sleep(1);
    };

    const wrong = Object.values(bads);
    const outcomes: boolean[] = [];
    try {
      await until(() => seen.has('g0'));
      for (let round = 1; round <= 24; round += 1) {
        const isGood = round % 2 === 0;
        const text = isGood ? good(`g${round}`) : (wrong[(round >> 1) % wrong.length] ?? '');
        await folder.write('paste.ini', text);
        outcomes.push(await reloadable.reload());
        await until(() => requests > 5 * round && (!isGood || seen.has(`g${round}`)));
      }
    } finally {
      stop.abort();
      await Promise.all(clients);
      agent.destroy();
    }
    expect(outcomes).to.deep.equal(Array.from({ length: 24 }, (_, index) => index % 2 === 1));
    while (reloadable.status().draining > 0) await sleep(5);
    expect(reloadable.status().generation).to.equal(13);
    expect(requests).to.be.above(100);
    expect([...seen]).to.have.members(Array.from({ length: 13 }, (_, index) => `g${2 * index}`));
    expect(await mark()).to.equal('g24');
  });
});
