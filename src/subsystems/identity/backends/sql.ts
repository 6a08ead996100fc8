/** Users, groups and passwords in SQL. */
import { createPasswordHashing, type PasswordHashing } from '../../../common/crypto/password/index.js';
import type { Database } from '../../../common/sql/index.js';
import type { Conf } from '../../../conf/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { IdentityDriver } from '../driver.js';
import { SqlGroups } from './sql_groups.js';
import { SqlPasswords } from './sql_passwords.js';
import { Activity } from './sql_select.js';
import { SqlUserLists } from './sql_user_lists.js';
import { SqlUsers } from './sql_users.js';

export function createDriver({ conf, database, domainId }: DriverContext): IdentityDriver {
  const isByDomain = conf.identity.domain_specific_drivers_enabled || domainId !== undefined;
  return sqlDriver(conf, database, passwordHashing(conf), isByDomain);
}

/**
 * @param hashing ends with the driver
 * @param hidesShadows whether rows for users of directories are nobody's business: where domains have directories,
 *   these are asked, and one that does not know a user any more must not be contradicted
 */
export function sqlDriver(
  conf: Conf,
  database: Database,
  hashing: PasswordHashing,
  hidesShadows = false,
): IdentityDriver {
  const activity = new Activity(conf);
  const lists = new SqlUserLists(database, activity, hidesShadows);
  const passwords = new SqlPasswords(database, hashing, activity, conf);
  const users = new SqlUsers(database, activity, passwords, lists, hidesShadows);
  const groups = new SqlGroups(database, users, lists);
  return {
    traits: { isDomainAware: true, generatesUuids: true, isSql: true },
    users,
    passwords,
    groups,
    close: () => hashing.close(),
  };
}

/** As `[identity]` and `[DEFAULT]` ask for. */
function passwordHashing({ DEFAULT, identity }: Conf): PasswordHashing {
  const rounds =
    identity.password_hash_algorithm === 'sha512_crypt'
      ? DEFAULT.crypt_strength
      : identity.password_hash_rounds;
  return createPasswordHashing({
    algorithm: identity.password_hash_algorithm,
    maxLength: identity.max_password_length,
    strict: DEFAULT.strict_password_check,
    ...(rounds !== null && { rounds }),
    ...(identity.scrypt_block_size !== null && { scryptBlockSize: identity.scrypt_block_size }),
    ...(identity.scrypt_parallelism !== null && { scryptParallelism: identity.scrypt_parallelism }),
    ...(identity.salt_bytesize !== null && { saltBytes: identity.salt_bytesize }),
  });
}
