/** What may change under a token, and what is true from then on. */
import { CATALOG_CHANGES } from './catalog.js';
import { DATABASE_CHANGES } from './database.js';
import { PEOPLE_CHANGES } from './people.js';
import { PLACE_CHANGES } from './places.js';
import { ROLE_CHANGES } from './roles.js';
import { TOKEN_CHANGES } from './tokens.js';
import type { Change } from './types.js';

export const CHANGES: readonly (readonly [name: string, change: Change])[] = Object.entries({
  ...ROLE_CHANGES,
  ...PEOPLE_CHANGES,
  ...PLACE_CHANGES,
  ...CATALOG_CHANGES,
  ...TOKEN_CHANGES,
  ...DATABASE_CHANGES,
});

export type { Aim, Move } from './types.js';
