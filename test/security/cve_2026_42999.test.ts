/** CVE-2026-42999: what a client put into a request could take the place of what policy decides about. */

import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import type { Named } from '../api/tenancy.js';
import { type Credentials, type Stage, setStage, signIn } from './support.js';

const RULES = fileURLToPath(new URL('../../etc/policy.v3cloudsample.json', import.meta.url));

describe('CVE-2026-42999: a request cannot say what it is about', () => {
  let stage: Stage;
  /** Administrates the domain of the tenancy; all others are none of its business. */
  let token: string;
  let boss: Credentials;
  let theirs: { domain: Named; user: Named; group: Named; project: Named; role: Named };

  before(async function start() {
    this.timeout(120_000);
    stage = await setStage({
      oslo_policy: [`policy_file = ${RULES}`],
      resource: ['admin_project_name = admin', 'admin_project_domain_name = Default'],
    });
    const { tenancy, cloud, admin } = stage;
    const role = await tenancy.roleNamed('admin');
    boss = await tenancy.user();
    await cloud.request('PUT', `/v3/domains/${tenancy.domain.id}/users/${boss.id}/roles/${role}`, admin);
    token = await signIn(cloud, boss, { domain: { id: tenancy.domain.id } });
    const domain = await tenancy.newDomain();
    const inIt = { domain_id: domain.id };
    theirs = {
      domain,
      user: await tenancy.user(inIt),
      group: await tenancy.create('group', inIt),
      project: await tenancy.newProject(inIt),
      role: await tenancy.create('role', inIt),
    };
  });
  after(() => stage.cloud.stop());

  const ask = (method: string, path: string, body?: object): Promise<Answer> =>
    stage.cloud.request(method, `/v3${path}`, token, body);

  /** Everything that the rules look at, said to be the caller's own. */
  function lies(): Record<string, unknown> {
    const own = stage.tenancy.domain.id;
    const member = { id: boss.id, domain_id: own, user_id: boss.id, domain: { id: own } };
    const target = {
      user: member,
      group: member,
      project: member,
      role: { id: stage.tenancy.role.id, domain_id: own },
      domain: { id: own },
      credential: member,
      token: { user_id: boss.id, user: member },
    };
    return {
      target,
      user_id: boss.id,
      domain_id: own,
      project_id: own,
      'target.user.domain_id': own,
      'target.group.domain_id': own,
      'target.project.domain_id': own,
      'target.role.domain_id': own,
      'user.domain_id': own,
      'group.domain_id': own,
      'project.domain_id': own,
      'role.domain_id': own,
      roles: ['admin'],
      is_admin: 1,
      is_admin_project: true,
      token: { is_admin_project: true },
    };
  }
  const query = (): string =>
    Object.entries(lies())
      .filter(([, value]) => typeof value === 'string')
      .map(([name, value]) => `${name}=${String(value)}`)
      .join('&');

  it('the caller may do in the own domain what is tried in another', async () => {
    const { tenancy } = stage;
    const user = await tenancy.user();
    expect((await ask('PATCH', `/users/${user.id}`, { user: { description: 'x' } })).status).to.equal(200);
    expect((await ask('GET', `/users?domain_id=${tenancy.domain.id}`)).status).to.equal(200);
    const created = await ask('POST', '/users', { user: { name: 'mine', domain_id: tenancy.domain.id } });
    expect(created.status).to.equal(201);
  });

  for (const [kind, path] of [
    ['user', 'users'],
    ['group', 'groups'],
    ['project', 'projects'],
    ['role', 'roles'],
    ['domain', 'domains'],
  ] as const) {
    it(`nothing in query or body turns another's ${kind} into the own`, async () => {
      const { id } = theirs[kind];
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        for (const extra of ['', `?${query()}`]) {
          const body =
            method === 'GET' ? undefined : { ...lies(), [kind]: { description: 'taken', ...lies() } };
          const { status } = await ask(method, `/${path}/${id}${extra}`, body);
          expect(status, `${method} ${extra}`).to.equal(403);
        }
      }
      const kept = await stage.cloud.request('GET', `/v3/${path}/${id}`, stage.admin);
      expect(kept.status).to.equal(200);
      expect(kept.text).not.to.contain('taken');
    });

    it(`nothing beside a new ${kind} says in which domain it is`, async () => {
      const name = `stolen-${kind}`;
      const bodies = [
        { ...lies(), [kind]: { name, domain_id: theirs.domain.id } },
        { [kind]: { name, domain_id: theirs.domain.id, 'domain.id': stage.tenancy.domain.id } },
      ];
      for (const body of bodies) {
        const { status } = await ask('POST', `/${path}?${query()}`, body);
        expect(status).to.equal(403);
      }
    });
  }

  it("nothing in query or body turns another's grant or membership into the own", async () => {
    const { domain, user, group, project } = theirs;
    const { role } = stage.tenancy;
    for (const path of [
      `/projects/${project.id}/users/${boss.id}/roles/${role.id}`,
      `/domains/${domain.id}/users/${boss.id}/roles/${role.id}`,
      `/OS-INHERIT/domains/${domain.id}/users/${boss.id}/roles/${role.id}/inherited_to_projects`,
      `/groups/${group.id}/users/${user.id}`,
    ]) {
      for (const method of ['PUT', 'DELETE', 'GET']) {
        const { status } = await ask(method, `${path}?${query()}`, method === 'GET' ? undefined : lies());
        expect(status, `${method} ${path}`).to.equal(403);
      }
    }
  });

  it('a list shows what was decided about, also when the query says two things', async () => {
    const [own, other] = [stage.tenancy.domain.id, theirs.domain.id];
    for (const path of ['users', 'groups', 'projects']) {
      for (const two of [
        `domain_id=${own}&domain_id=${other}`,
        `domain_id=${other}&domain_id=${own}`,
        `domain_id=${own}&domain_id__contains=${other}`,
      ]) {
        const answer = await ask('GET', `/${path}?${two}`);
        expect(answer.status, two).to.be.oneOf([200, 403]);
        expect(answer.text, two).not.to.contain(`"domain_id":"${other}"`);
      }
    }
  });

  it('the password of another is not changed by naming oneself', async () => {
    const path = `/users/${theirs.user.id}/password?user_id=${boss.id}`;
    const user = { original_password: 'x', password: 'y', ...lies() };
    expect((await ask('POST', path, { ...lies(), user })).status).to.equal(403);
  });
});
