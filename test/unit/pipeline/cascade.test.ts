import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { configUri, loadApp, type PipelineMiddleware, type Registry } from '../../../src/pipeline/index.js';
import { Folder, refusal, type Serving, serve, tracingRegistry } from './support.js';

const ini = `
[app:one]
use = egg:t#one
[app:two]
use = egg:t#two
[composite:main]
use = egg:Paste#cascade
app1 = one
app2 = two
`;

describe('cascade on Koa', () => {
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

  function registryOf(one: PipelineMiddleware, two: PipelineMiddleware): Registry {
    const registry = tracingRegistry();
    registry.add('t', 'one', 'app', () => () => one);
    registry.add('t', 'two', 'app', () => () => two);
    return registry;
  }

  async function ask(
    one: PipelineMiddleware,
    two: PipelineMiddleware,
    init: RequestInit & { duplex?: 'half' } = {},
    more = '',
  ): Promise<Response> {
    const file = await folder.write('paste.ini', ini + more);
    serving = await serve(await loadApp(configUri(file), { registry: registryOf(one, two) }));
    return fetch(`${serving.url}/x`, init);
  }

  const second: PipelineMiddleware = (ctx) => {
    ctx.body = { from: 'two' };
  };

  it('takes the first answer', async () => {
    const response = await ask((ctx) => {
      ctx.body = 'one';
    }, second);
    expect(await response.text()).to.equal('one');
  });

  it('goes on after a 404, of which nothing remains', async () => {
    const response = await ask((ctx) => {
      ctx.status = 404;
      ctx.set('X-From', 'one');
      ctx.type = 'application/json';
      ctx.body = '{"error": 1}';
    }, second);
    expect(response.status).to.equal(200);
    expect(response.headers.get('x-from')).to.equal(null);
    expect(await response.json()).to.deep.equal({ from: 'two' });
  });

  it('goes on when an app answers nothing, or throws a 404', async () => {
    expect((await ask(() => undefined, second)).status).to.equal(200);
    await serving?.close();
    expect((await ask((ctx) => ctx.throw(404), second)).status).to.equal(200);
  });

  it('stops at other statuses and other errors', async () => {
    expect(
      (
        await ask((ctx) => {
          ctx.status = 403;
        }, second)
      ).status,
    ).to.equal(403);
    await serving?.close();
    expect((await ask((ctx) => ctx.throw(403), second)).status).to.equal(403);
    await serving?.close();
    expect(
      (
        await ask(() => {
          throw new Error('bug');
        }, second)
      ).status,
    ).to.equal(500);
  });

  it('catches the statuses that it is told to', async () => {
    expect(
      (
        await ask(
          (ctx) => {
            ctx.status = 503;
          },
          second,
          {},
          'catch = 404 503\n',
        )
      ).status,
    ).to.equal(200);
    await serving?.close();
    expect(
      (
        await ask(
          (ctx) => {
            ctx.status = 404;
          },
          second,
          {},
          'catch = 503\n',
        )
      ).status,
    ).to.equal(404);
  });

  it("lets the last app's failure stand", async () => {
    const response = await ask(
      (ctx) => {
        ctx.status = 404;
      },
      (ctx) => {
        ctx.status = 404;
        ctx.body = 'two has nothing';
      },
    );
    expect(response.status).to.equal(404);
    expect(await response.text()).to.equal('two has nothing');
  });

  for (const [what, body] of [
    ['a body', 'x'.repeat(100_000)],
    ['a body of unknown length', new Blob(['y'.repeat(100_000)]).stream()],
  ] as const) {
    it(`lets every app read ${what} from its beginning`, async () => {
      const reader: PipelineMiddleware = async (ctx) => {
        (ctx.state as { first?: string }).first = 'read';
        await text(ctx.req);
        ctx.status = 404;
      };
      const response = await ask(
        reader,
        async (ctx) => {
          const read = await text(ctx.req);
          ctx.body = {
            length: read.length,
            state: ctx.state,
            method: ctx.method,
            type: ctx.get('Content-Type'),
          };
        },
        { method: 'POST', body, duplex: 'half', headers: { 'Content-Type': 'text/x-test' } },
      );
      expect(await response.json()).to.deep.equal({
        length: 100_000,
        state: {},
        method: 'POST',
        type: 'text/x-test',
      });
    });
  }

  it('refuses to keep a body without end in memory', async () => {
    const response = await ask(second, second, { method: 'POST', body: new Uint8Array(9 * 1024 * 1024) });
    expect(response.status).to.equal(413);
  });

  it('ends a stream that it throws away', async () => {
    let stream: Readable | undefined;
    const response = await ask((ctx) => {
      stream = Readable.from(['never read']);
      ctx.body = stream;
      ctx.status = 404;
    }, second);
    expect(response.status).to.equal(200);
    expect(stream?.destroyed).to.equal(true);
  });

  it('keeps headers of filters before it', async () => {
    const file = await folder.write(
      'paste.ini',
      `${ini}[filter:mark]\nuse = egg:t#mark\n[pipeline:outer]\npipeline = mark main\n`,
    );
    const registry = registryOf((ctx) => {
      ctx.append('X-Trace', 'one');
      ctx.status = 404;
    }, second);
    serving = await serve(await loadApp(configUri(file, 'outer'), { registry }));
    expect((await fetch(serving.url)).headers.get('x-trace')).to.equal('mark');
  });

  it('refuses to have no app, and statuses that cannot be caught', async () => {
    const empty = await folder.write('empty.ini', '[composite:main]\nuse = egg:Paste#cascade\n');
    expect((await refusal(loadApp(configUri(empty)))).message).to.include('has no app');
    const odd = await folder.write('odd.ini', `${ini}catch = 200\n`);
    const error = await refusal(loadApp(configUri(odd), { registry: registryOf(second, second) }));
    expect(error.kind).to.equal('bad-catch');
    expect(error.option).to.equal('catch');
  });
});
