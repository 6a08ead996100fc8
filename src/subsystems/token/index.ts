/** Manifest of the subsystem `token`. Its "driver" is the token provider; its routes are those of `auth`. */
import { TokenNotFound } from '../../common/errors.js';
import type { Subsystem } from '../subsystem.js';
import { TOKEN_PROVIDER_SHAPE, type TokenProvider } from './driver.js';
import { TokenManager } from './manager.js';
import { adoptProvider } from './package_provider.js';
import { openTokenStore } from './store.js';

export const token: Subsystem<TokenProvider, TokenManager> = {
  name: 'token',
  option: { section: 'token', name: 'provider' },
  drivers: {
    fernet: () => import('./providers/fernet.js'),
    pki: () => import('./providers/pki.js'),
    pkiz: () => import('./providers/pkiz.js'),
    uuid: () => import('./providers/uuid.js'),
  },
  shape: TOKEN_PROVIDER_SHAPE,
  extras: (context) => ({
    openStore: () => openTokenStore(context),
    unknown: () => {
      throw new TokenNotFound('Failed to validate token');
    },
  }),
  adopt: adoptProvider,
  createManager: (driver, context) => new TokenManager(driver, context),
  routes: () => [],
};
