/** `[identity] driver = ldap` over HTTP, on the server within the process: what clients are answered. */
import { expect } from 'chai';
import { TestDirectory } from '../support/ldap_server.js';
import { SUFFIX, ADMIN as WRITER } from '../support/services/slapd.js';
import { exampleTree } from '../support/services/slapd_trees.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';

type Body = Readonly<Record<string, unknown>>;

describe('a cloud whose people are in a directory', () => {
  const directory = new TestDirectory(WRITER);
  let cloud: Cloud;
  let admin: string;

  before(async function start() {
    this.timeout(120_000);
    const url = await directory.start();
    directory.load(exampleTree(SUFFIX, 0));
    cloud = await startCloud({
      identity: ['driver = ldap'],
      ldap: [
        `url = ${url}`,
        `user = ${WRITER.dn}`,
        `password = ${WRITER.password}`,
        `suffix = ${SUFFIX}`,
        'use_dumb_member = true',
      ],
    });
    admin = await cloud.adminToken();
  });
  after(async () => {
    await cloud?.stop();
    await directory.stop();
  });

  const ask = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, path, admin, body);
  async function create(kind: 'user' | 'group', attributes: object): Promise<Body & { id: string }> {
    const { status, text, body } = await ask('POST', `/v3/${kind}s`, { [kind]: attributes });
    expect(status, text).to.equal(201);
    return body[kind] as Body & { id: string };
  }

  it('makes, shows, changes and deletes users', async () => {
    const user = await create('user', { name: 'alice', email: 'a@example.org', password: 'secret' });
    expect(user).to.include({ name: 'alice', email: 'a@example.org', enabled: true, domain_id: 'default' });
    expect(user).to.have.property('password_expires_at', null);
    expect(user).not.to.have.any.keys('password', 'dn');
    expect((await cloud.signIn(user.id, 'secret')).status).to.equal(201);
    const path = `/v3/users/${user.id}`;
    const changed = await ask('PATCH', path, { user: { description: 'new', password: 'other' } });
    expect(changed.status, changed.text).to.equal(200);
    expect(changed.body).to.have.nested.property('user.description', 'new');
    expect((await cloud.signIn(user.id, 'secret')).status).to.equal(401);
    expect((await cloud.signIn(user.id, 'other')).status).to.equal(201);
    expect((await ask('GET', '/v3/users?name=ALICE')).body)
      .to.have.property('users')
      .that.has.length(1);
    expect((await ask('DELETE', path)).status).to.equal(204);
    expect((await ask('GET', path)).status).to.equal(404);
    expect((await cloud.signIn(user.id, 'other')).status).to.equal(401);
  });

  it('knows a user by one id, whatever case a client writes it in', async () => {
    const user = await create('user', { name: 'ulf', password: 'secret' });
    const other = user.id.toUpperCase();
    expect((await ask('GET', `/v3/users/${other}`)).body).to.have.nested.property('user.id', user.id);
    const signedIn = await cloud.signIn(other, 'secret');
    expect(signedIn.status, signedIn.text).to.equal(201);
    expect(signedIn.body).to.have.nested.property('token.user.id', user.id);
  });

  it('refuses what directories do not do, as Keystone does', async () => {
    const user = await create('user', { name: 'bob', password: 'secret' });
    const group = await create('group', { name: 'builders' });
    const statuses = async (...asked: [string, string, object?][]): Promise<number[]> => {
      const found: number[] = [];
      for (const [method, path, body] of asked) found.push((await ask(method, path, body)).status);
      return found;
    };
    const membership = `/v3/groups/${group.id}/users/${user.id}`;
    expect(
      await statuses(
        ['PATCH', `/v3/users/${user.id}`, { user: { name: 'robert' } }],
        ['POST', '/v3/users', { user: { name: 'bob' } }],
        ['PATCH', `/v3/groups/${group.id}`, { group: { name: 'other' } }],
        ['PUT', membership],
        ['PUT', membership],
        ['HEAD', membership],
        ['DELETE', membership],
        ['DELETE', membership],
      ),
    ).to.deep.equal([409, 409, 400, 204, 409, 204, 204, 404]);
    const token = await cloud.token(user.id, 'secret');
    const own = await cloud.request('POST', `/v3/users/${user.id}/password`, token, {
      user: { original_password: 'secret', password: 'mine' },
    });
    expect(own.status, own.text).to.equal(501);
  });

  it('gives roles by groups', async () => {
    const user = await create('user', { name: 'carol', password: 'secret' });
    const group = await create('group', { name: 'carpenters' });
    expect((await ask('PUT', `/v3/groups/${group.id}/users/${user.id}`)).status).to.equal(204);
    const project = await ask('POST', '/v3/projects', { project: { name: 'house' } });
    const role = await ask('POST', '/v3/roles', { role: { name: 'builder' } });
    const id = (answer: Answer, kind: string): string => (answer.body[kind] as { id: string }).id;
    const [projectId, roleId] = [id(project, 'project'), id(role, 'role')];
    const grant = await ask('PUT', `/v3/projects/${projectId}/groups/${group.id}/roles/${roleId}`);
    expect(grant.status, grant.text).to.equal(204);
    const scoped = await cloud.request('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: { methods: ['password'], password: { user: { id: user.id, password: 'secret' } } },
        scope: { project: { id: projectId } },
      },
    });
    expect(scoped.status, scoped.text).to.equal(201);
    expect(scoped.body).to.have.nested.property('token.roles[0].name', 'builder');
  });

  it('answers 503 while the directory is away, and says no more than that', async () => {
    const user = await create('user', { name: 'dora', password: 'secret' });
    await directory.stop();
    for (const answer of [
      await cloud.signIn(user.id, 'secret'),
      await ask('GET', '/v3/users'),
      await ask('GET', `/v3/users/${user.id}`),
      await ask('POST', '/v3/groups', { group: { name: 'x' } }),
    ]) {
      expect(answer.status, answer.text).to.equal(503);
      expect(answer.body).to.have.nested.property('error.title', 'Service Unavailable');
      expect(answer.text).not.to.match(/ldap|127\.0\.0\.1|ECONN/);
    }
  });
});
