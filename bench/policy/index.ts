/**
 * Decisions per second of the compiled policy: `identity:get_user`, target built anew for every decision as a request
 * does, under both shipped policy files and for three callers. Run: `node --import tsx bench/policy/index.ts`.
 */
import { readFileSync } from 'node:fs';
import { buildTarget, type Credentials, Policy, readMapping } from '../../src/common/policy/index.js';

const RULE = 'identity:get_user';
const DURATION = 400;

const callers: Readonly<Record<string, Credentials>> = {
  admin: { user_id: 'u1', domain_id: 'd1', roles: ['member', 'admin'] },
  owner: { user_id: 'u2', project_id: 'p1', roles: ['reader', 'member'] },
  stranger: { user_id: 'u3', project_id: 'p1', roles: ['reader', 'member'] },
};
const member = { user: { id: 'u2', domain_id: 'd1', name: 'ann', enabled: true } };

function decide(policy: Policy, credentials: Credentials): unknown {
  return policy.allows(RULE, buildTarget({ path: { user_id: 'u2' }, member }), credentials);
}

/** Decisions per second over the best of five rounds. */
function measure(policy: Policy, credentials: Credentials): number {
  let best = 0;
  for (let round = 0; round < 5; round += 1) {
    let count = 0;
    const start = process.hrtime.bigint();
    const end = start + BigInt(DURATION) * 1_000_000n;
    let now = start;
    for (; now < end; now = process.hrtime.bigint()) {
      for (let index = 0; index < 1000; index += 1) decide(policy, credentials);
      count += 1000;
    }
    best = Math.max(best, count / (Number(now - start) / 1e9));
  }
  return best;
}

for (const file of ['policy.json', 'policy.v3cloudsample.json']) {
  const text = readFileSync(new URL(`../../etc/${file}`, import.meta.url), 'utf8');
  const policy = Policy.compile(readMapping(text).values);
  for (const [name, credentials] of Object.entries(callers)) {
    const rate = measure(policy, credentials);
    const answer = decide(policy, credentials) === true ? 'yes' : 'no';
    process.stdout.write(
      `${file.padEnd(26)} ${name.padEnd(9)} ${answer.padEnd(4)} ${(rate / 1e6).toFixed(2)} M/s, ${(1e9 / rate).toFixed(0)} ns\n`,
    );
  }
}
