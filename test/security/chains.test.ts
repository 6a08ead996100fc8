/**
 * However tokens are made from tokens (other scopes, trusts and trusts made from trusts, OAuth, EC2 keys), none ends
 * later than what it was made from, nor holds what that does not give. Random chains from a fixed seed.
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

describe('tokens made from tokens', function chains() {
  this.timeout(120_000);
  let scene: Scene;
  let other: Entity;
  before(async () => {
    scene = await setScene();
    other = await scene.people.project();
    await scene.people.grant(scene.owner, other, scene.greater);
  });
  after(() => scene.stop());

  const bodyOf = ({ body }: Answer): Body => body['token'] as Body;

  function held(answer: Answer, how: string, limits: Pick<Held, 'most' | 'ends'>): Held {
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

  it(`never end later nor hold more, in ${STEPS} random steps`, async () => {
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
    const free = { most: null, ends: Infinity };
    const roots = (): Promise<Held>[] => [
      authenticate(byPassword(owner), scopes[0]).then((answer) => held(answer, 'password', free)),
      authenticate(byPassword(owner), scopes[3]).then((answer) => held(answer, 'password', free)),
    ];
    const pool: Held[] = await Promise.all(roots());
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
      const most = more.most ?? parent.most;
      const child = held(answer, how, { most, ends: more.ends ?? parent.ends });
      expect(child.expiresAt, `${how} ends`).to.be.at.most(Math.min(parent.expiresAt, child.ends));
      const given = bodyOf(answer).roles?.map(({ id }) => id) ?? [];
      for (const role of given) expect((most ?? both).has(role), `${how} holds ${role}`).to.equal(true);
      // What is delegated is for one project only.
      if (child.ends < Infinity) expect(bodyOf(answer).project?.id, `${how} is for`).to.equal(project.id);
      // As it says when it is asked about, too.
      const shown = await cloud.request('GET', '/v3/auth/tokens', child.token, undefined, {
        'X-Subject-Token': child.token,
      });
      if (shown.status === 200) {
        expect(bodyOf(shown).expires_at).to.equal(bodyOf(answer).expires_at);
        expect(bodyOf(shown).roles?.map(({ id }) => id) ?? []).to.have.members(given);
      } else {
        expect(shown.status, shown.text).to.equal(403);
      }
      if (pool.length < 60) pool.push(child);
    }

    for (let step = 0; step < STEPS; step += 1) {
      const parent = pick(pool);
      const how = `${parent.how} > `;
      switch (random(4)) {
        case 0:
        case 1: {
          const scope = pick(scopes);
          const answer = await authenticate(byToken(parent.token), scope);
          await check(parent, answer, `${how}${Object.keys(scope)[0]}`);
          break;
        }
        case 2: {
          // A trust that the token makes, and the token by it, which ends with the trust.
          const ends = Date.now() + 600_000 + random(3_600_000);
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
          const limits = { most, ends: Math.min(ends, parent.ends) };
          await check({ ...parent, expiresAt: Infinity }, answer, `${how}trust`, limits);
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
    const shown = await scene.cloud.request('GET', '/v3/auth/tokens', scene.people.admin, undefined, {
      'X-Subject-Token': token,
    });
    expect(bodyOf(shown).roles?.map(({ id }) => id)).to.deep.equal([scene.lesser.id]);
  });
});
