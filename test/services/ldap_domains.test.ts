/** Two domains with two real directories, one in a file and one added through the API while services run. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Answer, type Cloud, serve } from '../api/cloud.js';
import { createPeople, type Entity, type People, tokenOf } from '../api/people.js';
import { createDeployment, type Deployment, runManage } from '../support/deployment.js';
import { useService } from '../support/services/index.js';
import { AD_SUFFIX, ADMIN, type RunningSlapd, SUFFIX, startSlapd } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';

const PEOPLE = 3000;

describe('domains with LDAP directories', function limited() {
  this.timeout(120_000);
  let folder: string;
  let directory: RunningSlapd;
  let deployment: Deployment;
  let cloud: Cloud;
  let twin: Cloud;
  let people: People;
  let staff: Entity;
  let partners: Entity;

  before(async function start() {
    await useService(this, 'slapd');
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'keystone-ldap-domains-'));
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'slapd'));
    directory = await startSlapd(join(folder, 'slapd'), { people: PEOPLE });
    deployment = await createDeployment({
      conf: {
        DEFAULT: ['crypt_strength = 1000'],
        identity: ['domain_specific_drivers_enabled = true', 'domain_configurations_from_database = true'],
      },
    });
    cloud = await serve(deployment);
    twin = await cloud.twin();
    people = await createPeople(cloud);
    const domain = (name: string): Promise<Entity> =>
      people.must(people.admin, 'POST', '/v3/domains', { domain: { name } }, 'domain');
    [staff, partners] = [await domain('Staff'), await domain('Partners')];
  });
  after(async () => {
    await cloud?.stop();
    await directory?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const configure = (domain: Entity, ldap: object): Promise<Answer> =>
    cloud.request('PUT', `/v3/domains/${domain.id}/config`, people.admin, {
      config: { identity: { driver: 'ldap' }, ldap: { url: directory.address, ...ldap } },
    });
  const list = async (of: Cloud, path: string): Promise<Entity[]> => {
    const { status, body, text } = await of.request('GET', path, people.admin);
    expect(status, text).to.equal(200);
    return Object.values(body).find(Array.isArray) as Entity[];
  };
  const signIn = (
    of: Cloud,
    domain: Entity,
    name: string,
    password: string,
    scope?: object,
  ): Promise<Answer> =>
    of.request('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name, domain: { id: domain.id }, password } },
        },
        ...(scope && { scope }),
      },
    });

  const EXAMPLE = {
    suffix: SUFFIX,
    user: ADMIN.dn,
    password: ADMIN.password,
    user_tree_dn: `ou=People,${SUFFIX}`,
    user_name_attribute: 'cn',
    group_tree_dn: `ou=Teams,${SUFFIX}`,
    group_name_attribute: 'cn',
    page_size: 1000,
  };
  const AD = {
    suffix: AD_SUFFIX,
    user: ADMIN.dn,
    password: ADMIN.password,
    query_scope: 'sub',
    user_tree_dn: `ou=Staff,${AD_SUFFIX}`,
    user_objectclass: 'adUser',
    user_id_attribute: 'sAMAccountName',
    user_name_attribute: 'sAMAccountName',
    user_enabled_attribute: 'userAccountControl',
    user_enabled_mask: 2,
    user_enabled_default: '512',
    group_tree_dn: `ou=Cloud,${AD_SUFFIX}`,
    group_objectclass: 'adGroup',
    group_name_attribute: 'sAMAccountName',
  };

  it('sign in by names of the first directory', async () => {
    expect((await configure(staff, EXAMPLE)).status).to.equal(201);
    const name = 'p000007';
    const answer = await signIn(twin, staff, name, passwordOf(name));
    expect(answer.status, answer.text).to.equal(201);
    expect(answer.body)
      .to.have.nested.property('token.user')
      .that.deep.include({
        name,
        domain: { id: staff.id, name: 'Staff' },
      });
    expect((await signIn(cloud, staff, name, 'wrong')).status).to.equal(401);
    expect((await signIn(cloud, staff, name, '')).status).to.equal(401);
    expect((await signIn(cloud, partners, name, passwordOf(name))).status).to.equal(401);
  });

  it('sign in by names of a directory that was added while the services run', async () => {
    expect((await signIn(twin, partners, 'jdoe', passwordOf('jdoe'))).status).to.equal(401);
    expect((await configure(partners, AD)).status).to.equal(201);
    for (const process of [twin, cloud]) {
      const answer = await signIn(process, partners, 'jdoe', passwordOf('jdoe'));
      expect(answer.status, answer.text).to.equal(201);
    }
    // The account control of this one says that it is disabled.
    expect((await signIn(cloud, partners, 'ootto', passwordOf('ootto'))).status).to.equal(401);
    const users = await list(cloud, `/v3/users?domain_id=${partners.id}`);
    expect(Object.fromEntries(users.map(({ name, enabled }) => [name, enabled]))).to.deep.equal({
      jdoe: true,
      rroe: true,
      ootto: false,
      osider: true,
    });
  });

  it('take roles from groups of their directory, and from no other', async () => {
    const [project, role] = [await people.project(), await people.role()];
    const [group] = await list(cloud, `/v3/groups?domain_id=${partners.id}&name=cloud-admins`);
    await people.must(people.admin, 'PUT', `/v3/projects/${project.id}/groups/${group?.id}/roles/${role.id}`);
    const scope = { project: { id: project.id } };
    const token = tokenOf(await signIn(twin, partners, 'jdoe', passwordOf('jdoe'), scope));
    const shown = await cloud.request('GET', '/v3/auth/tokens', people.admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(shown.body).to.have.nested.property('token.roles[0].id', role.id);
    expect((await signIn(twin, partners, 'rroe', passwordOf('rroe'), scope)).status).to.equal(401);
    const members = await list(cloud, `/v3/groups/${group?.id}/users`);
    expect(members.map(({ name }) => name)).to.deep.equal(['jdoe']);
    const [person] = await list(cloud, `/v3/users?domain_id=${staff.id}&name=p000001`);
    expect(
      (await cloud.request('PUT', `/v3/groups/${group?.id}/users/${person?.id}`, people.admin)).status,
    ).to.equal(403);
    const effective = await list(
      cloud,
      `/v3/role_assignments?effective&include_names&scope.project.id=${project.id}`,
    );
    expect(effective).to.have.length(1);
    expect(effective[0]).to.have.nested.property('user.name', 'jdoe');
  });

  it('take new users and groups through the API', async () => {
    const writers = await people.must(
      people.admin,
      'POST',
      '/v3/domains',
      { domain: { name: 'Writers' } },
      'domain',
    );
    const trees = { user_tree_dn: `ou=Users,${SUFFIX}`, group_tree_dn: `ou=UserGroups,${SUFFIX}` };
    const { suffix, user: admin, password } = EXAMPLE;
    const ldap = {
      suffix,
      user: admin,
      password,
      ...trees,
      use_dumb_member: true,
      user_enabled_emulation: true,
    };
    expect((await configure(writers, ldap)).status).to.equal(201);
    const inDomain = { domain_id: writers.id };
    const person = await people.user({
      ...inDomain,
      name: 'writer',
      password: 'first',
      email: 'w@example.org',
    });
    expect(person).to.include({
      name: 'writer',
      domain_id: writers.id,
      email: 'w@example.org',
      enabled: true,
    });
    expect(person.id).to.match(/^[0-9a-f]{64}$/);
    const group = await people.must(
      people.admin,
      'POST',
      '/v3/groups',
      { group: { ...inDomain, name: 'authors' } },
      'group',
    );
    const membership = `/v3/groups/${group.id}/users/${person.id}`;
    const call = async (method: string, path: string, body?: object): Promise<number> =>
      (await twin.request(method, path, people.admin, body)).status;
    expect(await call('PUT', membership)).to.equal(204);
    expect(await call('HEAD', membership)).to.equal(204);
    expect((await list(cloud, `/v3/users/${person.id}/groups`)).map(({ id }) => id)).to.deep.equal([
      group.id,
    ]);
    expect((await signIn(cloud, writers, 'writer', 'first')).status).to.equal(201);
    const path = `/v3/users/${person.id}`;
    expect(await call('PATCH', path, { user: { password: 'second' } })).to.equal(200);
    expect((await signIn(cloud, writers, 'writer', 'first')).status).to.equal(401);
    const token = tokenOf(await signIn(cloud, writers, 'writer', 'second'));
    expect(await call('PATCH', path, { user: { enabled: false } })).to.equal(200);
    expect((await signIn(cloud, writers, 'writer', 'second')).status).to.equal(401);
    expect((await cloud.request('GET', '/v3/auth/projects', token)).status).to.equal(401);
    expect(await call('DELETE', membership)).to.equal(204);
    expect(await call('HEAD', membership)).to.equal(404);
    expect(await call('DELETE', path)).to.equal(204);
    expect(await call('GET', path)).to.equal(404);
    expect(await call('DELETE', `/v3/groups/${group.id}`)).to.equal(204);
  });

  it('are populated by a command, and listed whole', async function populate() {
    this.timeout(120_000);
    const { out } = await runManage(
      [...deployment.args, 'mapping_populate', '--domain-name', 'Staff'],
      deployment.env,
    );
    expect(out).to.contain(`${PEOPLE} users`);
    const users = await list(twin, `/v3/users?domain_id=${staff.id}`);
    expect(users).to.have.length(PEOPLE);
    expect(new Set(users.map(({ id }) => id)).size).to.equal(PEOPLE);
    const groups = await list(cloud, `/v3/groups?domain_id=${staff.id}`);
    expect(groups.map(({ name }) => name).sort()).to.deep.equal(['team0', 'team1', 'team2']);
  });

  it('do what docs/domains.md says', async function documented() {
    this.timeout(120_000);
    const text = (await readFile(join(import.meta.dirname, '../../docs/domains.md'), 'utf8'))
      .replaceAll('ldap://ldap.example.org', directory.address)
      .replaceAll('dc=example,dc=org', SUFFIX);
    const blocks = (language: string): string[] =>
      [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
        ([, block = '']) => block,
      );
    const [main = '', ofStaff = ''] = blocks('ini');
    const other = await createDeployment();
    let place: Cloud | undefined;
    try {
      const domains = join(other.folder, 'domains');
      await mkdir(domains);
      await writeFile(join(domains, 'keystone.Staff.conf'), ofStaff);
      await appendFile(other.conf, `${main}domain_config_dir = ${domains}\n`);
      place = await serve(other);
      const own = await createPeople(place);
      const domain = (name: string): Promise<Entity> =>
        own.must(own.admin, 'POST', '/v3/domains', { domain: { name } }, 'domain');
      const [byApi, byCommand] = [await domain('Partners'), await domain('Staff')];
      const said: string[] = [];
      for (const line of blocks('sh').flatMap((block) => block.trim().split('\n'))) {
        if (line.startsWith('keystone-manage ')) {
          const { out } = await runManage([...other.args, ...line.split(' ').slice(1)], other.env);
          said.push(out);
        } else {
          const command = line.replaceAll('http://127.0.0.1:5000', place.url);
          const env = { ...process.env, DOMAIN: byApi.id, TOKEN: own.admin };
          said.push((await promisify(execFile)('sh', ['-c', command], { env })).stdout);
        }
      }
      expect(said.join('\n'))
        .to.contain('"user_tree_dn"')
        .and.contain('now the configuration of domain Staff')
        .and.contain(`${PEOPLE} users in the directory`)
        .and.contain(`${PEOPLE} mapping(s) would be deleted`)
        .and.contain('1 mapping(s) deleted');
      const name = 'p000003';
      for (const one of [byApi, byCommand]) {
        const answer = await signIn(place, one, name, passwordOf(name));
        expect(answer.status, answer.text).to.equal(201);
      }
    } finally {
      if (place === undefined) await other.remove();
      else await place.stop();
    }
  });

  it('answer with 503 while their directory is away, without harm to others, and are back with it', async function away() {
    this.timeout(120_000);
    const { port } = directory;
    const health = async (): Promise<unknown> => {
      const { status, body } = await cloud.request('GET', '/healthcheck', null, undefined, {
        Accept: 'application/json',
      });
      expect(status).to.equal(200);
      return (body['reasons'] as Entity[]).find((each) => each['class'] === `directory:${staff.id}`)?.[
        'reason'
      ];
    };
    expect(await health()).to.equal('OK');
    await directory.stop();
    const name = 'p000009';
    const refused = await signIn(cloud, staff, name, passwordOf(name));
    expect(refused.status, refused.text).to.equal(503);
    expect((await cloud.request('GET', '/v3/users', people.admin)).status).to.equal(200);
    // An answer counts for a second.
    while ((await health()) === 'OK') await sleep(100);
    expect(await health()).to.equal('DEGRADED');
    const again = join(folder, 'again');
    await mkdir(again);
    directory = await startSlapd(again, { people: 10, port });
    const answer = await signIn(cloud, staff, name, passwordOf(name));
    expect(answer.status, answer.text).to.equal(201);
  });

  it('leave their directory alone when the domain is deleted', async () => {
    await people.must(people.admin, 'PATCH', `/v3/domains/${partners.id}`, { domain: { enabled: false } });
    const { status, text } = await cloud.request('DELETE', `/v3/domains/${partners.id}`, people.admin);
    expect(status, text).to.equal(204);
    partners = await people.must(
      people.admin,
      'POST',
      '/v3/domains',
      { domain: { name: 'Partners again' } },
      'domain',
    );
    expect((await configure(partners, AD)).status).to.equal(201);
    expect(await list(twin, `/v3/users?domain_id=${partners.id}`)).to.have.length(4);
  });
});
