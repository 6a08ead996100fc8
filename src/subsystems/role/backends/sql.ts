/** Roles in the SQL tables `role` and `implied_role`. */
import { Conflict, ImpliedRoleNotFound, RoleNotFound } from '../../../common/errors.js';
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
const COLUMNS = ['id', 'name', 'domain_id', 'description'] as const;

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
    const { columns, extra } = packExtra(role, COLUMNS);
    await this.store(role, () =>
      this.database.table('role').insert({
        ...columns,
        id: role.id,
        name: role.name,
        domain_id: role.domain_id ?? NO_DOMAIN,
        description: (columns.description as string | null | undefined) ?? null,
        extra,
      }),
    );
    return this.getRole(role.id);
  }

  async listRoles(hints: Hints): Promise<Role[]> {
    const domain = hints.exact('domain_id');
    if (domain !== undefined) domain.satisfied = true;
    const where = domain === undefined ? {} : { domain_id: String(domain.value ?? NO_DOMAIN) };
    return (await this.database.table('role').find({ where, hints })).map(fromRow);
  }

  async listRolesFromIds(ids: readonly string[]): Promise<Role[]> {
    return (await this.database.table('role').find({ where: { id: [...new Set(ids)] } })).map(fromRow);
  }

  async getRole(id: string): Promise<Role> {
    const row = await this.database.table('role').get(id);
    if (row === null) throw new RoleNotFound({ role_id: id });
    return fromRow(row);
  }

  async updateRole(id: string, changes: Partial<Role>): Promise<Role> {
    const updated: Role = { ...(await this.getRole(id)), ...changes, id };
    const { extra, columns } = packExtra(updated, COLUMNS);
    await this.store(updated, () =>
      this.database
        .table('role')
        .update(
          { id },
          { name: updated.name, description: (columns.description as string | null) ?? null, extra },
        ),
    );
    return this.getRole(id);
  }

  async deleteRole(id: string): Promise<void> {
    const deleted = await this.database.table('role').delete({ id });
    if (deleted === 0) throw new RoleNotFound({ role_id: id });
  }

  async createImpliedRole(priorRoleId: string, impliedRoleId: string): Promise<ImpliedRole> {
    const rule = { prior_role_id: priorRoleId, implied_role_id: impliedRoleId };
    try {
      await this.database.table('implied_role').insert(rule);
    } catch (error) {
      if (error instanceof DuplicateError) {
        throw new Conflict({ type: 'implied_role', details: 'the rule exists already' }, { cause: error });
      }
      if (error instanceof ForeignKeyError) {
        await this.getRole(priorRoleId);
        throw new RoleNotFound({ role_id: impliedRoleId }, { cause: error });
      }
      throw error;
    }
    return rule;
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

function fromRow(row: RoleRow): Role {
  return {
    ...unpackExtra(row.extra),
    id: row.id,
    name: row.name,
    domain_id: row.domain_id === NO_DOMAIN ? null : row.domain_id,
    ...(row.description !== null && { description: row.description }),
  };
}
