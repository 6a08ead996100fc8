/** Projects and domains in the SQL table `project`. */
import { Conflict, ForbiddenNotSecurity, ProjectNotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { asBoolean } from '../../../common/http/query.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import {
  type Database,
  DuplicateError,
  ForeignKeyError,
  type ProjectRow,
  prepareSql,
} from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { ResourceDriver } from '../driver.js';
import type { DomainSummary, Project, ProjectSummary } from '../types.js';

/** The row that all domains belong to, so that their names are unique. Never shown. */
const ROOT = '<<keystone.domain.root>>';
const COLUMNS = ['id', 'name', 'description', 'enabled', 'domain_id', 'parent_id', 'is_domain'] as const;

const PROJECT_SUMMARY = prepareSql({
  text: `SELECT p.id, p.name, p.enabled, p.is_domain, p.domain_id, d.name AS domain_name, d.enabled AS domain_enabled
    FROM project p JOIN project d ON d.id = p.domain_id WHERE p.id = ?`,
  columns: {
    id: 'text',
    name: 'text',
    enabled: 'boolean?',
    is_domain: 'boolean',
    domain_id: 'text',
    domain_name: 'text',
    domain_enabled: 'boolean?',
  },
});

const DOMAIN_SUMMARY = prepareSql({
  text: 'SELECT id, name, enabled FROM project WHERE id = ? AND is_domain = TRUE',
  columns: { id: 'text', name: 'text', enabled: 'boolean?' },
});

const ROW = {
  id: 'text',
  name: 'text',
  extra: 'text?',
  description: 'text?',
  enabled: 'boolean?',
  domain_id: 'text',
  parent_id: 'text?',
  is_domain: 'boolean',
} as const;

/** Asked for each token that names its scope: hence prepared. Names are unique per domain. */
const BY_NAME = prepareSql({
  text: `SELECT id, name, extra, description, enabled, domain_id, parent_id, is_domain
    FROM project WHERE name = ? AND domain_id = ?`,
  columns: ROW,
});

/** `depth` ends the walk should a damaged database hold a circle. */
const MAX_DEPTH = 1000;

const PARENTS = prepareSql({
  text: `WITH RECURSIVE ancestor (id, depth) AS (
      SELECT parent_id, 1 FROM project WHERE id = ?
      UNION ALL
      SELECT p.parent_id, a.depth + 1 FROM project p JOIN ancestor a ON p.id = a.id WHERE a.depth < ${MAX_DEPTH})
    SELECT p.id, p.name, p.extra, p.description, p.enabled, p.domain_id, p.parent_id, p.is_domain
    FROM ancestor a JOIN project p ON p.id = a.id ORDER BY a.depth`,
  columns: ROW,
});

const SUBTREE = prepareSql({
  text: `WITH RECURSIVE descendant (id, depth) AS (
      SELECT id, 1 FROM project WHERE parent_id = ?
      UNION ALL
      SELECT p.id, d.depth + 1 FROM project p JOIN descendant d ON p.parent_id = d.id WHERE d.depth < ${MAX_DEPTH})
    SELECT p.id, p.name, p.extra, p.description, p.enabled, p.domain_id, p.parent_id, p.is_domain
    FROM descendant d JOIN project p ON p.id = d.id ORDER BY d.depth, p.name`,
  columns: ROW,
});

const SET_ENABLED = prepareSql({ text: 'UPDATE project SET enabled = ? WHERE id IN (??)' });

export function createDriver({ database }: DriverContext): ResourceDriver {
  return new SqlResourceDriver(database);
}

class SqlResourceDriver implements ResourceDriver {
  constructor(private readonly database: Database) {}

  async createProject(project: Project): Promise<Project> {
    const { extra } = packExtra(project, COLUMNS);
    await this.store(project, () =>
      this.database.table('project').insert({
        id: project.id,
        name: project.name,
        description: project.description,
        enabled: project.enabled,
        domain_id: project.domain_id ?? ROOT,
        parent_id: project.parent_id,
        is_domain: project.is_domain,
        extra,
      }),
    );
    return this.getProject(project.id);
  }

  async getProject(id: string): Promise<Project> {
    const row = id === ROOT ? null : await this.database.table('project').get(id);
    // Some databases compare without regard to case: only the very id counts.
    if (row === null || row.id !== id) throw new ProjectNotFound({ project_id: id });
    return fromRow(row);
  }

  async getProjectByName(name: string, domainId: string | null): Promise<Project> {
    const [row] = await this.database.query(BY_NAME, [name, domainId ?? ROOT]);
    if (row === undefined || row.id === ROOT) throw new ProjectNotFound({ project_id: name });
    return fromRow(row);
  }

  async projectSummary(id: string): Promise<ProjectSummary | null> {
    const [row] = id === ROOT ? [] : await this.database.query(PROJECT_SUMMARY, [id]);
    if (row === undefined || row.id !== id) return null;
    const isRoot = row.domain_id === ROOT;
    return {
      id: row.id,
      name: row.name,
      enabled: row.enabled === true,
      is_domain: row.is_domain,
      domain_id: isRoot ? null : row.domain_id,
      domain: isRoot
        ? null
        : { id: row.domain_id, name: row.domain_name, enabled: row.domain_enabled === true },
    };
  }

  async domainSummary(id: string): Promise<DomainSummary | null> {
    const [row] = id === ROOT ? [] : await this.database.query(DOMAIN_SUMMARY, [id]);
    if (row === undefined || row.id !== id) return null;
    return { id: row.id, name: row.name, enabled: row.enabled === true };
  }

  async updateProject(id: string, changes: Partial<Project>): Promise<Project> {
    const updated = { ...(await this.getProject(id)), ...changes, id } as Project;
    const { extra } = packExtra(updated, COLUMNS);
    await this.store(updated, () =>
      this.database.table('project').update(
        { id },
        {
          name: updated.name,
          description: updated.description,
          enabled: updated.enabled,
          domain_id: updated.domain_id ?? ROOT,
          parent_id: updated.parent_id,
          extra,
        },
      ),
    );
    return this.getProject(id);
  }

  async setEnabled(ids: readonly string[], enabled: boolean): Promise<void> {
    if (ids.length > 0) await this.database.execute(SET_ENABLED, [enabled, ids]);
  }

  async deleteProjects(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      try {
        await this.database.table('project').delete({ id });
      } catch (error) {
        if (!(error instanceof ForeignKeyError)) throw error;
        throw new ForbiddenNotSecurity(`Cannot delete the project ${id}, something still belongs to it.`, {
          cause: error,
        });
      }
    }
  }

  async listProjects(hints: Hints): Promise<Project[]> {
    const where: { is_domain?: boolean; domain_id?: { not: string }; id: { not: string } } = {
      id: { not: ROOT },
    };
    // Domains have no domain, as far as anybody is told: no filter on it finds them.
    if (hints.filters.some(({ name }) => name === 'domain_id')) where.domain_id = { not: ROOT };
    const isDomain = hints.exact('is_domain');
    if (isDomain !== undefined) {
      isDomain.satisfied = true;
      where.is_domain = asBoolean(String(isDomain.value));
    }
    const rows = await this.database.table('project').find({ where, hints, order: ['name'] });
    return rows.map(fromRow);
  }

  async listProjectsFromIds(ids: readonly string[]): Promise<Project[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.table('project').find({ where: { id: [...new Set(ids)] } });
    return rows.filter((row) => row.id !== ROOT).map(fromRow);
  }

  async listParents(id: string): Promise<Project[]> {
    return (await this.database.query(PARENTS, [id])).filter((row) => row.id !== ROOT).map(fromRow);
  }

  async listSubtree(id: string): Promise<Project[]> {
    return (await this.database.query(SUBTREE, [id])).map(fromRow);
  }

  private async store(project: Project, write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      // Domain and parent were there when they were looked up.
      if (error instanceof ForeignKeyError) {
        throw new ProjectNotFound({ project_id: project.parent_id }, { cause: error });
      }
      if (!(error instanceof DuplicateError)) throw error;
      const details = project.is_domain
        ? `it is not permitted to have two projects acting as domains with the same name: ${project.name}`
        : `it is not permitted to have two projects with the same name in the same domain : ${project.name}`;
      throw new Conflict({ type: 'project', details }, { cause: error });
    }
  }
}

function fromRow(row: ProjectRow): Project {
  return {
    ...unpackExtra(row.extra),
    id: row.id,
    name: row.name,
    description: row.description,
    enabled: row.enabled === true,
    domain_id: row.domain_id === ROOT ? null : row.domain_id,
    parent_id: row.parent_id,
    is_domain: row.is_domain,
  };
}
