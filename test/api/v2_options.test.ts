/** Signing in through API v2.0 under other options: users of the front web server, limits, no rescoping, no trusts. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import type { Json } from './tenancy.js';
import { accessOf, messageOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

describe('signing in through API v2.0', function limited() {
  this.timeout(120_000);
  let cloud: V2Cloud;
  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start({
      DEFAULT: [
        'max_param_size = 10',
        'max_token_size = 400',
        'public_endpoint = https://id.example/',
        'admin_endpoint = https://admin.example/',
      ],
      identity: ['max_password_length = 20'],
      keystone_koa: ['trusted_proxies = 127.0.0.1'],
      token: ['allow_rescope_scoped_token = false'],
      trust: ['enabled = false'],
    });
  });
  after(() => cloud.stop());

  const asRemote = (user: string, auth: object): Promise<V2Answer> =>
    cloud.call('main', 'POST', '/v2.0/tokens', null, { auth }, { 'X-Remote-User': user });

  it('takes the word of the front web server, and looks at no password then', async () => {
    const access = accessOf(await asRemote(ADMIN.name, { tenantName: ADMIN.project }));
    expect(access['user']).to.include({ username: ADMIN.name });
    expect(access['token']).to.have.nested.property('tenant.name', ADMIN.project);
    const wrong = { passwordCredentials: { username: 'nobody', password: 'wrong' } };
    expect((accessOf(await asRemote(ADMIN.name, wrong))['user'] as Json)['username']).to.equal(ADMIN.name);
    expect((await asRemote('nobody', {})).status).to.equal(401);
    expect((await asRemote(ADMIN.name, { tenantName: 'nowhere' })).status).to.equal(401);
  });

  it('is asked for at the public endpoint, whichever face refuses', async () => {
    for (const stack of ['main', 'admin'] as const) {
      const refused = await cloud.call(stack, 'GET', '/v2.0/tenants', null);
      expect(refused.status).to.equal(401);
      expect(refused.headers.get('WWW-Authenticate'), stack).to.equal('Keystone uri="https://id.example"');
    }
  });

  it('keeps to the configured sizes', async () => {
    const long = 'x'.repeat(11);
    const passwordCredentials = { username: 'x', password: 'p' };
    const tooLong: [object, string, number][] = [
      [{ passwordCredentials: { ...passwordCredentials, username: long } }, 'username', 10],
      [{ passwordCredentials: { userId: long, password: 'p' } }, 'userId', 10],
      [{ passwordCredentials: { ...passwordCredentials, password: 'p'.repeat(21) } }, 'password', 20],
      [{ passwordCredentials, tenantName: long }, 'tenantName', 10],
      [{ passwordCredentials, tenantId: long }, 'tenantId', 10],
      [{ token: { id: 'x' }, tenantName: long }, 'tenantName', 10],
      [{ token: { id: 'x'.repeat(401) } }, 'token', 400],
    ];
    for (const [auth, attribute, size] of tooLong) {
      const answer = await cloud.signIn(auth);
      expect(answer.status, attribute).to.equal(400);
      const text = `Request attribute ${attribute} must be less than or equal to ${size}. The server could not comply with the request because the attribute size is invalid (too large). The client is assumed to be in error.`;
      expect(messageOf(answer)).to.equal(text);
    }
    // Characters count, not bytes.
    expect((await cloud.withPassword('𝕏'.repeat(10), 'p')).status).to.equal(401);
  });

  it('does not rescope scoped tokens when that is off, but unscoped ones', async () => {
    const scoped = await cloud.adminToken();
    const refused = await cloud.signIn({ token: { id: scoped }, tenantName: ADMIN.project });
    expect([refused.status, messageOf(refused)]).to.deep.equal([
      403,
      'You are not authorized to perform the requested action: rescope a scoped token',
    ]);
    const id = tokenIdOf(await cloud.withPassword(ADMIN.name, ADMIN.password));
    expect((await cloud.signIn({ token: { id }, tenantName: ADMIN.project })).status).to.equal(200);
  });

  it('knows no trusts when they are off', async () => {
    const id = tokenIdOf(await cloud.withPassword(ADMIN.name, ADMIN.password));
    expect((await cloud.signIn({ token: { id }, trust_id: 'any' })).status).to.equal(403);
  });
});
