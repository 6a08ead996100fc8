/** What may change under a token, and what is true from then on. */
import { CATALOG_CHANGES } from './catalog.js';
import { DATABASE_CHANGES } from './database.js';
import { PEOPLE_CHANGES } from './people.js';
import { PLACE_CHANGES } from './places.js';
import { ROLE_CHANGES } from './roles.js';
import { TOKEN_CHANGES } from './tokens.js';
import type { Change } from './types.js';

/** The more tokens a change ends, the more of them have to be made anew: such changes are made less often. */
const RARE: Readonly<Record<string, number>> = {
  'a role is deleted': 2,
  'a role is taken away': 2,
  'a role is taken away in the database': 2,
  'a user is disabled': 2,
  'a user is deleted': 2,
  'a password is set': 2,
  'a password is changed': 2,
  'a user leaves a group': 2,
  'a group is deleted': 2,
  'a project is disabled': 2,
  'a project is deleted': 2,
  'a domain is disabled': 1,
};
const USUAL = 4;

export interface Named {
  readonly name: string;
  readonly change: Change;
}

export const CHANGES: readonly Named[] = Object.entries({
  ...ROLE_CHANGES,
  ...PEOPLE_CHANGES,
  ...PLACE_CHANGES,
  ...CATALOG_CHANGES,
  ...TOKEN_CHANGES,
  ...DATABASE_CHANGES,
}).map(([name, change]) => ({ name, change }));

/** Each as often as it is likely. */
export const LOTS: readonly Named[] = CHANGES.flatMap((each) =>
  Array.from({ length: RARE[each.name] ?? USUAL }, () => each),
);

export type { Aim, Move } from './types.js';
