import { expect } from 'chai';
import { type OAuth1Client, signRequest } from '../../src/subsystems/oauth1/signature.js';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { createPeople, type Entity, type People, type Person, tokenOf } from './people.js';

const CONSUMERS = '/v3/OS-OAUTH1/consumers';
const REQUEST_TOKEN = '/v3/OS-OAUTH1/request_token';
const ACCESS_TOKEN = '/v3/OS-OAUTH1/access_token';
const FORM = 'application/x-www-form-urlencoded';

/** Credentials as RFC 5849 hands them out. */
interface Handed {
  readonly key: string;
  readonly secret: string;
  readonly expiresAt: string | null;
}

type Client = Partial<OAuth1Client>;

describe('OAuth 1.0a over HTTP', function limited() {
  this.timeout(120_000);
  let cloud: Cloud;
  let people: People;
  let user: Person;
  let project: Entity;
  let role: Entity;
  let other: Entity;
  let userToken: string;
  let consumer: Entity;

  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud({ auth: ['methods = password,token,oauth1'] });
    people = await createPeople(cloud);
    user = await people.user();
    project = await people.project();
    role = await people.role({ description: 'authorised' });
    other = await people.role();
    // Newton's policy lets administrators authorise.
    await people.grant(user, project, role, other, people.adminRole);
    userToken = await people.tokenFor(user, project);
    consumer = await createConsumer();
  });
  after(() => cloud.stop());

  const createConsumer = (attributes: object = {}): Promise<Entity> =>
    people.must(
      people.admin,
      'POST',
      CONSUMERS,
      { consumer: { description: 'app', ...attributes } },
      'consumer',
    );

  /** A signed request with an empty body, as the clients send it. */
  async function send(
    path: string,
    client: Client,
    { headers = {}, body, signedUrl }: { headers?: object; body?: string; signedUrl?: string } = {},
  ): Promise<Answer> {
    const { authorization } = signRequest(
      { consumerKey: consumer.id, consumerSecret: String(consumer['secret']), ...client },
      { method: 'POST', uri: signedUrl ?? `${cloud.url}${path}`, headers: {}, body: null },
    );
    const response = await fetch(`${cloud.url}${path}`, {
      method: 'POST',
      headers: { Authorization: authorization, ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('Content-Type') === 'application/json';
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  function handed(answer: Answer): Handed {
    expect(answer.status, answer.text).to.equal(201);
    expect(answer.headers.get('Content-Type')).to.equal(FORM);
    const match =
      /^oauth_token=([0-9a-f]{32})&oauth_token_secret=([0-9a-f]{32})(?:&oauth_expires_at=(.*))?$/.exec(
        answer.text,
      );
    expect(match, answer.text).to.not.equal(null);
    const [, key = '', secret = '', expiresAt = null] = match as RegExpExecArray;
    return { key, secret, expiresAt };
  }

  const askForRequestToken = (client: Client = {}, projectId = project.id): Promise<Answer> =>
    send(REQUEST_TOKEN, { callback: 'oob', ...client }, { headers: { 'Requested-Project-Id': projectId } });
  const authorize = (
    id: string,
    roles: readonly object[] = [{ id: role.id }],
    token = userToken,
  ): Promise<Answer> => cloud.request('PUT', `/v3/OS-OAUTH1/authorize/${id}`, token, { roles });
  const verifierOf = ({ body }: Answer): string =>
    (body['token'] as { oauth_verifier: string }).oauth_verifier;
  const exchange = (token: Handed, verifier: string, client: Client = {}): Promise<Answer> =>
    send(ACCESS_TOKEN, { token: token.key, tokenSecret: token.secret, verifier, ...client });

  async function accessToken(roles?: readonly object[]): Promise<Handed> {
    const requestToken = handed(await askForRequestToken());
    const authorized = await authorize(requestToken.key, roles);
    expect(authorized.status, authorized.text).to.equal(200);
    return handed(await exchange(requestToken, verifierOf(authorized)));
  }
  const signIn = (token: Handed, client: Client = {}, query = '', scope?: object): Promise<Answer> => {
    const body = JSON.stringify({
      auth: { identity: { methods: ['oauth1'], oauth1: {} }, ...(scope && { scope }) },
    });
    return send(
      `/v3/auth/tokens${query}`,
      { token: token.key, tokenSecret: token.secret, ...client },
      { headers: { 'Content-Type': 'application/json' }, body },
    );
  };
  const tokenPath = (id = ''): string => `/v3/users/${user.id}/OS-OAUTH1/access_tokens${id}`;
  const validity = async (token: string): Promise<number> =>
    (
      await fetch(`${cloud.url}/v3/auth/tokens`, {
        headers: { 'X-Auth-Token': people.admin, 'X-Subject-Token': token },
      })
    ).status;

  describe('a consumer', () => {
    it('shows its secret once, when it is created', async () => {
      const { id, secret, ...shown } = await createConsumer({ colour: 'red', secret: 'chosen' });
      expect(secret).to.match(/^[0-9a-f]{32}$/);
      const links = { self: `${cloud.url}${CONSUMERS}/${id}` };
      expect(shown).to.deep.equal({ description: 'app', colour: 'red', links });
      const got = await people.must(people.admin, 'GET', `${CONSUMERS}/${id}`, undefined, 'consumer');
      expect(got).to.deep.equal({ id, description: 'app', colour: 'red', links });
      const { consumers } = await people.must(people.admin, 'GET', CONSUMERS);
      expect(consumers).to.deep.include(got);
      const patch = { consumer: { description: null, secret: 'other', size: 1 } };
      const changed = await people.must(people.admin, 'PATCH', `${CONSUMERS}/${id}`, patch, 'consumer');
      expect(changed).to.deep.equal({ id, description: null, colour: 'red', size: 1, links });
    });

    it('keeps working with its secret after an update that names another', async () => {
      const app = await createConsumer();
      await people.must(people.admin, 'PATCH', `${CONSUMERS}/${app.id}`, { consumer: { secret: 'stolen' } });
      const client = { consumerKey: app.id, consumerSecret: String(app['secret']) };
      expect((await askForRequestToken(client)).status).to.equal(201);
    });

    it('is refused with 400 when it is none, with 404 when unknown, with 403 to others', async () => {
      const ask = async (
        method: string,
        path: string,
        body?: object,
        token = people.admin,
      ): Promise<number> => (await cloud.request(method, `${CONSUMERS}${path}`, token, body)).status;
      expect(await ask('POST', '', { consumer: { description: 1 } })).to.equal(400);
      expect(await ask('POST', '', {})).to.equal(400);
      expect(await ask('PATCH', `/${consumer.id}`, { consumer: {} })).to.equal(400);
      expect(await ask('PATCH', `/${consumer.id}`, { consumer: { id: 'x' } })).to.equal(400);
      for (const method of ['GET', 'DELETE']) expect(await ask(method, '/unknown')).to.equal(404);
      const stranger = await people.user();
      expect(await ask('GET', '', undefined, await people.token(stranger))).to.equal(403);
    });

    it('takes its tokens with it', async () => {
      const kept = consumer;
      consumer = await createConsumer();
      const access = await accessToken();
      const token = tokenOf(await signIn(access));
      await people.must(people.admin, 'DELETE', `${CONSUMERS}/${consumer.id}`);
      consumer = kept;
      expect(await validity(token)).to.equal(404);
      expect((await cloud.request('GET', tokenPath(`/${access.key}`), people.admin)).status).to.equal(404);
    });
  });

  describe('a request token', () => {
    it('is handed out as a form', async () => {
      const token = handed(await askForRequestToken());
      const lifetime = Date.parse(token.expiresAt ?? '') - Date.now();
      expect(lifetime).to.be.within(28_700_000, 28_800_000);
      expect(token.expiresAt).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    });

    it('is handed out for a body that is an empty form too', async () => {
      const response = await send(
        REQUEST_TOKEN,
        { callback: 'oob' },
        { headers: { 'Requested-Project-Id': project.id, 'Content-Type': FORM }, body: '' },
      );
      expect(response.status).to.equal(201);
    });

    it('is refused with 400 without signature or project', async () => {
      const ask = (headers: Record<string, string>): Promise<Response> =>
        fetch(`${cloud.url}${REQUEST_TOKEN}`, { method: 'POST', headers });
      expect((await ask({ 'Requested-Project-Id': project.id })).status).to.equal(400);
      expect((await ask({ Authorization: 'Basic x', 'Requested-Project-Id': project.id })).status).to.equal(
        400,
      );
      expect(
        (await ask({ Authorization: 'OAuth x="y"', 'Requested-Project-Id': project.id })).status,
      ).to.equal(400);
      expect((await askForRequestToken({}, '')).status).to.equal(400);
    });

    it('is refused with 404 for an unknown project or consumer', async () => {
      expect((await askForRequestToken({}, 'f'.repeat(32))).status).to.equal(404);
      expect((await askForRequestToken({ consumerKey: 'f'.repeat(32) })).status).to.equal(404);
    });

    it('is refused with 401 for a wrong signature, another URL or an old time', async () => {
      expect((await askForRequestToken({ consumerSecret: 'wrong' })).status).to.equal(401);
      expect((await askForRequestToken({ timestamp: '1500000000' })).status).to.equal(401);
      const elsewhere = await send(
        REQUEST_TOKEN,
        { callback: 'oob' },
        {
          headers: { 'Requested-Project-Id': project.id },
          signedUrl: 'http://elsewhere/v3/OS-OAUTH1/request_token',
        },
      );
      expect(elsewhere.status).to.equal(401);
    });
  });

  describe('authorising', () => {
    it('gives a verifier of eight letters and digits', async () => {
      const { key } = handed(await askForRequestToken());
      expect(verifierOf(await authorize(key))).to.match(/^[A-Za-z0-9]{8}$/);
    });

    it('is refused for roles that the user does not hold, none at all, and malformed ones', async () => {
      const { key } = handed(await askForRequestToken());
      const foreign = await people.role();
      expect((await authorize(key, [{ id: role.id }, { id: foreign.id }])).status).to.equal(401);
      expect((await authorize(key, [])).status).to.equal(400);
      expect((await authorize(key, [{ name: role.name }])).status).to.equal(400);
      expect((await cloud.request('PUT', `/v3/OS-OAUTH1/authorize/${key}`, userToken, {})).status).to.equal(
        400,
      );
      expect((await authorize('f'.repeat(32))).status).to.equal(404);
    });

    it('is refused with 403 by a delegated token', async () => {
      const delegated = tokenOf(await signIn(await accessToken([{ id: people.adminRole.id }])));
      const { key } = handed(await askForRequestToken());
      expect((await authorize(key, undefined, delegated)).status).to.equal(403);
      expect((await cloud.request('GET', tokenPath(), delegated)).status).to.equal(403);
    });
  });

  describe('an access token', () => {
    it('is handed out for an authorised request token, once', async () => {
      const requestToken = handed(await askForRequestToken());
      const verifier = verifierOf(await authorize(requestToken.key));
      const answers = await Promise.all(Array.from({ length: 4 }, () => exchange(requestToken, verifier)));
      expect(answers.map(({ status }) => status).sort((left, right) => left - right)).to.deep.equal([
        201, 404, 404, 404,
      ]);
    });

    it('is refused with 401 for a wrong verifier, secret or consumer, and before it is authorised', async () => {
      const requestToken = handed(await askForRequestToken());
      expect((await exchange(requestToken, 'abcdefgh')).status).to.equal(401);
      const verifier = verifierOf(await authorize(requestToken.key));
      expect((await exchange(requestToken, 'abcdefgh')).status).to.equal(401);
      expect((await exchange({ ...requestToken, secret: 'x' }, verifier)).status).to.equal(401);
      const app = await createConsumer();
      const client = { consumerKey: app.id, consumerSecret: String(app['secret']) };
      expect((await exchange(requestToken, verifier, client)).status).to.equal(401);
      expect((await exchange(requestToken, '')).status).to.equal(400);
      expect((await exchange({ ...requestToken, key: 'f'.repeat(32) }, verifier)).status).to.equal(404);
      handed(await exchange(requestToken, verifier));
    });

    it('is shown to administrators without secret and with its roles beside it', async () => {
      const { key, expiresAt } = await accessToken([{ id: role.id }, { id: other.id }, { id: role.id }]);
      const self = `${cloud.url}${tokenPath(`/${key}`)}`;
      const shown = {
        id: key,
        authorizing_user_id: user.id,
        project_id: project.id,
        consumer_id: consumer.id,
        expires_at: expiresAt,
        links: { self, roles: `${self}/roles` },
      };
      expect(
        await people.must(userToken, 'GET', tokenPath(`/${key}`), undefined, 'access_token'),
      ).to.deep.equal(shown);
      const { access_tokens: all } = await people.must(userToken, 'GET', tokenPath());
      expect(all).to.deep.include(shown);
      const { roles } = await people.must(userToken, 'GET', tokenPath(`/${key}/roles`));
      expect(roles).to.have.deep.members(
        [role, other].map(({ id, name }) => ({
          id,
          name,
          domain_id: null,
          links: { self: `${cloud.url}/v3/roles/${id}` },
        })),
      );
      const one = await people.must(
        userToken,
        'GET',
        tokenPath(`/${key}/roles/${role.id}`),
        undefined,
        'role',
      );
      expect(one).to.include({ id: role.id });
      expect((await cloud.request('GET', tokenPath(`/${key}/roles/unknown`), userToken)).status).to.equal(
        404,
      );
      const foreign = `/v3/users/${(await people.user()).id}/OS-OAUTH1/access_tokens/${key}`;
      expect((await cloud.request('GET', foreign, people.admin)).status).to.equal(404);
      expect((await cloud.request('DELETE', foreign, people.admin)).status).to.equal(401);
    });

    it('signs in with the authorised roles on the project and no others, whatever scope is asked for', async () => {
      const answer = await signIn(await accessToken(), {}, '', { unscoped: {} });
      expect(answer.status, answer.text).to.equal(201);
      const token = answer.body['token'] as Record<string, unknown>;
      expect(token).to.deep.include({ methods: ['oauth1'], roles: [{ id: role.id, name: role.name }] });
      expect(token['user']).to.include({ id: user.id });
      expect(token['project']).to.include({ id: project.id });
      expect(token['OS-OAUTH1']).to.have.property('consumer_id', consumer.id);
      expect(await validity(tokenOf(answer))).to.equal(200);
    });

    it('signs in under a query too', async () => {
      expect((await signIn(await accessToken(), {}, '?nocatalog')).status).to.equal(201);
    });

    it('does not sign in with a wrong signature, by another consumer, or unsigned', async () => {
      const access = await accessToken();
      expect((await signIn({ ...access, secret: 'wrong' })).status).to.equal(401);
      const app = await createConsumer();
      const client = { consumerKey: app.id, consumerSecret: String(app['secret']) };
      expect((await signIn(access, client)).status).to.equal(401);
      const auth = { identity: { methods: ['oauth1'], oauth1: {} } };
      expect((await cloud.request('POST', '/v3/auth/tokens', null, { auth })).status).to.equal(400);
    });

    it('ends its tokens when it is deleted, and when the user loses a role', async () => {
      const access = await accessToken();
      const token = tokenOf(await signIn(access));
      await people.must(userToken, 'DELETE', tokenPath(`/${access.key}`));
      expect(await validity(token)).to.equal(404);
      expect((await signIn(access)).status).to.equal(404);

      const lost = await people.role();
      await people.grant(user, project, lost);
      const second = await accessToken([{ id: lost.id }]);
      const secondToken = tokenOf(await signIn(second));
      await people.must(
        people.admin,
        'DELETE',
        `/v3/projects/${project.id}/users/${user.id}/roles/${lost.id}`,
      );
      expect(await validity(secondToken)).to.equal(404);
      expect((await signIn(second)).status).to.equal(401);
      userToken = await people.tokenFor(user, project);
    });

    it('goes with its project', async () => {
      const place = await people.project();
      await people.grant(user, place, role);
      const requestToken = handed(await askForRequestToken({}, place.id));
      const verifier = verifierOf(await authorize(requestToken.key));
      const access = handed(await exchange(requestToken, verifier));
      await people.must(people.admin, 'DELETE', `/v3/projects/${place.id}`);
      expect((await cloud.request('GET', tokenPath(`/${access.key}`), people.admin)).status).to.equal(404);
    });
  });
});

describe('OAuth tokens of a service without durations', function limited() {
  this.timeout(120_000);
  it('never expire', async function test() {
    this.timeout(120_000);
    const cloud = await startCloud({ oauth1: ['request_token_duration = 0'] });
    try {
      const people = await createPeople(cloud);
      const project = await people.project();
      const consumer = await people.must(people.admin, 'POST', CONSUMERS, { consumer: {} }, 'consumer');
      const { authorization } = signRequest(
        { consumerKey: consumer.id, consumerSecret: String(consumer['secret']), callback: 'oob' },
        { method: 'POST', uri: `${cloud.url}${REQUEST_TOKEN}`, headers: {}, body: null },
      );
      const response = await fetch(`${cloud.url}${REQUEST_TOKEN}`, {
        method: 'POST',
        headers: { Authorization: authorization, 'Requested-Project-Id': project.id },
      });
      expect(await response.text()).to.match(/^oauth_token=[0-9a-f]{32}&oauth_token_secret=[0-9a-f]{32}$/);
    } finally {
      await cloud.stop();
    }
  });
});
