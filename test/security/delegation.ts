/** Somebody who holds two roles and delegates one of them, by a trust and by OAuth 1.0a. */
import { type OAuth1Client, signRequest } from '../../src/subsystems/oauth1/signature.js';
import { type Cloud, startCloud } from '../api/cloud.js';
import { createPeople, type Entity, type People, type Person, tokenOf } from '../api/people.js';

export interface Delegation {
  readonly cloud: Cloud;
  readonly people: People;
  /** Holds `role` and `more` on `project`, and `more` on `elsewhere`. */
  readonly owner: Person;
  readonly helper: Person;
  readonly project: Entity;
  readonly elsewhere: Entity;
  readonly role: Entity;
  readonly more: Entity;
  readonly ownerToken: string;
  /** The body of a request for a trust of `role` on `project`, in which the helper acts as the owner. */
  trustRequest(attributes?: object): { readonly trust: object };
  /** A token of the helper by a new trust. */
  trustToken(attributes?: object): Promise<string>;
  /** A token of a consumer that may do what `role` on `project` may. */
  oauthToken(): Promise<string>;
  /** A request token that waits for being authorized. */
  requestToken(): Promise<string>;
  stop(): Promise<void>;
}

const HOUR = 3_600_000;

export async function createDelegation(
  conf: Readonly<Record<string, readonly string[]>> = {},
): Promise<Delegation> {
  const cloud = await startCloud({ auth: ['methods = password,token,oauth1'], ...conf });
  const people = await createPeople(cloud);
  const [owner, helper] = [await people.user(), await people.user()];
  const [project, elsewhere] = [await people.project(), await people.project()];
  const [role, more] = [await people.role(), await people.role()];
  // Newton's policy lets administrators authorize consumers.
  await people.grant(owner, project, role, more, people.adminRole);
  await people.grant(owner, elsewhere, more);
  const ownerToken = await people.tokenFor(owner, project);
  const consumer = await people.must(
    people.admin,
    'POST',
    '/v3/OS-OAUTH1/consumers',
    { consumer: { description: 'app' } },
    'consumer',
  );

  let trusts = 0;
  // There are no two trusts of the same people for the same project that end at the same time.
  const trustRequest: Delegation['trustRequest'] = (attributes = {}) => ({
    trust: {
      trustor_user_id: owner.id,
      trustee_user_id: helper.id,
      project_id: project.id,
      roles: [{ id: role.id }],
      impersonation: true,
      expires_at: new Date(Date.now() + HOUR * (trusts += 1)).toISOString(),
      ...attributes,
    },
  });

  /** A request signed as RFC 5849 says. @throws Error when it is refused */
  async function signed(
    path: string,
    client: Partial<OAuth1Client>,
    headers: object,
    body?: string,
  ): Promise<Response> {
    const { authorization } = signRequest(
      { consumerKey: consumer.id, consumerSecret: String(consumer['secret']), ...client },
      { method: 'POST', uri: `${cloud.url}${path}`, headers: {}, body: null },
    );
    const response = await fetch(`${cloud.url}${path}`, {
      method: 'POST',
      headers: { Authorization: authorization, ...headers },
      ...(body !== undefined && { body }),
    });
    if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }
  const handed = async (response: Response): Promise<{ token: string; tokenSecret: string }> => {
    const form = new URLSearchParams(await response.text());
    return { token: form.get('oauth_token') ?? '', tokenSecret: form.get('oauth_token_secret') ?? '' };
  };
  const askForRequestToken = async (): Promise<{ token: string; tokenSecret: string }> => {
    const client = { callback: 'oob' };
    return handed(
      await signed('/v3/OS-OAUTH1/request_token', client, { 'Requested-Project-Id': project.id }),
    );
  };

  return {
    cloud,
    people,
    owner,
    helper,
    project,
    elsewhere,
    role,
    more,
    ownerToken,
    trustRequest,
    async trustToken(attributes) {
      const trust = await people.must(
        ownerToken,
        'POST',
        '/v3/OS-TRUST/trusts',
        trustRequest(attributes),
        'trust',
      );
      return people.token(helper, { 'OS-TRUST:trust': { id: trust.id } });
    },
    requestToken: async () => (await askForRequestToken()).token,
    async oauthToken() {
      const asked = await askForRequestToken();
      const path = `/v3/OS-OAUTH1/authorize/${asked.token}`;
      const answer = await people.must(ownerToken, 'PUT', path, { roles: [{ id: role.id }] }, 'token');
      const verifier = String(answer['oauth_verifier']);
      const access = await handed(await signed('/v3/OS-OAUTH1/access_token', { ...asked, verifier }, {}));
      const auth = { identity: { methods: ['oauth1'], oauth1: {} } };
      const headers = { 'Content-Type': 'application/json' };
      const response = await signed('/v3/auth/tokens', access, headers, JSON.stringify({ auth }));
      const text = await response.text();
      return tokenOf({ status: response.status, headers: response.headers, text, body: {} });
    },
    stop: () => cloud.stop(),
  };
}
