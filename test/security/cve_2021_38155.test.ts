/** CVE-2021-38155: a locked account was told from others, and by its id: who guessed could find out who is there. */
import { expect } from 'chai';
import type { Answer } from '../api/cloud.js';
import type { UserWithPassword } from '../api/tenancy.js';
import { type Stage, setStage } from './support.js';

const ATTEMPTS = 2;
/** As many as it takes to see through the noise of the machine, but not for ever. */
const [SAMPLES, MOST_SAMPLES] = [9, 40];

describe('CVE-2021-38155: nobody learns from a refused sign-in who is there', () => {
  let stage: Stage;
  let locked: UserWithPassword;
  let known: UserWithPassword;
  let disabled: UserWithPassword;
  before(async function start() {
    this.timeout(120_000);
    stage = await setStage({
      // Strong enough for the work on the password to be most of the time that is measured.
      DEFAULT: ['crypt_strength = 20000'],
      security_compliance: [`lockout_failure_attempts = ${ATTEMPTS}`, 'lockout_duration = 600'],
    });
    const { tenancy } = stage;
    [locked, known, disabled] = [
      await tenancy.user(),
      await tenancy.user(),
      await tenancy.user({ enabled: false }),
    ];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) await byId(locked.id, 'wrong');
  });
  after(() => stage.cloud.stop());

  const signIn = (user: object): Promise<Answer> =>
    stage.cloud.request('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods: ['password'], password: { user } } },
    });
  const byId = (id: string, password: string): Promise<Answer> => signIn({ id, password });
  const byName = (name: string, password: string): Promise<Answer> =>
    signIn({ name, domain: { id: stage.tenancy.domain.id }, password });

  it('not from status, headers or body', async () => {
    const answers: Record<string, Answer> = {
      'a wrong password': await byId(known.id, 'wrong'),
      'a locked account': await byId(locked.id, locked.password),
      'a locked account and a wrong password': await byId(locked.id, 'wrong'),
      'a locked account by name': await byName(locked.name, locked.password),
      'a disabled account': await byId(disabled.id, disabled.password),
      'an unknown id': await byId('0'.repeat(32), 'wrong'),
      'an unknown name': await byName('nobody', 'wrong'),
      'an unknown domain': await signIn({ name: known.name, domain: { name: 'nowhere' }, password: 'wrong' }),
    };
    const plain = answers['a wrong password'];
    const headersOf = (answer: Answer | undefined): string[] =>
      [...(answer?.headers.keys() ?? [])].toSorted();
    for (const [what, answer] of Object.entries(answers)) {
      expect(answer.status, what).to.equal(401);
      expect(answer.body, what).to.deep.equal(plain?.body);
      expect(headersOf(answer), what).to.deep.equal(headersOf(plain));
      for (const { id, name } of [locked, known, disabled]) {
        expect(answer.text, what).not.to.contain(id).and.not.contain(name);
      }
    }
  });

  it('not from the time that the answer takes', async () => {
    const cases: Readonly<Record<string, () => Promise<Answer>>> = {
      wrong: () => byId(known.id, 'wrong'),
      locked: () => byId(locked.id, 'wrong'),
      unknown: () => byId('0'.repeat(32), 'wrong'),
    };
    const times: Record<string, number[]> = { wrong: [], locked: [], unknown: [] };
    // The account in the middle of it must not become a locked one.
    const unlock = (): Promise<Answer> =>
      stage.cloud.request('PATCH', `/v3/users/${known.id}`, stage.admin, { user: { enabled: true } });
    const fastest = (name: string): number => Math.min(...(times[name] ?? []));
    const isAlike = (name: string): boolean => {
      const share = fastest(name) / fastest('wrong');
      return share >= 0.5 && share <= 2;
    };
    const others = ['locked', 'unknown'];
    for (let sample = 0; sample < SAMPLES || (sample < MOST_SAMPLES && !others.every(isAlike)); sample += 1) {
      await unlock();
      for (const [name, attempt] of Object.entries(cases)) {
        // Processor time of this process, in which the service and its hashing threads run: what else the machine
        // does does not count.
        const begin = process.cpuUsage();
        await attempt();
        const { user, system } = process.cpuUsage(begin);
        times[name]?.push((user + system) / 1e3);
      }
    }
    expect(others.filter(isAlike), JSON.stringify(times)).to.deep.equal(others);
  }).timeout(120_000);
});
