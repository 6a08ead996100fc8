/** What the tests of former vulnerabilities have in common. */
import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from '../api/cloud.js';
import { Tenancy, tokenOf } from '../api/tenancy.js';

export interface Stage {
  readonly cloud: Cloud;
  /** Token of the administrator of everything. */
  readonly admin: string;
  readonly tenancy: Tenancy;
}

export async function setStage(conf: Readonly<Record<string, readonly string[]>> = {}): Promise<Stage> {
  const cloud = await startCloud(conf);
  try {
    const admin = await cloud.adminToken();
    const tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
    return { cloud, admin, tenancy };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

export interface Credentials {
  readonly id: string;
  readonly password: string;
}

/** Sign in with a password. @throws Error when it is refused */
export async function signIn(cloud: Cloud, user: Credentials, scope: object): Promise<string> {
  const { id, password } = user;
  const identity = { methods: ['password'], password: { user: { id, password } } };
  return tokenOf(await cloud.request('POST', '/v3/auth/tokens', null, { auth: { identity, scope } }));
}

/** Ask for a token by another one. */
export function rescope(cloud: Cloud, id: string, scope: object): Promise<Answer> {
  const identity = { methods: ['token'], token: { id } };
  return cloud.request('POST', '/v3/auth/tokens', null, { auth: { identity, scope } });
}

/** Whether a token is good for anything: to call with, and to be validated. */
export async function expectUsable(stage: Stage, token: string, usable: boolean): Promise<void> {
  const { cloud, admin } = stage;
  const call = await cloud.request('GET', '/v3/auth/projects', token);
  expect(call.status, 'a call with it').to.equal(usable ? 200 : 401);
  for (const method of ['GET', 'HEAD']) {
    const { status } = await cloud.request(method, '/v3/auth/tokens', admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(status, `${method} of it`).to.equal(usable ? 200 : 404);
  }
}
