/**
 * However tokens are made from tokens (other scopes of both versions, trusts and trusts made from trusts, OAuth, EC2
 * keys), none ends later than what it was made from, nor holds what that does not give. Random chains from a fixed seed,
 * in a format that is stored and in one that is not.
 */
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import { type Entity, type Person, tokenOf } from '../api/people.js';
import { ec2Request, type KeyPair } from '../api/signing.js';
import { type Scene, setScene } from './delegation_support.js';

interface Held {
  readonly token: string;
  readonly how: string;
  readonly expiresAt: number;
  /** Ids of the roles that it may lead to on any scope; null: all of the user's own. */
  readonly most: ReadonlySet<string> | null;
  /** When the delegation that it is of ends; Infinity without one. */
  readonly ends: number;
  /** Whether it is of a delegation, which is for one project only and makes no other scope. */
  readonly isDelegated: boolean;
}

interface Body {
  readonly expires_at: string;
  readonly roles?: readonly { readonly id: string }[];
  readonly project?: { readonly id: string };
}

const STEPS = Number(process.env['CHAIN_STEPS'] ?? 150);

/** The same sequence each time: a linear congruential generator (Numerical Recipes). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

for (const provider of ['fernet', 'uuid']) {
  describe(`tokens made from tokens (${provider})`, () => chains(provider));
}

function chains(provider: string): void {
  let scene: Scene;
  let other: Entity;
  before(async function start() {
    this.timeout(120_000);
    scene = await setScene({}, { token: [`provider = ${provider}`] });
    const { people, owner, greater } = scene;
    other = await people.project();
    await people.grant(owner, other, greater);
    await people.must(people.admin, 'PUT', `/v3/domains/default/users/${owner.id}/roles/${greater.id}`);
  });
  after(() => scene?.stop());

  const bodyOf = ({ body }: Answer): Body => body['token'] as Body;

  function held(answer: Answer, how: string, limits: Pick<Held, 'most' | 'ends' | 'isDelegated'>): Held {
    const token = tokenOf(answer);
    const body = bodyOf(answer);
    return { token, how, ...limits, expiresAt: Date.parse(body.expires_at) };
  }

  const authenticate = (identity: object, scope?: object): Promise<Answer> =>
    scene.cloud.request('POST', '/v3/auth/tokens', null, { auth: { identity, ...(scope && { scope }) } });
  const byPassword = ({ id, password }: Person): object => ({
    methods: ['password'],
    password: { user: { id, password } },
  });
  const byToken = (token: string): object => ({ methods: ['token'], token: { id: token } });

  /** What a token says of itself, as if it had just been got. */
  const shown = (token: string): Promise<Answer> =>
    scene.cloud.request('GET', '/v3/auth/tokens', token, undefined, { 'X-Subject-Token': token });

  it(`never end later nor hold more, in ${STEPS} random steps`, async function steps() {
    this.timeout(240_000);
    const { cloud, owner, helper, project, lesser, greater } = scene;
    const random = randomOf(20_161_006);
    const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
    const scopes: readonly object[] = [
      { project: { id: project.id } },
      { project: { id: other.id } },
      { domain: { id: 'default' } },
      { unscoped: {} },
    ];
    const both = new Set([lesser.id, greater.id]);
    const free = { most: null, ends: Infinity, isDelegated: false };
    const roots = (): Promise<Held>[] => [
      authenticate(byPassword(owner), scopes[0]).then((answer) => held(answer, 'password', free)),
      authenticate(byPassword(owner), scopes[3]).then((answer) => held(answer, 'password', free)),
    ];
    const pool: Held[] = await Promise.all(roots());
    const began = Date.now();
    let made = 0;
    let refused = 0;

    /** What came of a parent: at most as much, at most as long. */
    async function check(parent: Held, answer: Answer, how: string, more: Partial<Held> = {}): Promise<void> {
      if (answer.status !== 201 && answer.status !== 200) {
        expect(answer.status, `${how}: ${answer.text}`).to.be.oneOf([401, 403, 404]);
        refused += 1;
        return;
      }
      made += 1;
      const { most, ends, isDelegated } = { ...parent, ...more };
      const child = held(answer, how, { most, ends, isDelegated });
      expect(child.expiresAt, `${how} ends`).to.be.at.most(Math.min(parent.expiresAt, child.ends));
      const given = bodyOf(answer).roles?.map(({ id }) => id) ?? [];
      for (const role of given) expect((most ?? both).has(role), `${how} holds ${role}`).to.equal(true);
      if (isDelegated) expect(bodyOf(answer).project?.id, `${how} is for`).to.equal(project.id);
      // As it says when it is asked about, too.
      const later = await shown(child.token);
      if (later.status === 200) {
        expect(bodyOf(later).expires_at).to.equal(bodyOf(answer).expires_at);
        expect(bodyOf(later).roles?.map(({ id }) => id) ?? []).to.have.members(given);
      } else {
        expect(later.status, later.text).to.equal(403);
      }
      if (pool.length < 60) pool.push(child);
    }

    for (let step = 0; step < STEPS; step += 1) {
      const parent = pick(pool);
      const how = `${parent.how} > `;
      switch (random(6)) {
        case 0:
        case 1: {
          const scope = pick(scopes);
          const answer = await authenticate(byToken(parent.token), scope);
          await check(parent, answer, `${how}${Object.keys(scope)[0]}`);
          break;
        }
        case 2: {
          // A trust that the token makes, and the token by it, which ends with the trust.
          // There are no two of the same people that end at the same time: each step has milliseconds of its own.
          const ends = began + 600_000 + random(Math.floor(3_600_000 / STEPS)) * STEPS + step;
          const trust = {
            trustor_user_id: owner.id,
            trustee_user_id: helper.id,
            project_id: project.id,
            impersonation: random(2) === 0,
            allow_redelegation: true,
            expires_at: new Date(ends).toISOString(),
            roles: [{ id: pick([lesser.id, greater.id]) }],
          };
          const wanted = await cloud.request('POST', '/v3/OS-TRUST/trusts', parent.token, { trust });
          if (wanted.status !== 201) {
            expect(wanted.status, wanted.text).to.be.oneOf([401, 403]);
            refused += 1;
            break;
          }
          const { id, roles } = wanted.body['trust'] as { id: string; roles: readonly { id: string }[] };
          const answer = await authenticate(byPassword(helper), { 'OS-TRUST:trust': { id } });
          const most = new Set(roles.map((role) => role.id));
          for (const role of most) {
            expect((parent.most ?? both).has(role), `${how}trust holds ${role}`).to.equal(true);
          }
          // The trust ends as it says; the token that was shown to make it was no part of it.
          const limits = { most, ends: Math.min(ends, parent.ends), isDelegated: true };
          await check({ ...parent, expiresAt: Infinity }, answer, `${how}trust`, limits);
          break;
        }
        case 3: {
          // By v2.0: for a tenant, or for none.
          const tenant = pick([{ tenantId: project.id }, { tenantId: other.id }, {}]);
          const auth = { token: { id: parent.token }, ...tenant };
          const answer = await cloud.request('POST', '/v2.0/tokens', null, { auth });
          const { access } = answer.body as { access?: { token: { id: string; expires: string } } };
          const inV3 = access === undefined ? answer : await shown(access.token.id);
          if (access !== undefined) {
            expect(Date.parse(access.token.expires)).to.equal(Date.parse(bodyOf(inV3).expires_at));
          }
          await check(parent, inV3, `${how}v2.0`);
          break;
        }
        case 4: {
          // What is authorized with a token outlives it, but holds what was authorized only.
          const most = new Set([lesser.id]);
          const answer = await scene.byOAuth(parent.token);
          await check({ ...parent, expiresAt: parent.ends }, answer, `${how}oauth`, {
            most,
            isDelegated: true,
          });
          break;
        }
        default: {
          // A key pair that the token makes outlives it, but not the delegation that it is of.
          const path = `/v3/users/${owner.id}/credentials/OS-EC2`;
          const wanted = await cloud.request('POST', path, parent.token, { tenant_id: project.id });
          if (wanted.status !== 201) {
            expect(wanted.status, wanted.text).to.be.oneOf([401, 403]);
            refused += 1;
            break;
          }
          const credentials = ec2Request(wanted.body['credential'] as KeyPair);
          const answer = await cloud.request('POST', '/v3/ec2tokens', scene.people.admin, { credentials });
          await check({ ...parent, expiresAt: parent.ends }, answer, `${how}key`);
        }
      }
    }
    expect(made).to.be.above(STEPS / 5);
    expect(refused).to.be.above(STEPS / 10);
  });

  it('hold by OAuth what was authorized, and lead nowhere else', async () => {
    const token = await scene.oauthToken();
    for (const scope of [{ project: { id: other.id } }, { domain: { id: 'default' } }, { unscoped: {} }]) {
      const answer = await authenticate(byToken(token), scope);
      expect(answer.status, `${JSON.stringify(scope)} ${answer.text}`).to.be.oneOf([401, 403]);
    }
    const answer = await scene.cloud.request('GET', '/v3/auth/tokens', scene.people.admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(bodyOf(answer).roles?.map(({ id }) => id)).to.deep.equal([scene.lesser.id]);
  });
}
