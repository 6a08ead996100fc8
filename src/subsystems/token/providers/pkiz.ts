/** PKIZ tokens: signed messages, compressed. Source: `[token] provider = pkiz`. */
import type { DriverContext } from '../../subsystem.js';
import type { TokenProvider } from '../driver.js';
import { createSignedProvider } from './signed.js';

/** @throws Error as `createSignedProvider` */
export function createDriver(context: DriverContext): Promise<TokenProvider> {
  return createSignedProvider(context, { compressed: true });
}
