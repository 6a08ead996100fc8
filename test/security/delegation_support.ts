/** Users with roles, delegations between them and key pairs, for tests of former vulnerabilities of delegation. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signRequest } from '../../src/subsystems/oauth1/signature.js';
import { type Answer, type Cloud, startCloud } from '../api/cloud.js';
import { createPeople, type Entity, type People, type Person, tokenOf } from '../api/people.js';
import type { KeyPair } from '../api/signing.js';

/** Two roles of the owner on a project, of which a delegation gives only the lesser. */
export interface Scene {
  readonly cloud: Cloud;
  readonly people: People;
  readonly owner: Person;
  readonly helper: Person;
  readonly project: Entity;
  readonly lesser: Entity;
  readonly greater: Entity;
  readonly ownerToken: string;
  /** A key pair by a user's token. */
  keyPair(token: string, user?: Entity): Promise<KeyPair>;
  /** A trust of the owner for the helper. */
  trust(attributes?: object): Promise<Entity>;
  /** A token of the helper by a trust. */
  trustToken(trust: Entity): Promise<string>;
  /** A token by an access token of the owner. */
  oauthToken(): Promise<string>;
  /** What comes of authorizing the lesser role with a token: the refusal of that, or the answer with an OAuth token. */
  byOAuth(token: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** @param rules policy rules that differ from the shipped ones */
export async function setScene(
  rules: Readonly<Record<string, string>> = {},
  conf: Readonly<Record<string, readonly string[]>> = {},
): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-policy-'));
  const policyFile = join(folder, 'policy.json');
  await writeFile(policyFile, JSON.stringify({ 'identity:authorize_request_token': '', ...rules }));
  const cloud = await startCloud({
    auth: ['methods = password,token,oauth1,totp'],
    oslo_policy: [`policy_file = ${policyFile}`],
    ...conf,
  });
  try {
    return await buildScene(cloud, folder);
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

async function buildScene(cloud: Cloud, folder: string): Promise<Scene> {
  const people = await createPeople(cloud);
  const [owner, helper, project] = [await people.user(), await people.user(), await people.project()];
  const [lesser, greater] = [await people.role(), await people.role()];
  await people.grant(owner, project, lesser, greater);
  const ownerToken = await people.tokenFor(owner, project);

  return {
    cloud,
    people,
    owner,
    helper,
    project,
    lesser,
    greater,
    ownerToken,
    async keyPair(token, user = owner) {
      const path = `/v3/users/${user.id}/credentials/OS-EC2`;
      const pair = await people.must(token, 'POST', path, { tenant_id: project.id }, 'credential');
      return { access: String(pair['access']), secret: String(pair['secret']) };
    },
    trust(attributes = {}) {
      const trust = {
        trustor_user_id: owner.id,
        trustee_user_id: helper.id,
        project_id: project.id,
        impersonation: true,
        roles: [{ id: lesser.id }],
        ...attributes,
      };
      return people.must(ownerToken, 'POST', '/v3/OS-TRUST/trusts', { trust }, 'trust');
    },
    trustToken: (trust) => people.token(helper, { 'OS-TRUST:trust': { id: trust.id } }),
    oauthToken: async () => tokenOf(await byOAuth(ownerToken)),
    byOAuth,
    async stop() {
      await cloud.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function byOAuth(token: string): Promise<Answer> {
    const consumer = await people.must(
      people.admin,
      'POST',
      '/v3/OS-OAUTH1/consumers',
      { consumer: {} },
      'consumer',
    );
    const client = { consumerKey: consumer.id, consumerSecret: String(consumer['secret']) };
    const send = async (path: string, more: object, init: RequestInit = {}): Promise<Response> => {
      const request = { method: 'POST', uri: `${cloud.url}${path}`, headers: {}, body: null };
      const { authorization } = signRequest({ ...client, ...more }, request);
      const headers = {
        Authorization: authorization,
        ...(init.headers as Record<string, string> | undefined),
      };
      return fetch(request.uri, { ...init, method: 'POST', headers });
    };
    const handed = async (response: Response): Promise<{ token: string; tokenSecret: string }> => {
      const form = new URLSearchParams(await response.text());
      return { token: form.get('oauth_token') ?? '', tokenSecret: form.get('oauth_token_secret') ?? '' };
    };
    const headers = { 'Requested-Project-Id': project.id };
    const asked = await handed(await send('/v3/OS-OAUTH1/request_token', { callback: 'oob' }, { headers }));
    const path = `/v3/OS-OAUTH1/authorize/${asked.token}`;
    const authorized = await cloud.request('PUT', path, token, { roles: [{ id: lesser.id }] });
    if (authorized.status !== 200) return authorized;
    const { oauth_verifier: verifier } = authorized.body['token'] as { oauth_verifier: string };
    const access = await handed(await send('/v3/OS-OAUTH1/access_token', { ...asked, verifier }));
    const response = await send('/v3/auth/tokens', access, {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: { identity: { methods: ['oauth1'], oauth1: {} } } }),
    });
    const { status, headers: got } = response;
    const text = await response.text();
    return { status, headers: got, text, body: JSON.parse(text) as Answer['body'] };
  }
}

/** Ids of the roles in the answer with a token. */
export function rolesIn({ body }: Answer): string[] {
  return (body['token'] as { roles: Entity[] }).roles.map(({ id }) => id);
}
