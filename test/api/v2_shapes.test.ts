/** Every body of API v2.0 has the attributes that Keystone's has, with values of the same types. */
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { createSigningFiles, type SigningFiles } from '../support/signing_files.js';
import { differences, SHAPES, type Shape } from './shape.js';
import { ec2Request, type KeyPair, s3Request } from './signing.js';
import type { Json, Named } from './tenancy.js';
import { accessOf, tokenIdOf, type V2Answer, V2Cloud } from './v2_cloud.js';

const NAMES = Object.keys(SHAPES).filter((name) => name.startsWith('/v2.0 ') || name.startsWith('v2 token '));

describe('the shape of the answer of API v2.0', () => {
  let cloud: V2Cloud;
  let files: SigningFiles;
  let admin: string;
  const answers = new Map<string, V2Answer>();

  /** Ask, and keep the answer under its name. */
  async function ask(method: string, template: string, path: string, body?: object): Promise<Json> {
    const answer = await cloud.call('admin', method, `/v2.0${path}`, admin, body);
    answers.set(`/v2.0 ${method} ${template}`, answer);
    return answer.body;
  }

  before(async function start() {
    this.timeout(120_000);
    files = await createSigningFiles();
    cloud = await V2Cloud.start({ signing: files.conf });
    const signIn = (): Promise<V2Answer> =>
      cloud.withPassword(ADMIN.name, ADMIN.password, { tenantName: ADMIN.project });
    const access = accessOf(await signIn());
    admin = (access['token'] as Named).id;
    const { id: adminId } = access['user'] as Named;
    const { id: adminTenant } = (access['token'] as Json)['tenant'] as Named;
    const tenant = (
      await ask('POST', '/tenants', '/tenants', { tenant: { name: 'shape', description: 'd' } })
    )['tenant'] as Named;
    const service = (
      await ask('POST', '/OS-KSADM/services', '/OS-KSADM/services', {
        'OS-KSADM:service': { name: 'nova', type: 'compute', description: 'd' },
      })
    )['OS-KSADM:service'] as Named;
    await signatures(adminId, adminTenant, service.id);
    await catalog(service.id);
    answers.set('/v2.0 POST /tokens', await signIn());
    answers.set('v2 token scoped', await signIn());
    answers.set('v2 token unscoped', await cloud.withPassword(ADMIN.name, ADMIN.password));
    await version();
    await tokens();
    await tenants(tenant.id);
    await users(tenant.id, adminId, adminTenant);
    await ask('GET', '/extensions', '/extensions');
    await ask('GET', '/extensions/{extension_alias}', '/extensions/OS-KSADM');
  });
  after(async () => {
    await cloud?.stop();
    await files?.remove();
  });

  /** With a catalog of public URLs alone. */
  async function signatures(userId: string, tenantId: string, serviceId: string): Promise<void> {
    const given = { service_id: serviceId, region: 'r', publicurl: 'http://p' };
    const made = await cloud.call('admin', 'POST', '/v2.0/endpoints', admin, { endpoint: given });
    const template = '/users/{user_id}/credentials/OS-EC2';
    const path = `/users/${userId}/credentials/OS-EC2`;
    const pair = (await ask('POST', template, path, { tenant_id: tenantId }))['credential'] as KeyPair;
    await ask('GET', template, path);
    await ask('GET', `${template}/{credential_id}`, `${path}/${pair.access}`);
    await ask('POST', '/ec2tokens', '/ec2tokens', { credentials: ec2Request(pair) });
    await ask('POST', '/s3tokens', '/s3tokens', { credentials: s3Request(pair) });
    await cloud.call('admin', 'DELETE', `/v2.0/endpoints/${(made.body['endpoint'] as Named).id}`, admin);
  }

  async function catalog(serviceId: string): Promise<void> {
    await ask('GET', '/OS-KSADM/services', '/OS-KSADM/services');
    await ask('GET', '/OS-KSADM/services/{service_id}', `/OS-KSADM/services/${serviceId}`);
    const urls = { publicurl: 'http://p', internalurl: 'http://i', adminurl: 'http://a' };
    await ask('POST', '/endpoints', '/endpoints', {
      endpoint: { service_id: serviceId, region: 'r', ...urls },
    });
    await ask('GET', '/endpoints', '/endpoints');
  }

  /** The table has the attributes of the first link alone; the second has a type. */
  async function version(): Promise<void> {
    const answer = await cloud.call('admin', 'GET', '/v2.0/', null);
    const document = answer.body['version'] as Json;
    const links = document['links'] as readonly Json[];
    expect(links[1]).to.have.all.keys('href', 'rel', 'type');
    answers.set('/v2.0 GET /', {
      ...answer,
      body: { version: { ...document, links: links.slice(0, 1) } },
    });
  }

  async function tokens(): Promise<void> {
    const id = tokenIdOf(answers.get('/v2.0 POST /tokens') as V2Answer);
    await ask('GET', '/tokens/{token_id}', `/tokens/${id}`);
    await ask('GET', '/tokens/{token_id}/endpoints', `/tokens/${id}/endpoints`);
    await ask('GET', '/tokens/revoked', '/tokens/revoked');
  }

  async function tenants(id: string): Promise<void> {
    await ask('GET', '/tenants', '/tenants');
    await ask('GET', '/tenants/{tenant_id}', `/tenants/${id}`);
    for (const method of ['PUT', 'POST']) {
      await ask(method, '/tenants/{tenant_id}', `/tenants/${id}`, { tenant: { description: 'e' } });
    }
  }

  async function users(tenantId: string, adminId: string, adminTenant: string): Promise<void> {
    const email = 'u@example.com';
    const user = { name: 'shape', email, tenantId, password: 'secret' };
    const { id } = (await ask('POST', '/users', '/users', { user }))['user'] as Named;
    await ask('PUT', '/users/{user_id}', `/users/${adminId}`, { user: { email, tenantId: adminTenant } });
    await ask('GET', '/users', '/users');
    await ask('GET', '/users/{user_id}', `/users/${id}`);
    const changes = { enabled: { enabled: true }, tenant: { tenantId }, password: { password: 'newer' } };
    for (const [what, change] of Object.entries(changes)) {
      for (const form of [what, `OS-KSADM/${what}`]) {
        await ask('PUT', `/users/{user_id}/${form}`, `/users/${id}/${form}`, { user: change });
      }
    }
    await ask('GET', '/tenants/{tenant_id}/users', `/tenants/${tenantId}/users`);
    const made = await ask('POST', '/OS-KSADM/roles', '/OS-KSADM/roles', { role: { name: 'shape' } });
    const { id: roleId } = made['role'] as Named;
    await ask('GET', '/OS-KSADM/roles', '/OS-KSADM/roles');
    await ask('GET', '/OS-KSADM/roles/{role_id}', `/OS-KSADM/roles/${roleId}`);
    const onTenant = '/tenants/{tenant_id}/users/{user_id}/roles';
    const path = `/tenants/${tenantId}/users/${id}/roles`;
    await ask('PUT', `${onTenant}/OS-KSADM/{role_id}`, `${path}/OS-KSADM/${roleId}`);
    await ask('GET', onTenant, path);
    const refs = '/users/{user_id}/roleRefs';
    await ask('POST', refs, `/users/${id}/roleRefs`, { role: { tenantId: adminTenant, roleId } });
    await ask('GET', refs, `/users/${id}/roleRefs`);
  }

  for (const name of NAMES) {
    it(`to ${name}`, () => {
      const answer = answers.get(name);
      expect(answer, 'a request').to.be.an('object');
      expect(answer?.status, answer?.text).to.equal(200);
      expect(differences(SHAPES[name] as Shape, answer?.body)).to.deep.equal([]);
    });
  }
});
