/** Newton's default: UUID tokens, kept in the SQL table `token` as Newton keeps them. */
import { expect } from 'chai';
import { TokenNotFound } from '../../src/common/errors.js';
import type { TokenRow } from '../../src/common/sql/index.js';
import type { TokenModel } from '../../src/common/token_model.js';
import { createServices, type Services } from '../../src/server/services.js';
import { ADMIN, createDeployment, type Deployment } from '../support/deployment.js';
import { rejection } from '../support/rejection.js';
import { createSandbox } from '../unit/cmd/support.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, Tenancy, tokenOf } from './tenancy.js';

const UUID = /^[0-9a-f]{32}$/;
const METHODS = 'methods = external,password,token';

describe('UUID tokens', function limited() {
  this.timeout(120_000);
  let cloud: Cloud;
  let admin: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({
      token: ['provider = uuid', 'bind = kerberos'],
      auth: [METHODS],
      keystone_koa: ['trusted_proxies = 127.0.0.1'],
    });
    admin = await cloud.adminToken();
    tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
  });
  after(() => cloud.stop());

  const signIn = (identity: object, scope?: object, headers: Record<string, string> = {}): Promise<Answer> =>
    cloud.request('POST', '/v3/auth/tokens', null, { auth: { identity, ...(scope && { scope }) } }, headers);
  const alice = (): object => ({
    methods: ['password'],
    password: { user: { id: tenancy.alice.id, password: tenancy.alice.password } },
  });
  const project = (): object => ({ project: { id: tenancy.project.id } });
  const subject = (method: string, id: string): Promise<Answer> =>
    cloud.request(method, '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': id });

  it('are issued, shown as they were issued, and good for requests', async () => {
    const issued = await signIn(alice(), project());
    const id = tokenOf(issued);
    expect(id).to.match(UUID);
    const shown = await subject('GET', id);
    expect(shown.status).to.equal(200);
    expect(shown.body).to.deep.equal(issued.body);
    expect((await subject('HEAD', id)).status).to.equal(200);
    expect((await cloud.request('GET', '/v3/auth/projects', id)).status).to.equal(200);
  });

  it('can be exchanged for one of another scope, of the same chain and expiry', async () => {
    const first = await signIn(alice(), { unscoped: {} });
    const second = await signIn({ methods: ['token'], token: { id: tokenOf(first) } }, project());
    expect(tokenOf(second)).to.match(UUID).and.not.equal(tokenOf(first));
    const [one, other] = [first.body['token'] as Json, second.body['token'] as Json];
    expect(other['methods']).to.have.members(['token', 'password']);
    expect((other['audit_ids'] as string[])[1]).to.equal((one['audit_ids'] as string[])[0]);
    expect(other['expires_at']).to.equal(one['expires_at']);
    expect((await subject('GET', tokenOf(second))).body).to.deep.equal(second.body);
  });

  it('stop working when they are revoked, and no other does', async () => {
    const [gone, stays] = [tokenOf(await signIn(alice())), tokenOf(await signIn(alice()))];
    expect((await subject('DELETE', gone)).status).to.equal(204);
    expect((await subject('GET', gone)).status).to.equal(404);
    expect((await cloud.request('GET', '/v3/auth/projects', gone)).status).to.equal(401);
    expect((await subject('DELETE', gone)).status).to.equal(404);
    expect((await subject('GET', stays)).status).to.equal(200);
  });

  it('are not made up', async () => {
    for (const id of ['0'.repeat(32), 'x', 'gAAAAABX', `${'0'.repeat(32)}\u00e9`]) {
      expect((await subject('GET', id)).status, id).to.equal(404);
      expect((await cloud.request('GET', '/v3/auth/projects', id)).status, id).to.equal(401);
    }
  });

  it('keep what they are bound to', async () => {
    const headers = { 'X-Remote-User': 'admin', 'X-Auth-Type': 'Negotiate' };
    const bound = await signIn({ methods: ['external'], external: {} }, undefined, headers);
    expect(bound.status, bound.text).to.equal(201);
    expect((bound.body['token'] as Json)['bind']).to.deep.equal({ kerberos: 'admin' });
    const shown = await subject('GET', tokenOf(bound));
    expect((shown.body['token'] as Json)['bind']).to.deep.equal({ kerberos: 'admin' });
  });

  it('make other tokens for the one that they are bound to, bound alike, and for nobody else', async () => {
    const headers = { 'X-Remote-User': 'admin', 'X-Auth-Type': 'Negotiate' };
    const id = tokenOf(await signIn({ methods: ['external'], external: {} }, { unscoped: {} }, headers));
    const scope = { project: { name: ADMIN.project, domain: { id: 'default' } } };
    const inV3 = (sent: Record<string, string>): Promise<Answer> =>
      signIn({ methods: ['token'], token: { id } }, scope, sent);
    const inV2 = (sent: Record<string, string>): Promise<Answer> => {
      const auth = { token: { id }, tenantName: ADMIN.project };
      return cloud.request('POST', '/v2.0/tokens', null, { auth }, sent);
    };
    for (const others of [
      {},
      { ...headers, 'X-Remote-User': 'alice' },
      { ...headers, 'X-Auth-Type': 'Basic' },
    ]) {
      expect((await inV3(others)).status, JSON.stringify(others)).to.equal(401);
      expect((await inV2(others)).status, JSON.stringify(others)).to.equal(401);
    }
    const [newer, older] = [await inV3(headers), await inV2(headers)];
    expect(newer.body).to.have.nested.property('token.bind').that.deep.equals({ kerberos: 'admin' });
    expect(older.body).to.have.nested.property('access.token.bind').that.deep.equals({ kerberos: 'admin' });
    expect((await cloud.request('GET', '/v3/users', tokenOf(newer))).status).to.equal(401);
    expect((await cloud.request('GET', '/v3/users', tokenOf(newer), undefined, headers)).status).to.equal(
      200,
    );
  });
});

describe('the table of UUID tokens', function limited() {
  this.timeout(120_000);
  let deployment: Deployment;
  let services: Services;
  let issued: TokenModel;
  let row: TokenRow;
  let extra: Json;

  before(async function issue() {
    this.timeout(120_000);
    deployment = await createDeployment({
      conf: { DEFAULT: ['crypt_strength = 1000'], token: ['provider = uuid'] },
    });
    services = await createServices(deployment.load());
    const { identity, resource, token } = services.providers;
    const { id: userId } = await identity.getUserByName(ADMIN.name, 'default');
    const { id: projectId } = await resource.getProjectByName(ADMIN.project, 'default');
    issued = await token.issueToken({ userId, projectId, methods: ['password'] });
    row = (await services.database.table('token').get(issued.id)) as TokenRow;
    extra = JSON.parse(row.extra ?? '') as Json;
  });
  after(async () => {
    await services.close();
    await deployment.remove();
  });

  it('holds what Newton reads', () => {
    const { body } = issued;
    expect(row).to.include({ id: issued.id, valid: true, trust_id: null, user_id: body.user.id });
    expect(row.expires?.getTime()).to.equal(Date.parse(body.expires_at));
    expect(extra).to.deep.equal({
      key: issued.id,
      user: body.user,
      tenant: body.project,
      is_domain: false,
      metadata: { roles: body.roles?.map(({ id }) => id) },
      token_data: { token: body },
      token_version: 'v3.0',
    });
    expect(body).to.include.keys('catalog', 'roles', 'project', 'audit_ids');
  });

  it('may hold tokens that Newton issued through API v2.0', async () => {
    const id = 'a'.repeat(32);
    const expires = '2100-01-01T00:00:00Z';
    const auditIds = ['Wx-3Ys8GQ9mW4vCKpAAAAA'];
    const token = { id, expires, issued_at: '2026-01-01T00:00:00.000000Z', audit_ids: auditIds };
    const access = { token: { ...token, tenant: extra['tenant'] }, user: extra['user'] };
    await services.database.table('token').insert({
      id,
      expires: new Date(expires),
      valid: true,
      user_id: row.user_id,
      extra: JSON.stringify({ token_data: { access }, token_version: 'v2.0' }),
    });
    const { body } = await services.providers.token.validateToken(id);
    expect(body).to.deep.include({
      methods: ['password', 'token'],
      audit_ids: auditIds,
      roles: issued.body.roles,
      expires_at: '2100-01-01T00:00:00.000000Z',
    });
  });

  it('may hold rows that say nothing, or that are marked invalid: they are no tokens', async () => {
    const expires = new Date('2100-01-01T00:00:00Z');
    const rows = [
      { id: 'b'.repeat(32), expires, valid: true, extra: null },
      { id: 'c'.repeat(32), expires, valid: true, extra: '{"token_data": {"token": {"user": 1}}}' },
      { id: 'd'.repeat(32), expires, valid: false, extra: row.extra },
    ];
    await services.database.table('token').insertMany(rows);
    for (const { id } of rows) {
      const error = await rejection(Promise.resolve(services.providers.token.validateToken(id)));
      expect(error, id).to.be.instanceOf(TokenNotFound);
    }
  });

  it('loses what has expired, and nothing else, to token_flush', async () => {
    const tokens = services.database.table('token');
    const before = await tokens.count();
    const past = new Date(Date.now() - 1000);
    await tokens.insertMany(
      Array.from({ length: 1201 }, (_, n) => ({ id: `expired-${n}`, expires: past, valid: n % 2 === 0 })),
    );
    const sandbox = await createSandbox();
    try {
      const flushed = await sandbox.run(...deployment.args, 'token_flush');
      expect(flushed).to.include({ status: 0, out: '1201 expired tokens deleted\n' });
      // What takes longer than two seconds tells how far it is.
      expect(flushed.err).to.match(/^(?:\d+ expired tokens deleted so far\n)*$/);
      const again = await sandbox.run(...deployment.args, 'token_flush');
      expect(again.out).to.equal('0 expired tokens deleted\n');
    } finally {
      await sandbox.remove();
    }
    expect(await tokens.count()).to.equal(before);
  });
});

describe('[token] driver', function limited() {
  this.timeout(120_000);
  it('names the drivers that there are when it names another, and the start fails', async () => {
    let message = '';
    try {
      await startCloud({ token: ['provider = uuid', 'driver = mongo'] });
    } catch (error) {
      message = String(error);
    }
    expect(message).to.contain('[token] driver = mongo').and.to.contain('kvs, memcache, memcache_pool, sql');
  });

  for (const [driver, why] of [
    ['memcache', 'memcached drops them by itself'],
    ['memcache_pool', 'memcached drops them by itself'],
    ['kvs', 'they end with the process'],
  ]) {
    it(`${driver} needs no token_flush: it says so, and does not fail`, async () => {
      const deployment = await createDeployment({ until: 'files', conf: { token: [`driver = ${driver}`] } });
      const sandbox = await createSandbox();
      try {
        const flushed = await sandbox.run(...deployment.args, 'token_flush');
        expect(flushed).to.include({ status: 0, out: '' });
        expect(flushed.err).to.contain(`[token] driver = ${driver}: token_flush is not needed`);
        expect(flushed.err).to.contain(why);
      } finally {
        await sandbox.remove();
        await deployment.remove();
      }
    });
  }

  it('sql has nothing new to flush with tokens that are kept nowhere, and token_flush says so', async () => {
    const deployment = await createDeployment({ until: 'tables', conf: { token: ['provider = fernet'] } });
    const sandbox = await createSandbox();
    try {
      const flushed = await sandbox.run(...deployment.args, 'token_flush');
      expect(flushed).to.include({ status: 0, out: '0 expired tokens deleted\n' });
      expect(flushed.err).to.contain('[token] provider = fernet: its tokens are kept nowhere');
    } finally {
      await sandbox.remove();
      await deployment.remove();
    }
  });
});
