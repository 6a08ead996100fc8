/** Names that are taken. */
import { Conflict } from '../../../common/errors.js';
import { type Database, DuplicateError } from '../../../common/sql/index.js';

interface Named {
  readonly name?: string;
  readonly domain_id?: string;
}

/**
 * Several writes of a user or group as one.
 * @param entity what is written, as far as it is known
 * @throws Conflict when the name is taken in the domain
 */
export async function storeNamed(
  database: Database,
  type: 'user' | 'group',
  entity: Named,
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await database.transaction(write);
  } catch (error) {
    if (!(error instanceof DuplicateError)) throw error;
    throw new Conflict({ type, details: details(entity) }, { cause: error });
  }
}

function details({ name, domain_id: domainId }: Named): string {
  const found = name === undefined ? '' : ` found with name ${name}`;
  return `Duplicate entry${found}${domainId === undefined ? '' : ` at domain ID ${domainId}`}`;
}
