/** The comparison with the real Keystone, from start to stop. */
import { startCloud } from '../api/cloud.js';
import { ADMIN } from '../support/deployment.js';
import { startReference } from '../support/reference/keystone.js';
import { compare, type Difference } from './compare.js';
import { STEPS } from './steps.js';

/** Both hash passwords alike, and cheaply. */
const HASHING = { identity: ['password_hash_algorithm = bcrypt', 'password_hash_rounds = 4'] };

/** Ours is the first of each difference. @throws Error when one of the two does not start or answer */
export async function compareWithReal(): Promise<Difference[]> {
  const real = await startReference({ caching: true, conf: HASHING });
  try {
    const ours = await startCloud(HASHING);
    try {
      return await compare({ url: ours.url, admin: ADMIN }, real, STEPS);
    } finally {
      await ours.stop();
    }
  } finally {
    await real.stop();
  }
}
