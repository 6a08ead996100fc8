import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { totpPasscode } from '../../src/common/crypto/totp.js';
import { atBeginning } from '../support/clock.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { createPeople, type Entity, type People, type Person } from './people.js';

const CREDENTIALS = '/v3/credentials';
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('credentials over HTTP', () => {
  let cloud: Cloud;
  let people: People;
  let user: Person;
  let project: Entity;
  let count = 0;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({ auth: ['methods = password,token,totp'] });
    people = await createPeople(cloud);
    user = await people.user();
    project = await people.project();
  });
  after(() => cloud.stop());

  const ask = (method: string, path: string, credential?: object, token = people.admin): Promise<Answer> =>
    cloud.request(method, `${CREDENTIALS}${path}`, token, credential && { credential });
  const create = (attributes: object = {}): Promise<Entity> =>
    people.must(
      people.admin,
      'POST',
      CREDENTIALS,
      { credential: { user_id: user.id, type: 'cert', blob: 'secret', ...attributes } },
      'credential',
    );
  const ec2 = (attributes: object = {}): object => ({
    type: 'ec2',
    project_id: project.id,
    blob: JSON.stringify({ access: `access-${(count += 1)}`, secret: 's' }),
    ...attributes,
  });

  it('come back as they were sent', async () => {
    const credential = await create({ colour: 'red' });
    expect(credential).to.deep.equal({
      id: credential.id,
      user_id: user.id,
      project_id: null,
      type: 'cert',
      blob: 'secret',
      colour: 'red',
      links: { self: `${cloud.url}${CREDENTIALS}/${credential.id}` },
    });
    expect((await ask('GET', `/${credential.id}`)).body).to.deep.equal({ credential });
    expect((await ask('HEAD', `/${credential.id}`)).status).to.equal(200);
  });

  it('of EC2 have the hash of their access key as id', async () => {
    const body = ec2() as { blob: string };
    const { access } = JSON.parse(body.blob) as { access: string };
    const credential = await create(body);
    expect(credential).to.include({
      id: createHash('sha256').update(access).digest('hex'),
      blob: body.blob,
      project_id: project.id,
    });
    expect((await ask('POST', '', { user_id: user.id, ...body })).status).to.equal(409);
  });

  const malformed: readonly (readonly [string, object])[] = [
    ['EC2 without a project', { type: 'ec2', blob: '{"access":"a","secret":"s"}' }],
    ['EC2 with a blob that is no JSON', { type: 'ec2', project_id: 'p', blob: 'secret' }],
    ['EC2 with a blob that is a list', { type: 'ec2', project_id: 'p', blob: '["access"]' }],
    ['EC2 without an access key', { type: 'ec2', project_id: 'p', blob: '{"secret":"s"}' }],
    ['EC2 with an access key that is no text', { type: 'ec2', project_id: 'p', blob: '{"access":1}' }],
    ['a blob that is no text', { type: 'cert', blob: {} }],
    ['no type', { blob: 'x' }],
    ['no blob', { type: 'cert' }],
    ['no user', { user_id: undefined, type: 'cert', blob: 'x' }],
  ];
  for (const [what, attributes] of malformed) {
    it(`are refused with 400 for ${what}, without repeating the secret`, async () => {
      const { status, text } = await ask('POST', '', { user_id: user.id, ...attributes });
      expect(status, text).to.equal(400);
      expect(text).to.not.contain('secret');
    });
  }

  it('are listed by user and type, exactly and inexactly', async () => {
    const owner = await people.user();
    const cert = await create({ user_id: owner.id });
    const key = await create({ user_id: owner.id, ...ec2() });
    const list = async (query: string): Promise<string[]> =>
      ((await ask('GET', query)).body['credentials'] as Entity[]).map(({ id }) => id).sort();
    expect(await list(`?user_id=${owner.id}`)).to.deep.equal([cert.id, key.id].sort());
    expect(await list(`?user_id=${owner.id}&type=ec2`)).to.deep.equal([key.id]);
    expect(await list(`?user_id=${owner.id}&type__startswith=ce`)).to.deep.equal([cert.id]);
    expect(await list('')).to.include.members([cert.id, key.id]);
    expect(await list('?user_id=unknown')).to.deep.equal([]);
  });

  it('change, and keep what the change does not name', async () => {
    const credential = await create({ colour: 'red' });
    const { body } = await ask('PATCH', `/${credential.id}`, { blob: 'new', size: 1 });
    expect(body).to.deep.equal({ credential: { ...credential, blob: 'new', size: 1 } });
    const key = await create(ec2());
    const blob = JSON.stringify({ ...(JSON.parse(String(key['blob'])) as object), secret: 'new' });
    expect((await ask('PATCH', `/${key.id}`, { blob })).status).to.equal(200);
    expect((await ask('GET', `/${key.id}`)).body['credential']).to.include({ blob });
  });

  it('refuse changes that make no sense', async () => {
    const credential = await create();
    expect((await ask('PATCH', `/${credential.id}`, {})).status).to.equal(400);
    expect((await ask('PATCH', `/${credential.id}`, { id: 'x' })).status).to.equal(400);
    expect((await ask('PATCH', `/${credential.id}`, { type: 'ec2' })).status).to.equal(400);
    expect((await ask('PATCH', `/${credential.id}`, { blob: 1 })).status).to.equal(400);
    expect((await ask('PATCH', '/unknown', { blob: 'x' })).status).to.equal(404);
  });

  it('are deleted, also with their user and project', async () => {
    const credential = await create();
    expect((await ask('DELETE', `/${credential.id}`)).status).to.equal(204);
    expect((await ask('DELETE', `/${credential.id}`)).status).to.equal(404);
    const owner = await people.user();
    const place = await people.project();
    const [first, second] = [
      await create({ user_id: owner.id }),
      await create(ec2({ project_id: place.id })),
    ];
    await people.must(people.admin, 'DELETE', `/v3/users/${owner.id}`);
    await people.must(people.admin, 'DELETE', `/v3/projects/${place.id}`);
    for (const { id } of [first, second]) expect((await ask('GET', `/${id}`)).status).to.equal(404);
  });

  it('are for administrators', async () => {
    const token = await people.token(user);
    const { id } = await create();
    for (const [method, path] of [
      ['GET', ''],
      ['GET', `/${id}`],
      ['GET', '/unknown'],
      ['DELETE', `/${id}`],
    ] as const) {
      expect((await ask(method, path, undefined, token)).status).to.equal(403);
    }
    expect((await ask('POST', '', { user_id: user.id, type: 'cert', blob: 'x' }, token)).status).to.equal(
      403,
    );
  });

  describe('of type totp', () => {
    const signIn = (person: Person, passcode: unknown): Promise<Answer> =>
      cloud.request('POST', '/v3/auth/tokens', null, {
        auth: { identity: { methods: ['totp'], totp: { user: { id: person.id, passcode } } } },
      });
    /** A passcode is good for this long, counted from 1970 on. */
    const INTERVAL = 30_000;
    const passcode = (secret = SECRET): string => totpPasscode(secret, Date.now() / 1000);
    /** Passcodes have six digits: two of them are the same now and then. The first that is none of the time around now. */
    const noneOfNow = (passcodeAt: (step: number) => string): string => {
      const seconds = Date.now() / 1000;
      const good = new Set([-60, -30, 0, 30, 60].map((apart) => totpPasscode(SECRET, seconds + apart)));
      let step = 0;
      while (good.has(passcodeAt(step))) step += 1;
      return passcodeAt(step);
    };

    it('sign their user in with the passcode of the moment, whichever of them matches', async () => {
      const owner = await people.user();
      await create({ user_id: owner.id, type: 'totp', blob: 'not base32 at all' });
      await create({ user_id: owner.id, type: 'totp', blob: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' });
      await create({ user_id: owner.id, type: 'totp', blob: SECRET });
      const answer = await atBeginning(INTERVAL, () => signIn(owner, passcode()));
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.body['token']).to.deep.include({ methods: ['totp'] });
    });

    it('refuse anything else with 401', async () => {
      const owner = await people.user();
      await create({ user_id: owner.id, type: 'totp', blob: SECRET });
      await create({ user_id: owner.id, type: 'cert', blob: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567' });
      const began = Date.now() / 1000;
      const old = noneOfNow((step) => totpPasscode(SECRET, began - 300 - 30 * step));
      const foreign = noneOfNow((step) =>
        totpPasscode('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', began - 30 * step),
      );
      for (const wrong of [old, foreign, '', undefined, 755224, null]) {
        expect((await signIn(owner, wrong)).status).to.equal(401);
      }
      expect((await signIn(await people.user(), passcode())).status).to.equal(401);
      expect((await signIn({ ...owner, id: 'f'.repeat(32) }, passcode())).status).to.equal(401);
      await people.must(people.admin, 'PATCH', `/v3/users/${owner.id}`, { user: { enabled: false } });
      expect((await signIn(owner, passcode())).status).to.equal(401);
    });

    it('are one of several methods of a request, which must agree', async () => {
      const owner = await people.user();
      await create({ user_id: owner.id, type: 'totp', blob: SECRET });
      const both = (password: Person): Promise<Answer> =>
        cloud.request('POST', '/v3/auth/tokens', null, {
          auth: {
            identity: {
              methods: ['password', 'totp'],
              password: { user: { id: password.id, password: password.password } },
              totp: { user: { id: owner.id, passcode: passcode() } },
            },
          },
        });
      const answer = await atBeginning(INTERVAL, () => both(owner));
      expect(answer.status, answer.text).to.equal(201);
      expect((answer.body['token'] as { methods: string[] }).methods).to.have.members(['password', 'totp']);
      expect((await both(await people.user())).status).to.equal(401);
    });
  });
});
