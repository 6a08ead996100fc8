import { request } from 'node:http';
import { expect } from 'chai';
import { configUri, loadApp, type PipelineMiddleware } from '../../../src/pipeline/index.js';
import { Folder, type Serving, serve, tracingRegistry } from './support.js';

const apps = ['v2', 'v3', 'root', 'deep', 'cafe', 'host', 'port', 'nf']
  .map((name) => `[app:${name}]\nuse = egg:t#say\nas = ${name}\n`)
  .join('');

describe('urlmap on Koa', () => {
  let folder: Folder;
  let serving: Serving;

  /** A request as it stands: fetch would tidy the path. */
  function ask(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const sent = request(serving.url, { path, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => {
          const body: unknown = text.startsWith('{') ? JSON.parse(text) : {};
          resolve({ status: response.statusCode ?? 0, body: body as Record<string, unknown> });
        });
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  async function start(
    ini: string,
    registry = tracingRegistry(),
    ...before: PipelineMiddleware[]
  ): Promise<void> {
    const file = await folder.write('paste.ini', apps + ini);
    serving = await serve(...before, await loadApp(configUri(file), { registry }));
  }

  before(async () => {
    folder = await Folder.create();
  });

  afterEach(() => serving.close());

  after(() => folder.remove());

  describe('below paths', () => {
    beforeEach(() =>
      start(
        '[composite:main]\nuse = egg:Paste#urlmap\n/v2.0 = v2\n/v3 = v3\n/v3/deep/er = deep\n/café = cafe\n/ = root\n',
      ),
    );

    for (const [path, app, scriptName, rest] of [
      ['/v3', 'v3', '/v3', '/'],
      ['/v3/', 'v3', '/v3', '/'],
      ['/v3/users', 'v3', '/v3', '/users'],
      ['/v3/users/', 'v3', '/v3', '/users/'],
      ['/v3//users', 'v3', '/v3', '/users'],
      ['//v3///users', 'v3', '/v3', '/users'],
      ['/v3.7', 'root', '', '/v3.7'],
      ['/v30/x', 'root', '', '/v30/x'],
      ['/V3', 'root', '', '/V3'],
      ['/v3/deep/er', 'deep', '/v3/deep/er', '/'],
      ['/v3/deep/erx', 'v3', '/v3', '/deep/erx'],
      ['/v2.0/tokens', 'v2', '/v2.0', '/tokens'],
      ['/', 'root', '', '/'],
      ['/x', 'root', '', '/x'],
      ['/v%33/users', 'v3', '/v3', '/users'],
      ['/v3%2Fusers', 'root', '', '/v3%2Fusers'],
      ['/v3/a%2fb%20c', 'v3', '/v3', '/a%2Fb%20c'],
      ['/v3/%00', 'v3', '/v3', '/%00'],
      ['/v3/%', 'v3', '/v3', '/%'],
      ['/v3/%zz', 'v3', '/v3', '/%zz'],
      ['/v3/../x', 'v3', '/v3', '/../x'],
      ['/caf%C3%A9/x', 'cafe', '/caf%C3%A9', '/x'],
      ['/caf%c3%a9/x', 'cafe', '/caf%C3%A9', '/x'],
      ['/cafe', 'root', '', '/cafe'],
    ] as const) {
      it(`takes ${path} to ${app}, which sees ${rest} below '${scriptName}'`, async () => {
        expect((await ask(path)).body).to.deep.equal({ app, scriptName, path: rest, url: rest });
      });
    }

    it('keeps the query, whatever is in it', async () => {
      expect((await ask('/v3/users?name=a//b%2Fc&x=/v3?')).body).to.include({
        path: '/users',
        url: '/users?name=a//b%2Fc&x=/v3?',
      });
      expect((await ask('/v3?x=1')).body).to.include({ app: 'v3', path: '/', url: '/?x=1' });
      expect((await ask('//v3//users?x=//')).body).to.include({ path: '/users', url: '/users?x=//' });
    });

    it('takes a request in absolute form by its path', async () => {
      expect((await ask('http://elsewhere/v3/users?x=1')).body).to.include({
        app: 'v3',
        path: '/users',
        url: '/users?x=1',
      });
    });

    it('answers 404 to what has no path', async () => {
      expect((await ask('*')).status).to.equal(404);
    });
  });

  it('adds up the mounts of maps within maps', async () => {
    await start(
      '[composite:main]\nuse = egg:Paste#urlmap\n/identity = inner\n[composite:inner]\nuse = egg:Paste#urlmap\n/v3 = v3\n/ = root\n',
    );
    expect((await ask('/identity/v3/users?x=1')).body).to.deep.equal({
      app: 'v3',
      scriptName: '/identity/v3',
      path: '/users',
      url: '/users?x=1',
    });
    expect((await ask('/identity')).body).to.include({ app: 'root', scriptName: '/identity', path: '/' });
    expect((await ask('/identity/v3')).body).to.include({ app: 'v3', scriptName: '/identity/v3', path: '/' });
    expect((await ask('/v3')).status).to.equal(404);
  });

  it('goes on from a mount that a proxy has set', async () => {
    await start('[composite:main]\nuse = egg:Paste#urlmap\n/v3 = v3\n', tracingRegistry(), (ctx, next) => {
      (ctx.state as { scriptName?: string }).scriptName = '/prefix';
      return next();
    });
    expect((await ask('/v3/x')).body).to.include({ scriptName: '/prefix/v3', path: '/x' });
  });

  it('puts path and mount back when the app is done, also when it throws', async () => {
    const seen: unknown[] = [];
    const registry = tracingRegistry();
    registry.add(
      't',
      'throw',
      'app',
      () => (): PipelineMiddleware => () => {
        throw new Error('no');
      },
    );
    await start(
      '[app:throws]\nuse = egg:t#throw\n[composite:main]\nuse = egg:Paste#urlmap\n/v3 = v3\n/throws = throws\n',
      registry,
      async (ctx, next) => {
        try {
          await next();
        } finally {
          seen.push([ctx.path, ctx.url, ctx.state]);
        }
      },
    );
    await ask('/v3/users?x=1');
    await ask('/throws/a?x=1');
    expect(seen).to.deep.equal([
      ['/v3/users', '/v3/users?x=1', {}],
      ['/throws/a', '/throws/a?x=1', {}],
    ]);
  });

  it('picks by host and port', async () => {
    await start(
      '[composite:main]\nuse = egg:Paste#urlmap\ndomain id.example = host\ndomain other.example port 5000 /v3 = port\n/ = root\n',
    );
    expect((await ask('/x', { host: 'ID.example:81' })).body).to.include({ app: 'host', path: '/x' });
    expect((await ask('/v3/x', { host: 'other.example:5000' })).body).to.include({
      app: 'port',
      scriptName: '/v3',
      path: '/x',
    });
    expect((await ask('/v3/x', { host: 'other.example' })).body).to.include({ app: 'root', path: '/v3/x' });
  });

  it('gives what is mounted nowhere to not_found_app, untouched, or answers 404', async () => {
    await start('[composite:main]\nuse = egg:Paste#urlmap\n/v3 = v3\nnot_found_app = nf\n');
    expect((await ask('/v4//x?y=1')).body).to.deep.equal({
      app: 'nf',
      scriptName: '',
      path: '/v4//x',
      url: '/v4//x?y=1',
    });
    await serving.close();
    await start('[DEFAULT]\nnot_found_app = nf\n[composite:main]\nuse = egg:Paste#urlmap\n/v3 = v3\n');
    expect((await ask('/v4')).body).to.include({ app: 'nf' });
    await serving.close();
    await start('[composite:main]\nuse = egg:Paste#urlmap\n/v3 = v3\n');
    expect((await ask('/v4')).status).to.equal(404);
  });
});
