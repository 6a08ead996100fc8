/** UUID tokens: a random id, under which the token is kept. Source: `[token] provider = uuid`, Newton's default. */
import { uuidHex } from '../../../common/crypto/random_ids.js';
import type { DriverContext } from '../../subsystem.js';
import type { TokenProvider } from '../driver.js';
import { createStoredProvider } from './stored.js';

const UUID = /^[0-9a-f]{32}$/;

/** @throws Error when `[token] driver` cannot be had */
export function createDriver(context: DriverContext): Promise<TokenProvider> {
  return createStoredProvider(context, {
    make: () => Promise.resolve(uuidHex()),
    storedId: (token) => (UUID.test(token) ? token : null),
  });
}
