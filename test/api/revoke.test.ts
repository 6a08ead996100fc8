/** Revocation events over HTTP (OS-REVOKE), through the whole pipeline. */
import { expect } from 'chai';
import { later } from '../support/clock.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, Tenancy } from './tenancy.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/;

describe('revocation events over HTTP', () => {
  let cloud: Cloud;
  let admin: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud();
    admin = await cloud.adminToken();
    tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
  });
  after(() => cloud.stop());

  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    cloud.request(method, path, admin, body);
  const events = async (query = ''): Promise<Json[]> => {
    const answer = await call('GET', `/v3/OS-REVOKE/events${query}`);
    expect(answer.status, answer.text).to.equal(200);
    expect(answer.body['links']).to.deep.equal({
      self: `${cloud.url}/v3/OS-REVOKE/events`,
      next: null,
      previous: null,
    });
    return answer.body['events'] as Json[];
  };
  /** Attributes of the event that an action caused, times left out. */
  const caused = async (action: () => Promise<Answer>): Promise<Json[]> => {
    const known = (await events()).length;
    const answer = await action();
    expect(answer.status, answer.text).to.be.oneOf([200, 204]);
    const told = (await events())
      .slice(known)
      .map(({ issued_before: _before, revoked_at: _at, ...attributes }) => JSON.stringify(attributes));
    // What took long to commit is told a second time (docs/adr/0003-fresh-tokens.md).
    return [...new Set(told)].map((text) => JSON.parse(text) as Json);
  };

  it('are for everybody with a token', async () => {
    const member = await cloud.token(tenancy.alice.id, tenancy.alice.password);
    expect((await cloud.request('GET', '/v3/OS-REVOKE/events', null)).status).to.equal(401);
    expect((await cloud.request('GET', '/v3/OS-REVOKE/events', member)).status).to.equal(200);
  });

  it('name the token that was revoked, and when', async () => {
    const issued = await cloud.signIn(tenancy.alice.id, tenancy.alice.password);
    const token = issued.body['token'] as Json;
    const before = Math.floor(Date.now() / 1000) * 1000;
    await cloud.request('DELETE', '/v3/auth/tokens', admin, undefined, {
      'X-Subject-Token': issued.headers.get('X-Subject-Token') as string,
    });
    const event = (await events()).at(-1) as Record<string, string>;
    expect(event).to.have.all.keys('audit_id', 'issued_before', 'revoked_at');
    expect(event['audit_id']).to.equal((token['audit_ids'] as string[])[0]);
    const [until, at] = [event['issued_before'] as string, event['revoked_at'] as string];
    for (const time of [until, at]) expect(time).to.match(TIME);
    expect(Date.parse(at)).to.be.within(before, Date.now());
    // An event means tokens until 100 ms later, and may so name the next second (docs/adr/0003-fresh-tokens.md).
    expect(Date.parse(until) - Date.parse(at)).to.be.oneOf([0, 1000]);
  });

  it('end a token that a host issued whose clock is ahead, or was when it did', async () => {
    for (const ahead of [2_000, 60_000]) {
      const token = await later(ahead, () => cloud.adminToken());
      const subject = { 'X-Subject-Token': token };
      const status = async (method: string): Promise<number> =>
        (await cloud.request(method, '/v3/auth/tokens', admin, undefined, subject)).status;
      expect(await status('GET')).to.equal(200);
      expect(await status('DELETE')).to.equal(204);
      expect(await status('GET')).to.equal(404);
    }
  });

  it('name what was disabled, deleted or changed', async () => {
    const domain = await tenancy.newDomain();
    const project = await tenancy.newProject({ domain_id: domain.id });
    const user = await tenancy.user();
    const role = await tenancy.create('role', {});
    const patch = (path: string, kind: string, changes: object) => (): Promise<Answer> =>
      call('PATCH', `/v3/${path}`, { [kind]: changes });
    const users = `users/${user.id}`;
    expect(await caused(patch(users, 'user', { password: 'new' }))).to.deep.equal([{ user_id: user.id }]);
    expect(await caused(patch(users, 'user', { enabled: false }))).to.deep.include({ user_id: user.id });
    expect(await caused(patch(`projects/${project.id}`, 'project', { enabled: false }))).to.deep.equal([
      { project_id: project.id },
    ]);
    expect(await caused(() => call('DELETE', `/v3/projects/${project.id}`))).to.deep.equal([
      { project_id: project.id },
    ]);
    expect(await caused(patch(`domains/${domain.id}`, 'domain', { enabled: false }))).to.deep.include({
      domain_id: domain.id,
    });
    expect(await caused(() => call('DELETE', `/v3/roles/${role.id}`))).to.deep.equal([{ role_id: role.id }]);
    expect(await caused(() => call('DELETE', `/v3/${users}`))).to.deep.include({ user_id: user.id });
    expect(
      await caused(patch(`projects/${tenancy.project.id}`, 'project', { description: 'd' })),
    ).to.deep.equal([]);
  });

  it('can be asked for since a time', async () => {
    const [first] = (await events()) as [Record<string, string>];
    const total = (await events()).length;
    expect(await events('?since=1970-01-01T00:00:00Z')).to.have.length(total);
    expect(await events('?since=')).to.have.length(total);
    expect(await events('?since=2016-02-03')).to.have.length(total);
    expect(await events('?since=2016-02-03T10:11:12.131415-08:00')).to.have.length(total);
    expect(await events('?since=2999-01-01T00:00:00Z')).to.deep.equal([]);
    const later = await events(`?since=${String(first['revoked_at'])}`);
    expect(later.every(({ revoked_at: at }) => String(at) > String(first['revoked_at']))).to.equal(true);
    for (const since of ['yesterday', '2016-13-01T00:00:00Z', '2016-01-01T25:00:00Z', '1e9']) {
      const answer = await call('GET', `/v3/OS-REVOKE/events?since=${since}`);
      expect(answer.status, since).to.equal(400);
    }
  });
});
