/** Route tables on a real server: who is let in, what is answered, and what is told to whom. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import compose from 'koa-compose';
import { type RequestContext, requestContext } from '../../../../src/common/context.js';
import { authContextOf } from '../../../../src/common/credentials.js';
import { NotFound, TokenNotFound, UserNotFound } from '../../../../src/common/errors.js';
import { baseUrlOf } from '../../../../src/common/http/base_url.js';
import { limitBody } from '../../../../src/common/http/body.js';
import { created, noContent, ok } from '../../../../src/common/http/results.js';
import { createRouter } from '../../../../src/common/http/router.js';
import type { ApiRequest, ApiResult, Route, TargetMembers } from '../../../../src/common/http/types.js';
import type { Logger } from '../../../../src/common/log/index.js';
import { Policy } from '../../../../src/common/policy/index.js';
import { RecordingLog, tokenOf } from '../../filters/support.js';

const POLICY = Policy.compile({
  'identity:open': '',
  'identity:closed': '!',
  'identity:admin': 'role:admin',
  'identity:owner': 'user_id:%(target.thing.owner)s',
  'identity:by_body': 'user_id:%(thing.owner)s',
  'identity:by_path': 'user_id:%(user_id)s',
  'identity:by_filter': 'user_id:%(owner)s',
});

function answerAndNote(notes: string[], result: ApiResult): ApiResult {
  notes.push('called');
  return result;
}

interface Site {
  readonly url: string;
  readonly contexts: RequestContext[];
  readonly log: RecordingLog;
  ask(
    method: string,
    path: string,
    as?: string | null,
    init?: { headers?: Record<string, string>; body?: string },
  ): Promise<Response>;
}

describe('a route table', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
  });

  /** The header `as` says who is calling: the name of a role, or `admin-token`. */
  async function serve(tables: readonly (readonly Route[])[], prepare?: Koa.Middleware): Promise<Site> {
    const app = new Koa();
    const contexts: RequestContext[] = [];
    const log = new RecordingLog();
    app.use(async (ctx, next) => {
      const context = requestContext(ctx);
      contexts.push(context);
      const as = ctx.get('as');
      if (as === 'admin-token') context.isAdmin = true;
      else if (as !== '') context.auth = authContextOf(tokenOf(as, { roles: [{ id: 'r', name: as }] }));
      context.body = ctx.get('json') === '' ? null : JSON.parse(ctx.get('json'));
      await prepare?.(ctx, () => Promise.resolve());
      await next();
    });
    const options = {
      policy: { current: () => POLICY },
      log: log as Logger,
      insecureDebug: false,
      baseUrl: baseUrlOf(null),
    };
    app.use(
      compose(
        tables.map((routes, index) =>
          createRouter(routes, { ...options, fallThrough: index < tables.length - 1 }),
        ),
      ),
    );
    const answer = app.callback();
    const server = createServer((request, response) => void answer(request, response));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      url,
      contexts,
      log,
      ask: (method, path, as = null, init = {}) =>
        fetch(`${url}${path}`, { method, ...init, headers: { ...(as !== null && { as }), ...init.headers } }),
    };
  }

  const route = (attributes: Partial<Route> = {}): Route => ({
    method: 'GET',
    path: '/things/{thing_id}',
    access: { kind: 'protected', target: 'identity:open' },
    handler: ({ params }) => ok({ params }),
    ...attributes,
  });
  const messageOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { error: { message: string } }).error.message;

  it('finds routes by method and path, variables decoded, and answers 404 to the rest', async () => {
    const site = await serve([
      [route(), route({ method: 'DELETE', handler: noContent }), route({ path: '/things/special' })],
    ]);
    const found = await site.ask('GET', '/things/a%2Fb%20%C3%BC', 'reader');
    expect(found.status).to.equal(200);
    expect(found.headers.get('Vary')).to.equal('X-Auth-Token');
    expect(found.headers.get('Content-Type')).to.equal('application/json');
    expect(await found.json()).to.deep.equal({ params: { thing_id: 'a/b ü' } });
    expect(await (await site.ask('GET', '/things/special', 'reader')).json()).to.deep.equal({ params: {} });
    expect((await site.ask('DELETE', '/things/a', 'reader')).status).to.equal(204);
    for (const [method, path] of [
      ['GET', '/things'],
      ['GET', '/things/a/b'],
      ['GET', '/Things/a'],
      ['GET', '/things/a/'],
      ['PUT', '/things/a'],
      ['GET', '/things/%00'],
      ['GET', '/things/%ff'],
    ] as const) {
      const response = await site.ask(method, path, 'reader');
      expect(response.status, `${method} ${path}`).to.equal(404);
      expect(await messageOf(response)).to.equal('The resource could not be found.');
    }
  });

  it('answers HEAD wherever GET is, unless there is a route of its own', async () => {
    const heads: string[] = [];
    const site = await serve([
      [
        route(),
        route({ path: '/own' }),
        route({ method: 'HEAD', path: '/own', handler: () => answerAndNote(heads, noContent()) }),
        route({ path: '/none', noHead: true }),
      ],
    ]);
    const head = await site.ask('HEAD', '/things/a', 'reader');
    expect(head.status).to.equal(200);
    expect(head.headers.get('Content-Length')).to.equal('{"params":{"thing_id":"a"}}'.length.toString());
    expect((await site.ask('HEAD', '/own', 'reader')).status).to.equal(204);
    expect(heads).to.deep.equal(['called']);
    expect((await site.ask('HEAD', '/none', 'reader')).status).to.equal(404);
  });

  it('is refused when two routes claim the same', () => {
    const table = [route(), route({ path: '/things/{other}' })];
    const log: Logger = new RecordingLog();
    const options = {
      policy: { current: () => POLICY },
      log,
      insecureDebug: false,
      baseUrl: baseUrlOf(null),
    };
    expect(() => createRouter(table, options)).to.throw();
  });

  it('can stand behind others, for any number of requests', async () => {
    const site = await serve([[route({ path: '/first' })], [route({ path: '/second' })], [route()]]);
    for (let count = 0; count < 60; count += 1) {
      expect((await site.ask('GET', '/things/a', 'reader')).status).to.equal(200);
      expect((await site.ask('GET', '/nowhere', 'reader')).status).to.equal(404);
    }
    expect((await site.ask('GET', '/second', 'reader')).status).to.equal(200);
  });

  describe('decides', () => {
    it('in the order: caller, policy, body, handler', async () => {
      const asked: string[] = [];
      const site = await serve([
        [
          route({
            method: 'POST',
            access: { kind: 'protected', target: 'identity:admin' },
            schema: { member: 'thing', schema: { type: 'object', required: ['name'] } },
            handler: () => answerAndNote(asked, created({})),
          }),
        ],
      ]);
      const status = async (as: string | null, json: object): Promise<number> =>
        (await site.ask('POST', '/things/a', as, { headers: { json: JSON.stringify(json) } })).status;
      expect(await status(null, {})).to.equal(401);
      expect(await status('reader', {})).to.equal(403);
      expect(await status('admin', {})).to.equal(400);
      expect(asked).to.deep.equal([]);
      expect(await status('admin', { thing: { name: 'n' } })).to.equal(201);
      expect(asked).to.deep.equal(['called']);
      expect(site.contexts.map(({ decision }) => decision)).to.deep.equal([
        'denied',
        'denied',
        'granted',
        'granted',
      ]);
    });

    it('for the public and for everybody with a token without a policy', async () => {
      const site = await serve([
        [
          route({ path: '/public', access: { kind: 'public', why: 'a test' } }),
          route({ path: '/any', access: { kind: 'authenticated', why: 'a test' } }),
        ],
      ]);
      expect((await site.ask('GET', '/public')).status).to.equal(200);
      const refused = await site.ask('GET', '/any');
      expect(refused.status).to.equal(401);
      expect(refused.headers.get('WWW-Authenticate')).to.equal(`Keystone uri="${site.url}"`);
      expect((await site.ask('GET', '/any', 'reader')).status).to.equal(200);
      expect(site.contexts.map(({ decision }) => decision)).to.deep.equal(['public', 'denied', 'granted']);
    });

    it('for no policy that there is not', async () => {
      const access = { kind: 'protected', target: 'identity:nowhere' } as const;
      const site = await serve([[route({ access })]]);
      expect((await site.ask('GET', '/things/a', 'admin')).status).to.equal(403);
    });

    it('for the admin token without asking, and writes it down', async () => {
      const site = await serve([[route({ access: { kind: 'protected', target: 'identity:closed' } })]]);
      expect((await site.ask('GET', '/things/a', 'admin-token')).status).to.equal(200);
      expect(site.contexts[0]?.decision).to.equal('bypassed');
      expect(site.log.lines.join('\n')).to.contain('bypassing authorization of /things/{thing_id}');
    });

    it('by what the service loaded, never by what the client calls so', async () => {
      const members = (): Promise<TargetMembers> => Promise.resolve({ thing: { owner: 'somebody' } });
      const site = await serve([
        [route({ method: 'POST', access: { kind: 'protected', target: 'identity:owner', members } })],
      ]);
      const forged = [
        { target: { thing: { owner: 'u1' } } },
        { 'target.thing.owner': 'u1' },
        { thing: { owner: 'u1' } },
        { member: { thing: { owner: 'u1' } } },
      ];
      for (const json of forged) {
        const query = '?target.thing.owner=u1&thing.owner=u1&user_id=u1';
        const headers = { json: JSON.stringify(json) };
        expect((await site.ask('POST', `/things/u1${query}`, 'reader', { headers })).status).to.equal(403);
      }
    });

    it('of a list by its declared filters alone', async () => {
      const access = { kind: 'filter', target: 'identity:by_filter', filters: ['owner'] } as const;
      const undeclared = { ...access, filters: ['name'] };
      const site = await serve([
        [route({ path: '/list', access }), route({ path: '/other', access: undeclared })],
      ]);
      const status = async (path: string, json?: object): Promise<number> =>
        (await site.ask('GET', path, 'reader', json && { headers: { json: JSON.stringify(json) } })).status;
      expect(await status('/list?owner=u1')).to.equal(200);
      expect(await status('/list?owner=u2')).to.equal(403);
      expect(await status('/list?owner=u1&owner=u2')).to.equal(403);
      expect(await status('/list')).to.equal(403);
      expect(await status('/list', { owner: 'u1' })).to.equal(403);
      expect(await status('/other?owner=u1')).to.equal(403);
    });

    it('by the path before the body', async () => {
      const access = { kind: 'protected', target: 'identity:by_path' } as const;
      const site = await serve([[route({ path: '/users/{user_id}', access })]]);
      const headers = { json: '{"user_id": "u1"}' };
      expect((await site.ask('GET', '/users/u1', 'reader')).status).to.equal(200);
      expect((await site.ask('GET', '/users/u2?user_id=u1', 'reader', { headers })).status).to.equal(403);
    });

    it('before it tells whether there is anything', async () => {
      const missing = (reason: Error) => (): Promise<TargetMembers> => Promise.reject(reason);
      const access = (target: `identity:${string}`, error: Error): Route['access'] => ({
        kind: 'protected',
        target,
        members: missing(error),
      });
      const gone = new UserNotFound({ user_id: 'x' });
      const site = await serve([
        [
          route({ path: '/open', access: access('identity:open', gone) }),
          route({ path: '/owner', access: access('identity:owner', gone) }),
          route({ path: '/token', access: access('identity:closed', new TokenNotFound('unknown')) }),
          route({ path: '/broken', access: access('identity:open', new Error('secret detail')) }),
        ],
      ]);
      const status = async (path: string): Promise<number> => (await site.ask('GET', path, 'reader')).status;
      expect(await status('/open')).to.equal(404);
      expect(await status('/owner')).to.equal(403);
      // Who names a token has it.
      expect(await status('/token')).to.equal(404);
      const broken = await site.ask('GET', '/broken', 'reader');
      expect(broken.status).to.equal(500);
      expect(await broken.text()).not.to.contain('secret');
      expect(site.log.lines.join('\n')).to.contain('secret detail');
    });

    it('and says which action was denied, with the rule in the log', async () => {
      const site = await serve([[route({ access: { kind: 'protected', target: 'identity:admin' } })]]);
      const refused = await site.ask('GET', '/things/a', 'reader');
      expect(await messageOf(refused)).to.equal(
        'You are not authorized to perform the requested action: identity:admin',
      );
      expect(site.log.lines.join('\n')).to.match(/identity:admin denied[\s\S]*role:admin/);
    });
  });

  describe('answers errors', () => {
    it('in the shape of the API, without headers of a success', async () => {
      const handler = (): never => {
        throw new NotFound('nothing there');
      };
      const site = await serve([[route({ handler })]], (ctx) => {
        ctx.set('X-Subject-Token', 'secret');
      });
      const response = await site.ask('GET', '/things/a', 'reader');
      expect(response.status).to.equal(404);
      expect(response.headers.get('X-Subject-Token')).to.equal(null);
      expect(await response.json()).to.deep.equal({
        error: { code: 404, title: 'Not Found', message: 'nothing there' },
      });
    });

    it('to a query that is not UTF-8', async () => {
      const site = await serve([[route()]]);
      expect((await site.ask('GET', '/things/a?b=%ff', 'reader')).status).to.equal(400);
    });
  });

  describe('reads raw bodies', () => {
    const raw = route({
      method: 'POST',
      path: '/raw',
      rawBody: true,
      handler: (request: ApiRequest) => ok({ text: request.rawBody.toString() }),
    });

    it('whole, or not at all', async () => {
      const site = await serve([[raw]]);
      const answer = await site.ask('POST', '/raw', 'reader', { body: 'a=b&c=d' });
      expect(await answer.json()).to.deep.equal({ text: 'a=b&c=d' });
      const empty = await site.ask('POST', '/raw', 'reader');
      expect(await empty.json()).to.deep.equal({ text: '' });
      const long = await site.ask('POST', '/raw', 'reader', { body: 'x'.repeat(200_000) });
      expect(long.status).to.equal(413);
    });

    it('within the limit of the filter in front', async () => {
      const limits: { exceeded: boolean }[] = [];
      const site = await serve([[raw]], (ctx) => void limits.push(limitBody(ctx, 10)));
      expect((await site.ask('POST', '/raw', 'reader', { body: 'short' })).status).to.equal(200);
      expect((await site.ask('POST', '/raw', 'reader', { body: 'x'.repeat(11) })).status).to.equal(413);
      expect(limits.map(({ exceeded }) => exceeded)).to.deep.equal([false, true]);
    });
  });

  describe('links to itself', () => {
    async function self(
      headers: Record<string, string>,
      prepare?: (context: RequestContext) => void,
    ): Promise<string> {
      const handler = ({ links }: ApiRequest): ReturnType<typeof ok> => ok({ self: links.self });
      const site = await serve([[route({ path: '/list', handler })]], (ctx) => {
        prepare?.(requestContext(ctx));
        (ctx.state as { scriptName?: string }).scriptName = ctx.get('script');
      });
      const response = await site.ask('GET', '/list?a=%20b', 'reader', { headers });
      const { self: link } = (await response.json()) as { self: string };
      return link.replace(site.url, 'SITE');
    }

    it('beneath the prefix of its mount, the version left out', async () => {
      expect(await self({})).to.equal('SITE/v3/list?a=%20b');
      expect(await self({ script: '/v3' })).to.equal('SITE/v3/list?a=%20b');
      expect(await self({ script: '/identity/v3' })).to.equal('SITE/identity/v3/list?a=%20b');
      expect(await self({ script: '/identity' })).to.equal('SITE/identity/v3/list?a=%20b');
    });

    it('by the name that the client used, its standard port left out', async () => {
      const forwarded = (scheme: string, host: string): Promise<string> =>
        self({}, (context) => {
          context.forwardedScheme = scheme;
          context.forwardedHost = host;
        });
      expect(await forwarded('https', 'cloud.example')).to.equal('https://cloud.example/v3/list?a=%20b');
      expect(await forwarded('https', 'cloud.example:443')).to.equal('https://cloud.example/v3/list?a=%20b');
      expect(await forwarded('http', 'cloud.example:443')).to.equal(
        'http://cloud.example:443/v3/list?a=%20b',
      );
      expect(await forwarded('http', '[2001:db8::1]:80')).to.equal('http://[2001:db8::1]/v3/list?a=%20b');
      // A host that could break out of a URL or a header is not repeated.
      expect(await forwarded('http', 'a"b<c>')).to.match(/^http:\/\/localhost:\d+\/v3\/list/);
    });
  });
});
