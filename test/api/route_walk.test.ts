/** Every route of Keystone's API v3 is there, asks its policy, and refuses who has not signed in. */
import { expect } from 'chai';
import type { Access, HttpMethod, PolicyTarget, Route } from '../../src/common/http/types.js';
import { registryServices } from '../../src/server/registry_services.js';
import { createServices } from '../../src/server/services.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type RouteRow, v3RouteRows } from './tables.js';

const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const ROWS = v3RouteRows();
const FEDERATION = ROWS.filter(({ extension }) => extension === 'OS-FEDERATION');
const ROOT = ROWS.filter(({ path }) => path === '/');
const SERVED = ROWS.filter((row) => !FEDERATION.includes(row) && !ROOT.includes(row));

/** What callers without a token get where Keystone asks no policy. */
const WITHOUT_POLICY: Readonly<Record<string, { status: number; access: Access['kind'] }>> = {
  // The body is refused, not the caller.
  'POST /auth/tokens': { status: 400, access: 'public' },
  'POST /OS-OAUTH1/request_token': { status: 400, access: 'public' },
  'POST /OS-OAUTH1/access_token': { status: 400, access: 'public' },
  // For trustor and trustee, who have to be known.
  'GET /OS-TRUST/trusts/{trust_id}': { status: 401, access: 'authenticated' },
  // The callers are services, which have to be known since CVE-2025-65073.
  'POST /ec2tokens': { status: 401, access: 'authenticated' },
  'POST /s3tokens': { status: 401, access: 'authenticated' },
  // No certificates are configured.
  'GET /OS-SIMPLE-CERT/ca': { status: 500, access: 'public' },
  'GET /OS-SIMPLE-CERT/certificates': { status: 500, access: 'public' },
};

const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;
const targetsOf = (target: PolicyTarget): readonly string[] =>
  typeof target === 'string' ? [target] : target.oneOf;

/** A path with values in it that name nothing. */
const concrete = (path: string): string => path.replace(/\{(\w+)\}/g, 'no-such-$1');

describe('the routes of API v3', function limited() {
  this.timeout(120_000);
  let deployment: Deployment;
  let cloud: Cloud;
  let admin: string;
  /** By method and path; HEAD included where GET answers it. */
  const routes = new Map<string, Route>();
  const listed: Route[] = [];

  before(async function start() {
    this.timeout(120_000);
    deployment = await createDeployment({ until: 'tables' });
    const services = await createServices(deployment.load());
    const nobodyAsks = (): never => {
      throw new Error('health was asked for');
    };
    const { v3Routes, extensions } = registryServices(services, {
      live: nobodyAsks,
      ready: nobodyAsks,
      status: nobodyAsks,
    });
    await services.close();
    listed.push(...v3Routes, ...extensions.ec2V3, ...extensions.s3);
    for (const route of listed) routes.set(nameOf(route), route);
    for (const route of listed) {
      const head = nameOf({ method: 'HEAD', path: route.path });
      if (route.method === 'GET' && route.noHead !== true && !routes.has(head)) routes.set(head, route);
    }
    cloud = await startCloud();
    admin = await cloud.adminToken();
  });
  after(async () => {
    await cloud.stop();
    await deployment.remove();
  });

  const call = (method: HttpMethod, path: string, token: string | null = null): Promise<Answer> =>
    cloud.request(method, `/v3${concrete(path)}`, token, /GET|HEAD/.test(method) ? undefined : {});

  it('are as many as Keystone has', () => {
    expect([ROWS.length, FEDERATION.length]).to.deep.equal([251, 31]);
  });

  it('are those of the table and no others', () => {
    const known = new Set(SERVED.map(nameOf));
    expect(listed.map(nameOf).filter((name) => !known.has(name))).to.deep.equal([]);
    expect(new Set(listed.map(nameOf)).size).to.equal(listed.length);
  });

  for (const row of SERVED) {
    const name = nameOf(row);
    it(`${name} is there, with its policy`, () => {
      const route = routes.get(name);
      expect(route, 'the route').to.be.an('object');
      const { access } = route as Route;
      if (row.protection === 'none') {
        expect(access.kind).to.equal(WITHOUT_POLICY[name]?.access);
        if (access.kind === 'public' || access.kind === 'authenticated') {
          expect(access.why).to.match(/\w+ \w+/);
        }
        return;
      }
      if (access.kind !== 'protected' && access.kind !== 'filter') {
        expect.fail(`no policy is asked: ${access.kind}`);
      }
      expect(targetsOf(access.target)).to.have.members([...row.targets]);
    });

    it(`${name} answers callers without a token as it should, and HEAD like GET`, async () => {
      const status = row.protection === 'none' ? WITHOUT_POLICY[name]?.status : 401;
      const answer = await call(row.method as HttpMethod, row.path);
      expect(answer.status).to.equal(status);
      if (row.method === 'HEAD') expect(answer.text).to.equal('');
      else expect(answer.body).to.have.nested.property('error.code', status);
      if (row.method === 'GET') expect((await call('HEAD', row.path)).status).to.equal(status);
      // A token that proves nothing is none.
      if (status === 401) expect((await call(row.method as HttpMethod, row.path, 'x')).status).to.equal(401);
    });
  }

  it('answer HEAD wherever they answer GET, with the same status and no body', async () => {
    for (const { path } of SERVED.filter(({ method }) => method === 'GET')) {
      const got = await call('GET', path, admin);
      const head = await call('HEAD', path, admin);
      expect([head.status, head.text], path).to.deep.equal([got.status, '']);
      expect(head.headers.get('Vary'), path).to.equal(got.headers.get('Vary'));
    }
  }).timeout(120_000);

  it('know no other methods', async () => {
    const paths = new Map<string, Set<string>>();
    for (const { path, method } of SERVED) paths.set(path, (paths.get(path) ?? new Set()).add(method));
    for (const [path, known] of paths) {
      for (const method of METHODS.filter((other) => !known.has(other))) {
        const { status, body } = await call(method, path, admin);
        expect(status, `${method} ${path}`).to.equal(404);
        expect(body).to.have.nested.property('error.title', 'Not Found');
      }
    }
  }).timeout(120_000);

  it('answer 404 for federation, whoever asks', async () => {
    const rows: readonly RouteRow[] = FEDERATION;
    for (const { method, path } of rows) {
      for (const token of [null, admin]) {
        expect((await call(method as HttpMethod, path, token)).status, `${method} ${path}`).to.equal(404);
      }
    }
  });

  it('begin with a document for everybody', async () => {
    for (const path of ['/v3', '/v3/']) {
      const { status, body } = await cloud.request('GET', path, null);
      expect(status).to.equal(200);
      expect(body).to.have.nested.property('version.id', 'v3.7');
      expect((await cloud.request('HEAD', path, null)).status).to.equal(200);
    }
  });
});
