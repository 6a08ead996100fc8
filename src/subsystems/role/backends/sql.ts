/** Roles in the SQL tables `role` and `implied_role`. */
import { Conflict, ImpliedRoleNotFound, RoleNotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { DuplicateError, type Database } from '../../../common/sql/index.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import type { DriverContext } from '../../subsystem.js';
import type { RoleDriver } from '../driver.js';
import type { ImpliedRole, Role } from '../types.js';

/** What the column holds for a global role: unique keys do not see NULL. */
const NO_DOMAIN = '<<null>>';
const COLUMNS = ['id', 'name', 'domain_id', 'description'] as const;

export function createDriver({ database }: DriverContext): RoleDriver {
  return new SqlRoleDriver(database);
}
