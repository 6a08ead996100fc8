/** Domains with directories of their own, over HTTP, in two processes that run. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { DIRECTORY_PACKAGE, installDirectoryDriver } from '../support/directory_driver.js';
import { type Answer, type Cloud, serve } from './cloud.js';
import { createPeople, type Entity, type People, tokenOf } from './people.js';

describe('domains with directories of their own', () => {
  let deployment: Deployment;
  let cloud: Cloud;
  let twin: Cloud;
  let people: People;
  let staff: Entity;

  before(async () => {
    deployment = await createDeployment({
      conf: {
        DEFAULT: ['crypt_strength = 1000'],
        identity: ['domain_specific_drivers_enabled = true', 'domain_configurations_from_database = true'],
      },
    });
    await installDirectoryDriver(deployment.folder);
    // Everybody may list: what is listed then is the matter here.
    const policy = JSON.parse(
      await readFile(join(import.meta.dirname, '../../etc/policy.json'), 'utf8'),
    ) as object;
    const open = { ...policy, 'identity:list_users': '', 'identity:list_groups': '' };
    await writeFile(deployment.path('policy.json'), JSON.stringify(open));
    await writeFile(
      deployment.path('staff.json'),
      JSON.stringify({
        users: [
          { id: 'uid=ann', name: 'ann', password: 'secret-ann', email: 'ann@example.org' },
          { id: 'uid=bob', name: 'bob', password: 'secret-bob' },
          { id: 'uid=off', name: 'off', password: 'secret-off', enabled: false },
        ],
        groups: [{ id: 'cn=admins', name: 'admins', members: ['uid=ann'] }],
      }),
    );
    cloud = await serve(deployment);
    twin = await cloud.twin();
    people = await createPeople(cloud);
    staff = await people.must(people.admin, 'POST', '/v3/domains', { domain: { name: 'Staff' } }, 'domain');
  });
  after(() => cloud?.stop());

  const admin = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, path, people.admin, body);
  const list = async (of: Cloud, path: string, token = people.admin): Promise<Entity[]> => {
    const { status, body, text } = await of.request('GET', path, token);
    expect(status, text).to.equal(200);
    return Object.values(body).find(Array.isArray) as Entity[];
  };
  const signIn = (of: Cloud, name: string, password: string, scope?: object): Promise<Answer> =>
    of.request('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name, domain: { name: 'Staff' }, password } },
        },
        ...(scope && { scope }),
      },
    });

  it('come to life in all running processes by a configuration through the API', async () => {
    expect((await signIn(cloud, 'ann', 'secret-ann')).status).to.equal(401);
    expect(await list(twin, `/v3/users?domain_id=${staff.id}`)).to.deep.equal([]);
    const config = { identity: { driver: DIRECTORY_PACKAGE }, ldap: { url: deployment.path('staff.json') } };
    expect((await admin('PUT', `/v3/domains/${staff.id}/config`, { config })).status).to.equal(201);
    for (const process of [twin, cloud]) {
      const users = await list(process, `/v3/users?domain_id=${staff.id}`);
      expect(users.map(({ name }) => name).sort()).to.deep.equal(['ann', 'bob', 'off']);
      expect(users[0]?.id).to.match(/^[0-9a-f]{64}$/);
      expect((await signIn(process, 'ann', 'secret-ann')).status).to.equal(201);
    }
  });

  it('say who has signed in, and let nobody in who may not', async () => {
    const { body } = await signIn(twin, 'ann', 'secret-ann');
    const [user] = await list(cloud, `/v3/users?domain_id=${staff.id}&name=ann`);
    expect(body)
      .to.have.nested.property('token.user')
      .that.deep.include({
        id: user?.id,
        name: 'ann',
        domain: { id: staff.id, name: 'Staff' },
      });
    for (const [name, password] of [
      ['ann', 'wrong'],
      ['ann', ''],
      ['off', 'secret-off'],
      ['nobody', 'secret'],
    ] as const) {
      expect((await signIn(cloud, name, password)).status, name).to.equal(401);
    }
    const byId = await cloud.signIn(user?.id ?? '', 'secret-ann');
    expect(byId.status).to.equal(201);
    expect(byId.body).to.have.nested.property('token.user.name', 'ann');
  });

  it('give roles to users and to groups of a directory', async () => {
    const [ann] = await list(cloud, `/v3/users?domain_id=${staff.id}&name=ann`);
    const [admins] = await list(cloud, `/v3/groups?domain_id=${staff.id}&name=admins`);
    const [project, role] = [await people.project(), await people.role()];
    const path = `/v3/projects/${project.id}/groups/${admins?.id}/roles/${role.id}`;
    expect((await admin('PUT', path)).status).to.equal(204);
    expect((await admin('HEAD', path)).status).to.equal(204);
    const scope = { project: { id: project.id } };
    const token = tokenOf(await signIn(twin, 'ann', 'secret-ann', scope));
    expect((await signIn(twin, 'bob', 'secret-bob', scope)).status).to.equal(401);
    const shown = await cloud.request('GET', '/v3/auth/tokens', people.admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(shown.body)
      .to.have.nested.property('token.roles')
      .that.deep.equals([{ id: role.id, name: role.name }]);
    expect((await list(cloud, '/v3/auth/projects', token)).map(({ id }) => id)).to.include(project.id);
    const effective = await list(
      cloud,
      `/v3/role_assignments?effective&include_names&scope.project.id=${project.id}`,
    );
    expect(effective).to.have.length(1);
    expect(effective[0]).to.have.nested.property('user.name', 'ann');
    expect(effective[0]).to.have.nested.property('user.domain.name', 'Staff');

    // Trusts and credentials are theirs as they are other users'.
    const userId = ann?.id ?? '';
    const credential = { user_id: userId, type: 'cert', blob: '{}' };
    expect((await admin('POST', '/v3/credentials', { credential })).status).to.equal(201);
    const ec2 = await cloud.request('POST', `/v3/users/${userId}/credentials/OS-EC2`, token, {
      tenant_id: project.id,
    });
    expect(ec2.status, ec2.text).to.equal(201);
    const [bob] = await list(cloud, `/v3/users?domain_id=${staff.id}&name=bob`);
    const trust = await cloud.request('POST', '/v3/OS-TRUST/trusts', token, {
      trust: {
        trustor_user_id: userId,
        trustee_user_id: bob?.id,
        project_id: project.id,
        impersonation: true,
        roles: [{ id: role.id }],
      },
    });
    expect(trust.status, trust.text).to.equal(201);
    const { id: trustId } = trust.body['trust'] as Entity;
    const consumed = await signIn(cloud, 'bob', 'secret-bob', { 'OS-TRUST:trust': { id: trustId } });
    expect(consumed.body, consumed.text).to.have.nested.property('token.user.name', 'ann');

    expect((await admin('DELETE', path)).status).to.equal(204);
    const after = await cloud.request('GET', '/v3/auth/tokens', people.admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(after.status).to.equal(404);
  });

  it('are listed one at a time: the one that is asked for, else that of the token', async () => {
    const unscoped = await cloud.token((await people.user()).id, 'secret');
    const user = await people.user();
    expect((await list(cloud, '/v3/users')).map(({ name }) => name))
      .to.include(user.name)
      .and.not.include('ann');
    expect((await list(cloud, `/v3/groups?domain_id=${staff.id}`)).map(({ name }) => name)).to.deep.equal([
      'admins',
    ]);
    await people.must(
      people.admin,
      'PUT',
      `/v3/domains/${staff.id}/users/${user.id}/roles/${people.adminRole.id}`,
    );
    const inStaff = await people.token(user, { domain: { id: staff.id } });
    expect((await list(cloud, '/v3/users', inStaff)).map(({ name }) => name).sort()).to.deep.equal([
      'ann',
      'bob',
      'off',
    ]);
    for (const path of ['/v3/users', '/v3/groups']) {
      expect((await cloud.request('GET', path, unscoped)).status, path).to.equal(401);
      expect((await cloud.request('GET', `${path}?domain_id=${staff.id}`, unscoped)).status).to.equal(200);
    }
  });

  it('do not share groups', async () => {
    const [ann] = await list(cloud, `/v3/users?domain_id=${staff.id}&name=ann`);
    const [admins] = await list(cloud, `/v3/groups?domain_id=${staff.id}`);
    const user = await people.user();
    const refused = await admin('PUT', `/v3/groups/${admins?.id}/users/${user.id}`);
    expect(refused.status).to.equal(403);
    expect(refused.text).to.contain('backend boundaries');
    expect((await admin('GET', `/v3/groups/${admins?.id}/users/${ann?.id}`)).status).to.equal(204);
  });

  it('keep the users of API v2.0 to the default domain', async () => {
    const { status, body } = await cloud.request('GET', '/v2.0/users', people.admin);
    // The public endpoint has no users of v2.0; where it has, none of another domain is among them.
    if (status === 200) {
      expect((body['users'] as Entity[]).map(({ name }) => name)).not.to.include('ann');
    } else {
      expect(status).to.equal(404);
    }
  });

  it('answer with an error of their own when their configuration cannot be used', async () => {
    const broken = await people.must(
      people.admin,
      'POST',
      '/v3/domains',
      { domain: { name: 'Broken' } },
      'domain',
    );
    const config = { identity: { driver: 'nothing-of-this-kind' } };
    expect((await admin('PUT', `/v3/domains/${broken.id}/config`, { config })).status).to.equal(201);
    const { status, text } = await admin('GET', `/v3/users?domain_id=${broken.id}`);
    expect(status).to.equal(500);
    expect(text).not.to.contain('nothing-of-this-kind');
    expect(await list(cloud, `/v3/users?domain_id=${staff.id}`)).to.have.length(3);
    expect((await admin('DELETE', `/v3/domains/${broken.id}/config`)).status).to.equal(204);
    expect(await list(twin, `/v3/users?domain_id=${broken.id}`)).to.deep.equal([]);
  });

  it('go back to the standard backend when their configuration goes, tokens included', async () => {
    const token = tokenOf(await signIn(cloud, 'bob', 'secret-bob'));
    const projects = (): Promise<Answer> => twin.request('GET', '/v3/auth/projects', token);
    expect((await projects()).status).to.equal(200);
    await writeFile(deployment.path('staff.json'), JSON.stringify({ users: [], groups: [] }));
    expect((await projects()).status).to.equal(401);
    expect((await admin('DELETE', `/v3/domains/${staff.id}/config`)).status).to.equal(204);
    expect((await signIn(twin, 'bob', 'secret-bob')).status).to.equal(401);
  });
});
