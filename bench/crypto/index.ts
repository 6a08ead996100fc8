/**
 * CPU time of Fernet tokens, with three keys of which the last one fits (the worst of a usual repository), and of one
 * password hash at the default cost of each algorithm. Run: `node --import tsx bench/crypto/index.ts`.
 */
import { encryptFernet, FernetKey } from '../../src/common/crypto/fernet.js';
import type { PasswordAlgorithm } from '../../src/common/crypto/password/scheme.js';
import run from '../../src/common/crypto/password/worker.js';
import { TokenFormatter } from '../../src/subsystems/token/formatters/token_formatter.js';

const ROUNDS = 5;

/** Microseconds of CPU per turn, the best of five rounds. */
async function measure(turns: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let turn = 0; turn < turns; turn += 1) await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / turns);
  }
  return best;
}

function show(what: string, microseconds: number): void {
  const figure =
    microseconds < 1000 ? `${microseconds.toFixed(1)} µs` : `${(microseconds / 1000).toFixed(1)} ms`;
  process.stdout.write(`${what.padEnd(44)} ${figure.padStart(10)}\n`);
}

const issuer = FernetKey.generate();
const readers = [FernetKey.generate(), FernetKey.generate(), issuer];
const source = (
  primary: FernetKey,
  all: readonly FernetKey[],
): ConstructorParameters<typeof TokenFormatter>[0] => {
  const set = { primary, all };
  return { keys: () => Promise.resolve(set), renewed: () => Promise.resolve(set) };
};
const options = { authMethods: ['external', 'password', 'token', 'oauth1'], defaultDomainId: 'default' };
const formatter = new TokenFormatter(source(issuer, readers), options);
const payload = {
  userId: '1d903d3b1aef266a166c7a2f7ad0ce09',
  methods: ['password'],
  auditIds: ['mTkWd6T2okO6A4ZrklkgIQ'],
  expiresAt: '2037-12-31T23:59:59.000000Z',
  domainId: null,
  projectId: 'db27e373c61f23ea256982015cfad709',
  trustId: null,
  federatedInfo: null,
  accessTokenId: null,
  system: null,
  appCredId: null,
};
const { id } = await formatter.createToken(payload);
const unknown = encryptFernet(FernetKey.generate(), Buffer.alloc(80));

const single = new TokenFormatter(source(issuer, [issuer]), options);
show('read a project token, primary key', await measure(20_000, () => single.validateToken(id)));
show('read a project token, third key', await measure(20_000, () => formatter.validateToken(id)));
show(
  'refuse a token of an unknown key',
  await measure(20_000, () => formatter.validateToken(unknown).catch(() => null)),
);
show('issue a project token', await measure(20_000, () => formatter.createToken(payload)));

const costs: readonly (readonly [PasswordAlgorithm, number])[] = [
  ['sha512_crypt', 10_000],
  ['bcrypt', 12],
  ['scrypt', 16],
  ['pbkdf2_sha512', 60_000],
];
const password = Buffer.from('a usual password');
for (const [algorithm, rounds] of costs) {
  const cost = { algorithm, rounds, blockSize: 8, parallelism: 1, saltBytes: 16 };
  show(
    `hash a password, ${algorithm} ${rounds}`,
    await measure(2, () => run({ kind: 'hash', password, cost })),
  );
}
