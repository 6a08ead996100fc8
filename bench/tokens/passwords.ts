/** Sign-ins by password beside validations: how close to the cost of the hash alone, and who has to wait for it. */
import { createPasswordHashing } from '../../src/common/crypto/password/index.js';
import type { Contender } from '../identity/contenders.js';
import { load, type Request } from '../identity/load.js';

export const BCRYPT_ROUNDS = 10;
const HASHES = 60;
const VALIDATIONS = 1500;

export interface PasswordReport {
  /** Cost of the hash alone in parts of the cost of a sign-in, in CPU time of the process. */
  readonly share: number;
  /** Sign-ins per second in parts of hashes per second, on all cores. */
  readonly rate: number;
  /** 99th percentile of the time of a validation, in milliseconds. */
  readonly idle: number;
  readonly busy: number;
}

/** Hashes on all cores: seconds of CPU time for one, and how many in a second. */
async function hashesAlone(): Promise<{ cpu: number; rate: number }> {
  const hashing = createPasswordHashing({ algorithm: 'bcrypt', rounds: BCRYPT_ROUNDS });
  try {
    const hash = await hashing.hash('Adm1n-secret');
    const check = async (): Promise<void> => {
      for (let number = 0; number < HASHES / 4; number += 1) await hashing.verify('Adm1n-secret', hash);
    };
    await check();
    const [begin, cpu] = [performance.now(), process.cpuUsage()];
    await Promise.all([check(), check(), check(), check()]);
    const { user, system } = process.cpuUsage(cpu);
    return { cpu: (user + system) / HASHES, rate: (HASHES * 1000) / (performance.now() - begin) };
  } finally {
    await hashing.close();
  }
}

/** One validation after the other: the 99th percentile of their times in milliseconds. */
async function slowest(server: Contender, validation: Request, until: () => boolean): Promise<number> {
  const times: number[] = [];
  while (!until() || times.length < 100) {
    const begin = performance.now();
    const response = await fetch(`${server.url}${validation.path}`, { headers: validation.headers });
    await response.arrayBuffer();
    times.push(performance.now() - begin);
    if (times.length >= VALIDATIONS && until()) break;
  }
  times.sort((left, right) => left - right);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

export async function measurePasswords(
  server: Contender,
  validation: Request,
  password: Request,
): Promise<PasswordReport> {
  await load(server, [password], 8);
  let count = 0;
  const idle = await slowest(server, validation, () => (count += 1) >= VALIDATIONS);
  const alone = await hashesAlone();
  const signIns = await load(server, [password], HASHES);
  let isOver = false;
  const during = load(server, [password], HASHES * 2).finally(() => {
    isOver = true;
  });
  const busy = await slowest(server, validation, () => isOver);
  await during;
  return { share: alone.cpu / signIns.cpu, rate: signIns.rate / alone.rate, idle, busy };
}
