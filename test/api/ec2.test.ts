import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { createPeople, type Entity, type People, type Person } from './people.js';
import { ec2Request, ec2RequestV4, type KeyPair, s3Request } from './signing.js';

type Ec2 = KeyPair & { readonly links: { readonly self: string } };

describe('EC2 and S3 over HTTP', () => {
  let cloud: Cloud;
  let people: People;
  let user: Person;
  let project: Entity;
  let role: Entity;
  let userToken: string;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud();
    people = await createPeople(cloud);
    user = await people.user();
    project = await people.project({ description: 'place' });
    role = await people.role();
    await people.grant(user, project, role);
    userToken = await people.tokenFor(user, project);
  });
  after(() => cloud.stop());

  const path = (version: string, access = '', person: Entity = user): string =>
    `/${version}/users/${person.id}/credentials/OS-EC2${access === '' ? '' : `/${access}`}`;
  const create = async (token = userToken, version = 'v3'): Promise<Ec2> =>
    (await people.must(
      token,
      'POST',
      path(version),
      { tenant_id: project.id },
      'credential',
    )) as unknown as Ec2;
  const ask = (where: string, credentials: object, key = 'credentials'): Promise<Answer> =>
    cloud.request('POST', where, people.admin, { [key]: credentials });

  describe('key pairs', () => {
    it('are made by users for themselves', async () => {
      const { status, body } = await cloud.request('POST', path('v3'), userToken, { tenant_id: project.id });
      expect(status).to.equal(201);
      const credential = body['credential'] as Ec2;
      expect(credential).to.deep.equal({
        user_id: user.id,
        tenant_id: project.id,
        access: credential.access,
        secret: credential.secret,
        trust_id: null,
        links: { self: `${cloud.url}${path('v3', credential.access)}` },
      });
      expect(credential.access).to.match(/^[0-9a-f]{32}$/);
      expect((await cloud.request('GET', path('v3', credential.access), userToken)).body).to.deep.equal({
        credential,
      });
      const { body: listed } = await cloud.request('GET', path('v3'), userToken);
      expect(listed['credentials']).to.deep.include(credential);
      expect(listed['links']).to.deep.equal({
        next: null,
        previous: null,
        self: `${cloud.url}${path('v3')}`,
      });
    });

    it('are credentials of type ec2 like others', async () => {
      const { access, secret } = await create();
      const { credentials } = await people.must(
        people.admin,
        'GET',
        `/v3/credentials?user_id=${user.id}&type=ec2`,
      );
      const blobs = (credentials as { blob: string }[]).map(({ blob }) => JSON.parse(blob) as object);
      expect(blobs).to.deep.include({ access, secret, trust_id: null });
    });

    it('are refused for nobody, for other users and for what does not exist', async () => {
      const { access } = await create();
      const stranger = await people.token(await people.user());
      for (const [method, where] of [
        ['GET', path('v3')],
        ['GET', path('v3', access)],
        ['DELETE', path('v3', access)],
      ] as const) {
        expect((await cloud.request(method, where, stranger)).status, where).to.equal(403);
        expect((await cloud.request(method, where, null)).status, where).to.equal(401);
      }
      const make = async (body: object, token = userToken, where = path('v3')): Promise<number> =>
        (await cloud.request('POST', where, token, body)).status;
      expect(await make({ tenant_id: project.id }, stranger)).to.equal(403);
      expect(await make({})).to.equal(400);
      expect(await make({ tenant_id: 1 })).to.equal(400);
      expect(await make({ tenant_id: 'f'.repeat(32) })).to.equal(404);
      const nobody = { id: 'f'.repeat(32), name: '' };
      expect(await make({ tenant_id: project.id }, people.admin, path('v3', '', nobody))).to.equal(404);
      expect((await cloud.request('GET', path('v3', 'unknown'), people.admin)).status).to.equal(404);
    });

    it('of somebody else cannot be reached under a path of one’s own', async () => {
      const { access } = await create();
      const stranger = await people.user();
      const token = await people.token(stranger);
      for (const version of ['v3', 'v2.0']) {
        for (const method of ['GET', 'DELETE']) {
          const { status } = await cloud.request(method, path(version, access, stranger), token);
          expect(status, `${method} ${version}`).to.equal(403);
        }
      }
    });

    it('are deleted', async () => {
      const { access } = await create();
      expect((await cloud.request('DELETE', path('v3', access), userToken)).status).to.equal(204);
      expect((await cloud.request('GET', path('v3', access), people.admin)).status).to.equal(404);
    });

    it('have the same routes in v2.0, without links', async () => {
      const credential = await create(userToken, 'v2.0');
      expect(credential).to.have.all.keys('user_id', 'tenant_id', 'access', 'secret', 'trust_id');
      const { body } = await cloud.request('GET', path('v2.0', credential.access), userToken);
      expect(body).to.deep.equal({ credential });
      const listed = await cloud.request('GET', path('v2.0'), people.admin);
      expect(listed.body['credentials']).to.deep.include(credential);
      const stranger = await people.token(await people.user());
      expect((await cloud.request('GET', path('v2.0'), stranger)).status).to.equal(403);
      expect((await cloud.request('GET', path('v2.0'), null)).status).to.equal(401);
      expect((await cloud.request('DELETE', path('v2.0', credential.access), userToken)).status).to.equal(
        204,
      );
    });
  });

  describe('ec2tokens', () => {
    it('gives a token of the user on the project, for both kinds of signatures and both names', async () => {
      const pair = await create();
      for (const [request, key] of [
        [ec2Request(pair), 'credentials'],
        [ec2RequestV4(pair), 'ec2Credentials'],
      ] as const) {
        const answer = await ask('/v3/ec2tokens', request, key);
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.headers.get('X-Subject-Token')).to.be.a('string');
        const token = answer.body['token'] as Record<string, unknown>;
        expect(token).to.deep.include({
          methods: ['ec2credential'],
          roles: [{ id: role.id, name: role.name }],
        });
        expect(token['user']).to.include({ id: user.id });
        expect(token['project']).to.include({ id: project.id });
      }
    });

    it('answers in v2.0 as v2.0 does', async () => {
      const answer = await ask('/v2.0/ec2tokens', ec2Request(await create()));
      expect(answer.status, answer.text).to.equal(200);
      const {
        token,
        user: shown,
        metadata,
      } = answer.body['access'] as Record<string, Record<string, unknown>>;
      expect(token).to.have.all.keys('id', 'expires', 'issued_at', 'audit_ids', 'tenant');
      expect(token?.['tenant']).to.include({ id: project.id, name: project.name, enabled: true });
      expect(shown).to.deep.include({ id: user.id, username: user.name, roles_links: [] });
      expect(metadata).to.deep.equal({ is_admin: 0, roles: [role.id] });
    });

    it('gives a signature without the port a second try', async () => {
      const request = { ...ec2Request(await create()), host: 'ec2.example:8773' };
      expect((await ask('/v3/ec2tokens', request)).status).to.equal(200);
    });

    it('refuses everything else', async () => {
      const pair = await create();
      const good = ec2Request(pair) as Record<string, unknown>;
      const statuses = async (...requests: object[]): Promise<number[]> =>
        Promise.all(requests.map(async (request) => (await ask('/v3/ec2tokens', request)).status));
      expect(
        await statuses(
          { ...good, signature: 'wrong' },
          { ...good, signature: undefined },
          { ...good, path: '/other' },
          ec2Request({ ...pair, secret: 'wrong' }),
          { signature: 'x' },
          { access: 1 },
        ),
      ).to.deep.equal([401, 401, 401, 401, 401, 401]);
      expect(await statuses({ ...good, access: 'unknown' })).to.deep.equal([404]);
      expect((await cloud.request('POST', '/v3/ec2tokens', people.admin, {})).status).to.equal(400);
      expect((await ask('/v3/ec2tokens', ['x'])).status).to.equal(400);
    });

    it('gives nothing once the user is disabled or has no role any more', async () => {
      const person = await people.user();
      await people.grant(person, project, role);
      const token = await people.tokenFor(person, project);
      const body = { tenant_id: project.id };
      const pair = (await people.must(
        token,
        'POST',
        path('v3', '', person),
        body,
        'credential',
      )) as unknown as Ec2;
      await people.must(
        people.admin,
        'DELETE',
        `/v3/projects/${project.id}/users/${person.id}/roles/${role.id}`,
      );
      expect((await ask('/v3/ec2tokens', ec2Request(pair))).status).to.equal(401);
      await people.grant(person, project, role);
      expect((await ask('/v3/ec2tokens', ec2Request(pair))).status).to.equal(200);
      await people.must(people.admin, 'PATCH', `/v3/users/${person.id}`, { user: { enabled: false } });
      expect((await ask('/v3/ec2tokens', ec2Request(pair))).status).to.equal(401);
    });
  });

  describe('s3tokens', () => {
    it('answers in v3 too as v2.0 does', async () => {
      const answer = await ask('/v3/s3tokens', s3Request(await create()));
      expect(answer.status, answer.text).to.equal(200);
      expect(answer.body).to.have.nested.property('access.token.tenant.id', project.id);
      expect(answer.body).to.have.nested.property('access.user.id', user.id);
    });

    it('refuses a wrong signature with 401, an unknown key with 404', async () => {
      const pair = await create();
      const request = s3Request(pair);
      expect((await ask('/v3/s3tokens', { ...request, signature: 'wrong' })).status).to.equal(401);
      expect((await ask('/v3/s3tokens', { access: pair.access })).status).to.equal(401);
      expect((await ask('/v3/s3tokens', { ...request, access: 'unknown' })).status).to.equal(404);
    });
  });
});
