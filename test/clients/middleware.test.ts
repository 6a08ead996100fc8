/** Services trust python-keystonemiddleware with their door: what it lets in, and what it keeps out. */
import { expect } from 'chai';
import { type Cloud, startCloud } from '../api/cloud.js';
import { ADMIN } from '../support/deployment.js';
import { type ProtectedService, pythonOfMiddleware, startProtected } from './protected.js';
import { register } from './site.js';

describe('a service behind keystonemiddleware', function limited() {
  this.timeout(120_000);
  let cloud: Cloud;
  let service: ProtectedService;
  before(async function start() {
    this.timeout(120_000);
    const python = pythonOfMiddleware(this);
    cloud = await startCloud();
    await register(cloud);
    service = await startProtected(python, cloud.url, ADMIN);
  });
  after(async () => {
    await service?.stop();
    await cloud?.stop();
  });

  it('lets a token in and knows who comes', async () => {
    const { status, text } = await service.ask(await cloud.adminToken());
    expect(status, text).to.equal(200);
    expect(JSON.parse(text)).to.deep.equal({
      HTTP_X_IDENTITY_STATUS: 'Confirmed',
      HTTP_X_USER_NAME: ADMIN.name,
      HTTP_X_USER_DOMAIN_ID: 'default',
      HTTP_X_PROJECT_NAME: ADMIN.project,
      HTTP_X_PROJECT_DOMAIN_ID: 'default',
      HTTP_X_ROLES: 'admin',
    });
  });

  it('keeps out who has no token, or one that never was', async () => {
    for (const token of [null, 'gAAAAABnever', 'x'.repeat(3000)]) {
      const { status, challenge } = await service.ask(token);
      expect(status).to.equal(401);
      expect(challenge).to.equal(`Keystone uri="${cloud.url}"`);
    }
  });

  it('keeps a token out once it is revoked', async () => {
    const admin = await cloud.adminToken();
    const token = await cloud.adminToken();
    expect((await service.ask(token)).status).to.equal(200);
    const revoked = await cloud.request('DELETE', '/v3/auth/tokens', admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(revoked.status).to.equal(204);
    expect((await service.ask(token)).status).to.equal(401);
    expect((await service.ask(admin)).status).to.equal(200);
  });

  it('keeps a user out once the account is disabled', async () => {
    const admin = await cloud.adminToken();
    const created = await cloud.request('POST', '/v3/users', admin, {
      user: { name: 'caller', password: 'secret' },
    });
    const { id } = created.body['user'] as { id: string };
    const token = await cloud.token(id, 'secret');
    const known = await service.ask(token);
    expect(JSON.parse(known.text)).to.include({ HTTP_X_USER_NAME: 'caller', HTTP_X_PROJECT_NAME: null });
    await cloud.request('PATCH', `/v3/users/${id}`, admin, { user: { enabled: false } });
    expect((await service.ask(token)).status).to.equal(401);
  });
});
