/** Roles in the SQL tables `role` and `implied_role`. */
import { Conflict, ImpliedRoleNotFound, RoleNotFound, ValidationError } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import {
  type Database,
  DuplicateError,
  ForeignKeyError,
  prepareSql,
  type RoleRow,
} from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { RoleDriver } from '../driver.js';
import type { ImpliedRole, Role } from '../types.js';

/** What the column holds for a global role: unique keys do not see NULL. */
const NO_DOMAIN = '<<null>>';
const LONGEST_DESCRIPTION = 255;

const RULES_OF_ROLE = prepareSql({
  text: 'SELECT prior_role_id, implied_role_id FROM implied_role WHERE prior_role_id = ?',
  columns: { prior_role_id: 'text', implied_role_id: 'text' },
});
const ALL_RULES = prepareSql({
  text: 'SELECT prior_role_id, implied_role_id FROM implied_role',
  columns: { prior_role_id: 'text', implied_role_id: 'text' },
});

export function createDriver({ database }: DriverContext): RoleDriver {
  return new SqlRoleDriver(database);
}

class SqlRoleDriver implements RoleDriver {
  constructor(private readonly database: Database) {}

  async createRole(role: Role): Promise<Role> {
    const { id, name, domain_id: domainId } = role;
    // A role of a domain must not become one for all.
    if (domainId === NO_DOMAIN) throw new ValidationError(`No domain can have the id ${NO_DOMAIN}.`);
    const row = { id, name, domain_id: domainId ?? NO_DOMAIN, ...describe(role) };
    await this.store(role, () => this.database.table('role').insert(row));
    return this.getRole(id);
  }

  async listRoles(hints: Hints): Promise<Role[]> {
    const domain = hints.exact('domain_id');
    if (domain?.value === NO_DOMAIN) return [];
    if (domain !== undefined) domain.satisfied = true;
    const where = domain === undefined ? {} : { domain_id: String(domain.value ?? NO_DOMAIN) };
    return (await this.database.table('role').find({ where, hints })).map(fromRow);
  }

  async listRolesFromIds(ids: readonly string[]): Promise<Role[]> {
    return (await this.database.table('role').find({ where: { id: [...new Set(ids)] } })).map(fromRow);
  }

  async getRole(id: string): Promise<Role> {
    const row = await this.database.table('role').get(id);
    // Some databases compare without regard to case: only the very id counts.
    if (row === null || row.id !== id) throw new RoleNotFound({ role_id: id });
    return fromRow(row);
  }

  async updateRole(id: string, changes: Partial<Role>): Promise<Role> {
    const updated: Role = { ...(await this.getRole(id)), ...changes, id };
    const columns = { name: updated.name, ...describe(updated) };
    await this.store(updated, () => this.database.table('role').update({ id }, columns));
    return this.getRole(id);
  }

  async deleteRole(id: string): Promise<void> {
    const deleted = await this.database.table('role').delete({ id });
    if (deleted === 0) throw new RoleNotFound({ role_id: id });
  }

  createImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole> {
    return this.database.transaction(() => this.insertRule(priorRoleId, impliedRoleId));
  }

  async getImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole> {
    const rule = { prior_role_id: priorRoleId, implied_role_id: impliedRoleId };
    const row = await this.database.table('implied_role').get(rule);
    if (row === null) throw new ImpliedRoleNotFound(rule);
    return row;
  }

  async deleteImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<void> {
    const rule = { prior_role_id: priorRoleId, implied_role_id: impliedRoleId };
    if ((await this.database.table('implied_role').delete(rule)) === 0) throw new ImpliedRoleNotFound(rule);
  }

  listImpliedRoles(priorRoleId: string): Promise<ImpliedRole[]> {
    return this.database.query(RULES_OF_ROLE, [priorRoleId]);
  }

  listRoleInferenceRules(): Promise<ImpliedRole[]> {
    return this.database.query(ALL_RULES);
  }

  private async insertRule(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole> {
    const rule = { prior_role_id: priorRoleId, implied_role_id: impliedRoleId };
    const insert = (): Promise<number> => this.database.table('implied_role').insert(rule);
    try {
      // A refused row must not spoil the transaction, which has to say what is wrong.
      await this.database.savepoint(insert);
    } catch (error) {
      if (error instanceof DuplicateError) {
        throw new Conflict({ type: 'implied_role', details: 'Duplicate entry' }, { cause: error });
      }
      if (!(error instanceof ForeignKeyError)) throw error;
      await this.getRole(priorRoleId);
      throw new RoleNotFound({ role_id: impliedRoleId }, { cause: error });
    }
    return rule;
  }

  private async store(role: Role, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof DuplicateError)) throw error;
      const details = `Duplicate entry found with name ${role.name}${
        role.domain_id === null ? '' : ` at domain ID ${role.domain_id}`
      }`;
      throw new Conflict({ type: 'role', details }, { cause: error });
    }
  }
}

/** A description that does not fit the column, or was sent as null, is kept as any other attribute is. */
function describe(role: Role): { description: string | null; extra: string } {
  const { id: _id, name: _name, domain_id: _domain, description, ...others } = role;
  if (typeof description === 'string' && description.length <= LONGEST_DESCRIPTION) {
    return { description, extra: packExtra(others, []).extra };
  }
  return { description: null, extra: packExtra({ ...others, description }, []).extra };
}

function fromRow(row: RoleRow): Role {
  return {
    ...unpackExtra(row.extra),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id === NO_DOMAIN ? null : row.domain_id,
    ...(row.description !== null && { description: row.description }),
  };
}
