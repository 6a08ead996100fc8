/** Every route of Keystone's API v2.0 is on the stack or stacks that have it, asks what it should, and is nowhere else. */
import { expect } from 'chai';
import type { Access, HttpMethod, Route } from '../../src/common/http/types.js';
import { registryServices } from '../../src/server/registry_services.js';
import { createServices } from '../../src/server/services.js';
import { createDeployment } from '../support/deployment.js';
import { readTable } from './tables.js';
import { type Stack, type V2Answer, V2Cloud } from './v2_cloud.js';

const STACKS: readonly Stack[] = ['main', 'admin'];
const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
type Column = 'method' | 'path' | 'apps' | 'authorization' | 'policy_target' | 'extension';
const ROWS = readTable<Column>('routes-v2.tsv');
const ROUTED = ROWS.filter(({ path }) => path !== '/');
const isOn = ({ apps }: { readonly apps: string }, stack: Stack): boolean =>
  apps === 'both' || apps === (stack === 'main' ? 'public' : 'admin');

/** What callers without a token get where Keystone asks for none. */
const FOR_EVERYBODY: Readonly<Record<string, number>> = {
  'POST /tokens': 400,
  // No certificates are configured.
  'GET /certificates/ca': 403,
  'GET /certificates/signing': 403,
  'GET /extensions': 200,
  'GET /extensions/{extension_alias}': 404,
  // The callers are services, which have to be known since CVE-2025-65073.
  'POST /ec2tokens': 401,
  'POST /s3tokens': 401,
};
const SIGNATURES = ['POST /ec2tokens', 'POST /s3tokens'];

const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;
const concrete = (path: string): string => path.replace(/\{(\w+)\}/g, 'no-such-$1');

function accessOf({ authorization }: (typeof ROWS)[number], name: string): Access['kind'] {
  if (SIGNATURES.includes(name)) return 'authenticated';
  if (authorization === 'policy') return 'protected';
  if (authorization === 'none') return 'public';
  return authorization.startsWith('admin_required') ? 'v2_admin' : 'authenticated';
}

describe('the routes of API v2.0', function limited() {
  this.timeout(120_000);
  let cloud: V2Cloud;
  let admin: string;
  const tables = { main: new Map<string, Route>(), admin: new Map<string, Route>() };

  before(async function start() {
    this.timeout(120_000);
    const deployment = await createDeployment({ until: 'tables' });
    const services = await createServices(deployment.load());
    const nobodyAsks = (): never => {
      throw new Error('health was asked for');
    };
    const health = { live: nobodyAsks, ready: nobodyAsks, status: nobodyAsks };
    const { v2PublicRoutes, v2AdminRoutes, extensions } = registryServices(services, health);
    await services.close();
    await deployment.remove();
    for (const route of [...v2PublicRoutes, ...extensions.ec2V2]) tables.main.set(nameOf(route), route);
    for (const route of [...v2AdminRoutes, ...extensions.ec2V2, ...extensions.s3]) {
      tables.admin.set(nameOf(route), route);
    }
    cloud = await V2Cloud.start();
    admin = await cloud.adminToken();
  });
  after(() => cloud.stop());

  const call = (stack: Stack, method: string, path: string, token: string | null = null): Promise<V2Answer> =>
    cloud.call(stack, method, `/v2.0${concrete(path)}`, token, /GET|HEAD/.test(method) ? undefined : {});

  it('are as many as Keystone has', () => {
    expect(ROWS).to.have.length(59);
    expect(ROUTED).to.have.length(58);
  });

  for (const stack of STACKS) {
    const rows = ROUTED.filter((row) => isOn(row, stack));

    it(`are those of the table and no others on ${stack}`, () => {
      // Extensions are listed by the application itself.
      const known = rows.map(nameOf).filter((name) => !name.startsWith('GET /extensions'));
      expect([...tables[stack].keys()]).to.have.members(known);
    });

    for (const row of rows) {
      const name = nameOf(row);
      it(`${name} on ${stack} asks what it should, and answers callers without a token so`, async () => {
        const access = tables[stack].get(name)?.access;
        if (access !== undefined) {
          expect(access.kind).to.equal(accessOf(row, name));
          if (access.kind === 'protected') expect(access.target).to.equal(row.policy_target);
        }
        const status = row.authorization === 'none' ? FOR_EVERYBODY[name] : 401;
        const answer = await call(stack, row.method, row.path);
        expect(answer.status, answer.text).to.equal(status);
        if (status === 401) {
          expect((await call(stack, row.method, row.path, 'nonsense')).status).to.equal(401);
          expect(answer.headers.get('WWW-Authenticate')).to.match(/^Keystone uri="http/);
        }
        if (row.method === 'GET') expect((await call(stack, 'HEAD', row.path)).status).to.equal(status);
      });
    }

    it(`are nothing else on ${stack}, whoever asks`, async () => {
      const known = new Set(rows.map(nameOf));
      for (const path of new Set(ROUTED.map((row) => row.path))) {
        for (const method of METHODS.filter((each) => !known.has(nameOf({ method: each, path })))) {
          // It is also what the pattern of a token matches.
          if (path === '/tokens/revoked' && known.has(`${method} /tokens/{token_id}`)) continue;
          const { status, body } = await call(stack, method, path, admin);
          expect(status, `${method} ${path}`).to.equal(404);
          expect(body).to.have.nested.property('error.message', 'The resource could not be found.');
        }
      }
    }).timeout(120_000);

    it(`begin with a document for everybody on ${stack}`, async () => {
      for (const path of ['/v2.0', '/v2.0/']) {
        const { status, body } = await cloud.call(stack, 'GET', path, null);
        expect([status, (body['version'] as { id: string }).id]).to.deep.equal([200, 'v2.0']);
      }
    });
  }
});
