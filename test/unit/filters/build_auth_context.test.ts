import { expect } from 'chai';
import type { Middleware } from 'koa';
import { requestContext } from '../../../src/common/context.js';
import { authContextOf, buildCredentials } from '../../../src/common/credentials.js';
import { NotFound, Unauthorized, ValidationError } from '../../../src/common/errors.js';
import { DatabaseUnavailableError } from '../../../src/common/sql/errors.js';
import type { TokenlessAuthenticator } from '../../../src/filters/services.js';
import { type Bench, createBench, type RecordingLog, type Site, serveFilters, tokenOf } from './support.js';

const tell: Middleware = (ctx) => {
  const { auth, isAdmin, remote } = requestContext(ctx);
  ctx.body = JSON.stringify({
    user: auth?.userId ?? null,
    admin: isAdmin,
    remote,
    seen: Object.keys(ctx.req.headers).filter((name) => /remote|auth-type/.test(name)),
  });
};

interface Told {
  readonly user: string | null;
  readonly admin: boolean;
  readonly remote: { user: string; domain: string | null; authType: string | null } | null;
  readonly seen: readonly string[];
}

describe('the filter build_auth_context', () => {
  let bench: Bench;
  let site: Site;

  async function start(
    conf = '',
    changes?: (bench: { log: RecordingLog }) => { tokenless: TokenlessAuthenticator },
  ): Promise<void> {
    bench = await createBench(conf, changes);
    site = await serveFilters(bench, ['build_auth_context'], tell);
    bench.tokens.set('good', tokenOf('good'));
  }
  async function ask(headers: Record<string, string | string[]> = {}): Promise<Told> {
    const reply = await site.ask({ headers });
    expect(reply.status, reply.text).to.equal(200);
    return JSON.parse(reply.text) as Told;
  }

  afterEach(() => bench.close());

  it('knows the holder of a token', async () => {
    await start();
    expect((await ask({ 'X-Auth-Token': 'good' })).user).to.equal('u1');
    expect((await ask({ 'X-Auth-Token': '  good\t' })).user).to.equal('u1');
  });

  it('lets a request without a usable token go on as nobody', async () => {
    await start();
    bench.tokens.set('expired', new Unauthorized('expired'));
    bench.tokens.set('gone', new NotFound({ target: 'project' }));
    for (const token of ['unknown', 'expired', 'gone', 'good good', 'good, good', 'x'.repeat(10_000)]) {
      expect((await ask({ 'X-Auth-Token': token })).user, token).to.equal(null);
    }
    expect((await ask({ 'X-Auth-Token': '' })).user).to.equal(null);
    expect((await ask()).user).to.equal(null);
    expect((await ask({ 'X-Auth-Token': ['good', 'unknown'] })).user).to.equal(null);
  });

  it('never takes a failure to find out for "not authenticated"', async () => {
    await start();
    bench.tokens.set('down', new DatabaseUnavailableError('no connection to db1'));
    bench.tokens.set('broken', new TypeError('undefined is not a function'));
    const down = await site.ask({ headers: { 'X-Auth-Token': 'down' } });
    expect(down.status).to.equal(503);
    const broken = await site.ask({ headers: { 'X-Auth-Token': 'broken' } });
    expect(broken.status).to.equal(500);
    expect(down.text + broken.text).to.not.match(/db1|undefined/);
  });

  describe('the admin token', () => {
    const ADMIN = '[DEFAULT]\nadmin_token = ADMIN\n';

    it('opens nothing where the filter for it is not there', async () => {
      await start(ADMIN);
      expect(await ask({ 'X-Auth-Token': 'ADMIN' })).to.include({ user: null, admin: false });
      expect(await ask({ 'X-Auth-Token': 'good' })).to.include({ user: 'u1', admin: false });
    });

    it('that an earlier filter accepted is not validated either', async () => {
      bench = await createBench(ADMIN);
      bench.tokens.set('ADMIN', new Error('was validated'));
      site = await serveFilters(bench, ['admin_token_auth', 'build_auth_context'], tell);
      expect(await ask({ 'X-Auth-Token': 'ADMIN' })).to.include({ admin: true });
    });
  });

  describe('REMOTE_USER', () => {
    const headers = { 'X-Remote-User': 'bob', 'X-Remote-Domain': 'Dömain', 'X-Auth-Type': 'Negotiate' };
    const sent = { ...headers, 'X-Remote-Domain': Buffer.from('Dömain').toString('latin1') };

    it('comes from a trusted proxy', async () => {
      await start();
      expect((await ask(sent)).remote).to.deep.equal({
        user: 'bob',
        domain: 'Dömain',
        authType: 'Negotiate',
      });
      expect((await ask({ 'X-Remote-User': 'bob' })).remote).to.deep.equal({
        user: 'bob',
        domain: null,
        authType: null,
      });
    });

    it('is nobody where the server has authenticated nobody', async () => {
      await start();
      for (const nobody of ['', '(null)'])
        expect((await ask({ 'X-Remote-User': nobody })).remote).to.equal(null);
      expect((await ask({ 'X-Remote-Domain': 'x', 'X-Auth-Type': 'Basic' })).remote).to.equal(null);
    });

    it('from anybody else does not even reach what is further in', async () => {
      await start('[keystone_koa]\ntrusted_proxies = 192.0.2.0/24, 2001:db8::/32\n');
      expect(await ask(sent)).to.deep.equal({ user: null, admin: false, remote: null, seen: [] });
    });

    it('comes in the header that the configuration names, and in no other', async () => {
      await start('[keystone_koa]\nremote_user_header = X-Front-User\n');
      expect((await ask({ 'X-Front-User': 'eve', 'X-Remote-User': 'bob' })).remote).to.include({
        user: 'eve',
      });
      expect((await ask({ 'X-Remote-User': 'bob' })).remote).to.equal(null);
    });

    it('is never read from a name with underscores', async () => {
      await start();
      const reply = await site.raw(
        'GET / HTTP/1.1\r\nHost: x\r\nX_Remote_User: bob\r\nConnection: close\r\n\r\n',
      );
      expect(reply).to.contain('"remote":null');
    });
  });

  describe('a bound token', () => {
    const bound = tokenOf('bound', { bind: { kerberos: 'alice' } });
    const kerberos = { 'X-Remote-User': 'alice', 'X-Auth-Type': 'Negotiate' };
    const user = async (headers: Record<string, string>): Promise<string | null> => (await ask(headers)).user;

    async function startWith(mode: string): Promise<void> {
      await start(`[token]\nenforce_token_bind = ${mode}\n`);
      bench.tokens.set('bound', bound);
      bench.tokens.set('other', tokenOf('other', { bind: { x509: 'cn' } }));
    }

    it('is good only for the one that it is bound to', async () => {
      await startWith('permissive');
      expect(await user({ 'X-Auth-Token': 'bound', ...kerberos })).to.equal('u1');
      expect(await user({ 'X-Auth-Token': 'bound', ...kerberos, 'X-Auth-Type': 'negotiate' })).to.equal('u1');
      expect(await user({ 'X-Auth-Token': 'bound' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'bound', ...kerberos, 'X-Remote-User': 'bob' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'bound', ...kerberos, 'X-Auth-Type': 'Basic' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'other' })).to.equal('u1');
    });

    it('of a kind that nobody knows is refused in strict mode', async () => {
      await startWith('strict');
      expect(await user({ 'X-Auth-Token': 'other' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'good' })).to.equal('u1');
    });

    it('is the only good one where a bind is required', async () => {
      await startWith('required');
      expect(await user({ 'X-Auth-Token': 'good' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'bound', ...kerberos })).to.equal('u1');
    });

    it('of a named mechanism is the only good one where it is named', async () => {
      await startWith('kerberos');
      expect(await user({ 'X-Auth-Token': 'good' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'other' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'bound' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'bound', ...kerberos })).to.equal('u1');
    });

    it('is as good as any where binds are off', async () => {
      await startWith('disabled');
      expect(await user({ 'X-Auth-Token': 'bound' })).to.equal('u1');
    });

    it('may be used by a service that proves itself, and by nobody with an invalid service token', async () => {
      await startWith('permissive');
      expect(await user({ 'X-Auth-Token': 'bound', 'X-Service-Token': 'good' })).to.equal('u1');
      expect(await user({ 'X-Auth-Token': 'bound', 'X-Service-Token': 'rubbish' })).to.equal(null);
      expect(await user({ 'X-Auth-Token': 'bound', 'X-Service-Token': 'bound' })).to.equal(null);
    });
  });

  describe('a client certificate', () => {
    const CONF = '[tokenless_auth]\ntrusted_issuer = CN=CA\ntrusted_issuer = O=Other,CN=CA\n';
    const asked: string[] = [];
    const tokenless: TokenlessAuthenticator = {
      authenticate: (issuer, headers) => {
        asked.push(issuer);
        if (headers['x-project-id'] === undefined) return Promise.reject(new ValidationError('no scope'));
        return Promise.resolve({ ...authContextOf(tokenOf('')), token: null, userId: 'cert-user' });
      },
    };
    beforeEach(() => asked.splice(0));

    it('of a trusted issuer authenticates', async () => {
      await start(CONF, () => ({ tokenless }));
      const told = await ask({ 'X-SSL-Client-I-DN': 'O=Other,CN=CA', 'X-Project-Id': 'p' });
      expect(told.user).to.equal('cert-user');
      expect(asked).to.deep.equal(['O=Other,CN=CA']);
    });

    it('is answered with the error of its scope', async () => {
      await start(CONF, () => ({ tokenless }));
      expect((await site.ask({ headers: { 'X-SSL-Client-I-DN': 'CN=CA' } })).status).to.equal(400);
    });

    it('of another issuer, beside a token, or from an untrusted peer says nothing', async () => {
      await start(CONF, () => ({ tokenless }));
      expect((await ask({ 'X-SSL-Client-I-DN': 'CN=Evil', 'X-Project-Id': 'p' })).user).to.equal(null);
      expect((await ask({ 'X-SSL-Client-I-DN': 'CN=CA', 'X-Auth-Token': 'good' })).user).to.equal('u1');
      expect((await ask({ 'X-SSL-Client-I-DN': 'CN=CA', 'X-Auth-Token': 'bad' })).user).to.equal(null);
      expect(asked).to.deep.equal([]);
      await bench.close();
      await start(`${CONF}[keystone_koa]\ntrusted_proxies = 192.0.2.1\n`, () => ({ tokenless }));
      expect((await ask({ 'X-SSL-Client-I-DN': 'CN=CA', 'X-Project-Id': 'p' })).user).to.equal(null);
    });
  });

  it('leaves alone who was authenticated before', async () => {
    bench = await createBench();
    const inner = await bench.load(
      '[filter:auth]\nuse = egg:keystone#build_auth_context\n[pipeline:main]\npipeline = auth end\n' +
        '[app:end]\nuse = egg:keystone#public_version_service\n',
    );
    const earlier = { ...authContextOf(tokenOf('x')), userId: 'earlier' };
    site = await bench.serve(async (ctx, next) => {
      requestContext(ctx).auth = earlier;
      await inner(ctx, next);
      ctx.body = String(requestContext(ctx).auth === earlier);
    });
    expect((await site.ask({ headers: { 'X-Auth-Token': 'good' } })).text).to.equal('true');
  });
});

describe('credentials', () => {
  it('of a project-scoped token', () => {
    const token = tokenOf('t');
    expect(buildCredentials(token)).to.deep.equal({
      token: token.body,
      user_id: 'u1',
      user_domain_id: 'default',
      project_id: 'p1',
      project_domain_id: 'default',
      is_domain: false,
      roles: ['admin'],
      is_delegated_auth: false,
      trust_id: null,
      trustor_id: null,
      trustee_id: null,
      consumer_id: null,
      access_token_id: null,
    });
  });

  it('of a domain-scoped, an unscoped and a federated token', () => {
    const { project: _project, roles: _roles, is_domain: _isDomain, ...unscoped } = tokenOf('t').body;
    const bare = { ...tokenOf('t'), body: unscoped };
    expect(buildCredentials(bare)).to.not.have.any.keys(
      'project_id',
      'domain_id',
      'roles',
      'is_domain',
      'group_ids',
    );
    const domain = { ...bare, body: { ...unscoped, domain: { id: 'd', name: 'D' }, roles: [] } };
    expect(buildCredentials(domain)).to.include({ domain_id: 'd', domain_name: 'D' });
    expect(buildCredentials(domain)).to.not.have.property('roles');
    const user = {
      ...unscoped.user,
      'OS-FEDERATION': {
        groups: [{ id: 'g1' }, { id: 'g2' }],
        identity_provider: { id: 'i' },
        protocol: { id: 'p' },
      },
    };
    expect(buildCredentials({ ...bare, body: { ...unscoped, user } })['group_ids']).to.deep.equal([
      'g1',
      'g2',
    ]);
  });

  it('of a delegated token', () => {
    const trust = {
      id: 't1',
      impersonation: false,
      trustor_user: { id: 'or' },
      trustee_user: { id: 'ee' },
    };
    expect(buildCredentials(tokenOf('t', { 'OS-TRUST:trust': trust }))).to.include({
      is_delegated_auth: true,
      trust_id: 't1',
      trustor_id: 'or',
      trustee_id: 'ee',
    });
    expect(
      buildCredentials(tokenOf('t', { 'OS-OAUTH1': { access_token_id: 'a', consumer_id: 'c' } })),
    ).to.include({ is_delegated_auth: true, access_token_id: 'a', consumer_id: 'c', trust_id: null });
  });
});
