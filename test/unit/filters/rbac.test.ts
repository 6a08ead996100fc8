import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { requestContext } from '../../../src/common/context.js';
import { ok } from '../../../src/common/http/results.js';
import type { Route } from '../../../src/common/http/types.js';
import { type Bench, createBench, type Site, serveFilters, tokenOf } from './support.js';

const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/things',
    access: { kind: 'protected', target: 'identity:list_things' },
    handler: () => ok({ things: [] }),
  },
];

const STOCK = `
[filter:build_auth_context]
use = egg:keystone#build_auth_context
[filter:json_body]
use = egg:keystone#json_body
[app:service_v3]
use = egg:keystone#service_v3
`;

describe('the filter rbac', () => {
  let bench: Bench;
  afterEach(() => bench.close());

  async function start(): Promise<void> {
    bench = await createBench('', () => ({ v3Routes: ROUTES }));
    bench.tokens.set('admin', tokenOf('admin'));
    bench.tokens.set('reader', tokenOf('reader', { roles: [{ id: 'r2', name: 'reader' }] }));
    await writeFile(join(bench.folder, 'admin.json'), '{"identity:list_things": "role:admin"}');
    await writeFile(join(bench.folder, 'public.yaml'), '"identity:list_things": "role:reader"\n');
  }
  async function pipeline(section: string): Promise<Site> {
    return bench.serve(
      await bench.load(
        `${STOCK}[filter:rbac]\nuse = egg:keystone#rbac\n${section}\n` +
          '[pipeline:main]\npipeline = build_auth_context json_body rbac service_v3\n',
      ),
    );
  }
  const status = async (site: Site, token: string): Promise<number> =>
    (await site.ask({ path: '/things', headers: { 'X-Auth-Token': token } })).status;

  it('gives each pipeline the policy of its own file', async () => {
    await start();
    const admin = await pipeline('policy_file = admin.json');
    const open = await pipeline('policy_file = public.yaml');
    expect([await status(admin, 'admin'), await status(admin, 'reader')]).to.deep.equal([200, 403]);
    expect([await status(open, 'admin'), await status(open, 'reader')]).to.deep.equal([403, 200]);
    expect(await status(open, 'nobody')).to.equal(401);
  });

  it("decides by the service's own policy where it names no file", async () => {
    await start();
    const site = await pipeline('');
    // The service of this test has no rule of that name: what is not allowed is denied.
    expect(await status(site, 'admin')).to.equal(403);
  });

  for (const [why, section, expected] of [
    ['is missing', 'policy_file = nowhere.json', /nowhere\.json/],
    ['cannot be read as a policy', 'policy_file = paste.ini', /paste\.ini/],
    ['is not named while its companions are', 'policy_dirs = policy.d', /policy_file/],
  ] as const) {
    it(`stops the start when the file ${why}`, async () => {
      await start();
      const failure = await pipeline(section).catch((error: Error) => error);
      expect(failure).to.be.instanceOf(Error);
      expect((failure as Error).message)
        .to.match(expected)
        .and.match(/rbac/);
    });
  }

  it('cannot stand before the filter that says who is calling', async () => {
    await start();
    const failure = await bench
      .load(
        `${STOCK}[filter:rbac]\nuse = egg:keystone#rbac\n[pipeline:main]\npipeline = rbac build_auth_context json_body service_v3`,
      )
      .catch((error: Error) => error);
    expect((failure as Error).message).to.match(/'rbac' needs 'auth_context': 'build_auth_context'/);
  });

  describe('watches over decisions', () => {
    const answering = (change: (context: ReturnType<typeof requestContext>) => void): Promise<Site> =>
      serveFilters(bench, ['build_auth_context', 'rbac'], (ctx) => {
        change(requestContext(ctx));
        ctx.set('X-Secret-Thing', 'x');
        ctx.body = 'the secret';
      });

    it('a route that answered without one becomes a 500, and the log says which', async () => {
      await start();
      const site = await answering((context) => {
        context.route = '/users/{user_id}';
      });
      const reply = await site.ask({ method: 'PATCH' });
      expect(reply.status).to.equal(500);
      expect(reply.text).to.not.contain('secret');
      expect(reply.headers).to.not.have.property('x-secret-thing');
      expect(bench.log.lines.join('\n')).to.match(
        /error .*PATCH \/users\/\{user_id\} answered without a policy decision/,
      );
    });

    it('a decided route passes, and so does what is no route', async () => {
      await start();
      const decided = await answering((context) => {
        context.route = '/users';
        context.decision = 'granted';
      });
      expect((await decided.ask()).text).to.equal('the secret');
      const unrouted = await answering(() => undefined);
      expect((await unrouted.ask()).text).to.equal('the secret');
    });
  });
});
