/** Users, projects, roles and who has which in one directory, on the example tree of Keystone's configuration guide. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LdapDirectory } from '../../src/common/ldap/index.js';
import { loadConf } from '../../src/conf/index.js';
import { startServer } from '../../src/server/server.js';
import { type Answer, type Cloud, serve } from '../api/cloud.js';
import { createDeployment } from '../support/deployment.js';
import { rejection } from '../support/rejection.js';
import { ADMIN, type RunningSlapd, SUFFIX, slapd, startSlapd } from '../support/services/slapd.js';

const BASE = `dc=openstack,${SUFFIX}`;

describe('projects, roles and assignments in a directory', function suite() {
  this.timeout(120_000);
  let folder: string;
  let server: RunningSlapd;
  let directory: LdapDirectory;
  let cloud: Cloud;
  let token: string;

  const lines = (): Record<string, string[]> => ({
    identity: ['driver = ldap'],
    resource: ['driver = ldap'],
    role: ['driver = ldap'],
    assignment: ['driver = ldap'],
    ldap: [
      `url = ldap://127.0.0.1:${server.port}`,
      `user = ${ADMIN.dn}`,
      `password = ${ADMIN.password}`,
      `suffix = ${BASE}`,
      'use_dumb_member = False',
      'allow_subtree_delete = False',
      `user_tree_dn = ou=Users,${BASE}`,
      'user_objectclass = inetOrgPerson',
      // The standard classes have nothing that could hold it.
      'user_attribute_ignore = default_project_id,enabled',
      `group_tree_dn = ou=groups,${BASE}`,
    ],
  });

  before(async function prepare() {
    const missing = slapd.missing();
    if (missing !== null) {
      if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'keystone-slapd-'));
    server = await startSlapd(folder);
    const { conf } = loadConf({
      sources: [],
      env: { HOME: folder },
      overrides: {
        ldap: { url: `ldap://127.0.0.1:${server.port}`, user: ADMIN.dn, password: ADMIN.password },
      },
    });
    directory = new LdapDirectory(conf.ldap);
    await directory.add(
      BASE,
      new Map([
        ['objectClass', ['dcObject', 'organizationalUnit']],
        ['dc', ['openstack']],
        ['ou', ['openstack']],
      ]),
    );
    for (const unit of ['Projects', 'Users', 'Roles', 'groups']) {
      const values = new Map([
        ['objectClass', ['top', 'organizationalUnit']],
        ['ou', [unit]],
      ]);
      await directory.add(`ou=${unit},${BASE}`, values);
    }
    cloud = await serve(await createDeployment({ conf: lines() }));
    token = await cloud.adminToken();
  });
  after(async () => {
    await cloud?.stop();
    await directory?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const ask = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, `/v3${path}`, token, body);

  async function make(kind: string, attributes: object): Promise<{ id: string; name: string }> {
    const answer = await ask('POST', `/${kind}s`, { [kind]: attributes });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body[kind] as { id: string; name: string };
  }
  const names = (answer: Answer, key: string): string[] =>
    (answer.body[key] as { name: string }[]).map(({ name }) => name).sort();
  const dns = async (base: string): Promise<string[]> =>
    (await directory.searchAll({ base, scope: 'one' })).map(({ dn }) => dn);

  it('hold what bootstrap makes, and let its user in', async () => {
    expect(await dns(`ou=Users,${BASE}`)).to.have.length(1);
    const [project] = await dns(`ou=Projects,${BASE}`);
    expect(await dns(project ?? '')).to.have.length(1);
    const check = await cloud.request('GET', '/v3/auth/tokens', token, undefined, {
      'X-Subject-Token': token,
    });
    expect(check.body['token']).to.deep.include({ methods: ['password'] });
    expect(
      (check.body['token'] as { roles: { name: string }[] }).roles.map(({ name }) => name),
    ).to.deep.equal(['admin']);
  });

  it('read what others put into the directory', async () => {
    const project = new Map([
      ['objectClass', ['groupOfNames']],
      ['cn', ['foreign-project']],
      ['ou', ['Foreign']],
      ['description', ['made by hand']],
      ['member', [ADMIN.dn]],
    ]);
    await directory.add(`cn=foreign-project,ou=Projects,${BASE}`, project);
    const role = new Map([
      ['objectClass', ['organizationalRole']],
      ['cn', ['foreign-role']],
      ['ou', ['observer']],
    ]);
    await directory.add(`cn=foreign-role,ou=Roles,${BASE}`, role);
    expect((await ask('GET', '/projects/foreign-project')).body['project']).to.deep.include({
      id: 'foreign-project',
      name: 'Foreign',
      description: 'made by hand',
      domain_id: 'default',
      enabled: true,
    });
    expect(names(await ask('GET', '/projects?name=Foreign'), 'projects')).to.deep.equal(['Foreign']);
    expect(names(await ask('GET', '/roles'), 'roles')).to.include.members(['admin', 'observer']);
    expect(names(await ask('GET', '/domains'), 'domains')).to.deep.equal(['Default']);
  });

  it('give a user a role on a project, with which the user signs in, and take it away', async () => {
    const project = await make('project', { name: 'p1', domain_id: 'default', description: 'first' });
    const role = await make('role', { name: 'member' });
    const user = await make('user', { name: 'u1', password: 'u1-Secret', domain_id: 'default' });
    const grant = `/projects/${project.id}/users/${user.id}/roles/${role.id}`;
    expect((await ask('HEAD', grant)).status).to.equal(404);
    expect((await ask('PUT', grant)).status).to.equal(204);
    expect((await ask('PUT', grant)).status).to.equal(204);
    expect((await ask('HEAD', grant)).status).to.equal(204);
    expect(names(await ask('GET', `/projects/${project.id}/users/${user.id}/roles`), 'roles')).to.deep.equal([
      'member',
    ]);
    const own = await cloud.token(user.id, 'u1-Secret');
    const projects = await cloud.request('GET', '/v3/auth/projects', own);
    expect(names(projects, 'projects')).to.deep.equal(['p1']);
    const scoped = await scopedTo(user.id, 'u1-Secret', project.id);
    expect(scoped.status, scoped.text).to.equal(201);
    const listed = await ask('GET', `/role_assignments?user.id=${user.id}&effective`);
    expect(listed.body['role_assignments']).to.have.length(1);
    expect(
      (await ask('GET', `/role_assignments?scope.project.id=${project.id}`)).body['role_assignments'],
    ).to.have.length(1);
    expect((await ask('DELETE', grant)).status).to.equal(204);
    expect((await ask('DELETE', grant)).status).to.equal(404);
    expect((await scopedTo(user.id, 'u1-Secret', project.id)).status).to.equal(401);
  });

  it('give roles through groups of the directory', async () => {
    const project = await make('project', { name: 'p2', domain_id: 'default' });
    const role = await make('role', { name: 'operator' });
    const user = await make('user', { name: 'u2', password: 'u2-Secret', domain_id: 'default' });
    const values = new Map([
      ['objectClass', ['groupOfNames']],
      ['cn', ['g2']],
      ['ou', ['Group Two']],
      ['member', [`cn=${user.id},ou=Users,${BASE}`]],
    ]);
    await directory.add(`cn=g2,ou=groups,${BASE}`, values);
    expect((await ask('PUT', `/projects/${project.id}/groups/g2/roles/${role.id}`)).status).to.equal(204);
    const scoped = await scopedTo(user.id, 'u2-Secret', project.id);
    expect(scoped.status, scoped.text).to.equal(201);
    const { body } = await ask(
      'GET',
      `/role_assignments?scope.project.id=${project.id}&effective&include_names`,
    );
    expect(body['role_assignments']).to.have.length(1);
    expect(JSON.stringify(body)).to.contain('"name":"u2"').and.to.contain('"name":"operator"');
  });

  it('forget the roles on a project with it, and those of a user or a role too', async () => {
    const project = await make('project', { name: 'p3', domain_id: 'default' });
    const [one, two] = [await make('role', { name: 'r3' }), await make('role', { name: 'r4' })];
    const user = await make('user', { name: 'u3', password: 'u3-Secret', domain_id: 'default' });
    for (const role of [one, two]) {
      expect((await ask('PUT', `/projects/${project.id}/users/${user.id}/roles/${role.id}`)).status).to.equal(
        204,
      );
    }
    const assignments = async (): Promise<unknown[]> =>
      (await ask('GET', `/role_assignments?scope.project.id=${project.id}`)).body[
        'role_assignments'
      ] as unknown[];
    expect(await assignments()).to.have.length(2);
    expect((await ask('DELETE', `/roles/${one.id}`)).status).to.equal(204);
    expect(await assignments()).to.have.length(1);
    expect((await ask('DELETE', `/users/${user.id}`)).status).to.equal(204);
    expect(await assignments()).to.have.length(0);
    expect((await ask('DELETE', `/projects/${project.id}`)).status).to.equal(204);
    expect((await ask('GET', `/projects/${project.id}`)).status).to.equal(404);
  });

  it('change names and descriptions, and know a name only once', async () => {
    const project = await make('project', { name: 'p5', domain_id: 'default' });
    const changed = await ask('PATCH', `/projects/${project.id}`, {
      project: { name: 'p5 renamed', description: 'new' },
    });
    expect(changed.body['project']).to.deep.include({ name: 'p5 renamed', description: 'new' });
    const again = await ask('POST', '/projects', { project: { name: 'p5 renamed', domain_id: 'default' } });
    expect(again.status).to.equal(409);
    const role = await make('role', { name: 'r5' });
    expect((await ask('PATCH', `/roles/${role.id}`, { role: { name: 'r5 renamed' } })).status).to.equal(200);
    expect((await ask('POST', '/roles', { role: { name: 'r5 renamed' } })).status).to.equal(409);
  });

  it('say what a directory cannot keep', async () => {
    const { id } = await make('project', { name: 'p6', domain_id: 'default' });
    const role = await make('role', { name: 'r6' });
    const user = await make('user', { name: 'u6', password: 'u6-Secret', domain_id: 'default' });
    const refused: [number, Answer][] = [
      [403, await ask('POST', '/domains', { domain: { name: 'other' } })],
      [
        403,
        await ask('POST', '/projects', { project: { name: 'child', parent_id: id, domain_id: 'default' } }),
      ],
      [403, await ask('PATCH', `/projects/${id}`, { project: { enabled: false } })],
      [400, await ask('POST', '/projects', { project: { name: 'x', domain_id: 'default', colour: 'red' } })],
      [501, await ask('POST', '/roles', { role: { name: 'of a domain', domain_id: 'default' } })],
      [501, await ask('PUT', `/roles/${role.id}/implies/${role.id}`)],
      [501, await ask('PUT', `/domains/default/users/${user.id}/roles/${role.id}`)],
      [
        501,
        await ask(
          'PUT',
          `/OS-INHERIT/projects/${id}/users/${user.id}/roles/${role.id}/inherited_to_projects`,
        ),
      ],
    ];
    for (const [status, answer] of refused.slice(0, 5).concat(refused.slice(6))) {
      expect(answer.status, answer.text).to.equal(status);
    }
    // A role that implies itself is refused before the directory is asked.
    expect(refused[5]?.[1].status).to.equal(403);
    expect(names(await ask('GET', '/projects?name=child'), 'projects')).to.deep.equal([]);
  });

  it('stop the start unless all of them lie in the directory of the users', async () => {
    const wrong: [Record<string, string[]>, RegExp][] = [
      [{ resource: ['driver = ldap'] }, /\[resource\].*\[identity\] driver must be ldap too/],
      [
        { ...lines(), role: [] },
        /driver = ldap in \[resource\], \[assignment\]: so must be \[role\] driver, or none of them/,
      ],
      [
        { ...lines(), identity_mapping: ['backward_compatible_ids = False'] },
        /backward_compatible_ids must be true/,
      ],
    ];
    for (const [conf, text] of wrong) {
      const deployment = await createDeployment({ conf, until: 'tables' });
      const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
      const error = await rejection(startServer(deployment.load(), [{ name: 'main', address }]));
      expect(error.message).to.match(text);
      await deployment.remove();
    }
  });

  function scopedTo(userId: string, password: string, projectId: string): Promise<Answer> {
    return cloud.request('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: { methods: ['password'], password: { user: { id: userId, password } } },
        scope: { project: { id: projectId } },
      },
    });
  }
});
