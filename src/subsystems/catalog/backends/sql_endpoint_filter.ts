/** Associations of endpoints with projects in `project_endpoint`, `endpoint_group` and `project_endpoint_group`. */
import { Conflict, EndpointGroupNotFound, NotFound } from '../../../common/errors.js';
import {
  type Database,
  DuplicateError,
  type EndpointGroupRow,
  prepareSql,
} from '../../../common/sql/index.js';
import type { EndpointFilterDriver } from '../driver.js';
import type { EndpointGroup, EndpointGroupFilters, ProjectEndpointGroup } from '../types.js';

const GROUPS_OF_PROJECT = prepareSql({
  text: `SELECT g.id, g.name, g.description, g.filters
    FROM endpoint_group g JOIN project_endpoint_group p ON p.endpoint_group_id = g.id
    WHERE p.project_id = ? ORDER BY g.id`,
  columns: { id: 'text', name: 'text', description: 'text?', filters: 'text' },
});

export abstract class SqlEndpointFilterDriver implements EndpointFilterDriver {
  constructor(protected readonly database: Database) {}

  async addEndpointToProject(endpointId: string, projectId: string): Promise<void> {
    const row = { endpoint_id: endpointId, project_id: projectId };
    await associate('project_endpoint', () => this.database.table('project_endpoint').insert(row));
  }

  async checkEndpointInProject(endpointId: string, projectId: string): Promise<void> {
    const row = { endpoint_id: endpointId, project_id: projectId };
    if ((await this.database.table('project_endpoint').get(row)) === null) {
      throw notInProject(endpointId, projectId);
    }
  }

  async removeEndpointFromProject(endpointId: string, projectId: string): Promise<void> {
    const row = { endpoint_id: endpointId, project_id: projectId };
    if ((await this.database.table('project_endpoint').delete(row)) === 0) {
      throw notInProject(endpointId, projectId);
    }
  }

  async listEndpointIdsOfProject(projectId: string): Promise<string[]> {
    const where = { project_id: projectId };
    const rows = await this.database.table('project_endpoint').find({ where, order: ['endpoint_id'] });
    return rows.map((row) => row.endpoint_id);
  }

  async listProjectIdsOfEndpoint(endpointId: string): Promise<string[]> {
    const where = { endpoint_id: endpointId };
    const rows = await this.database.table('project_endpoint').find({ where, order: ['project_id'] });
    return rows.map((row) => row.project_id);
  }

  async createEndpointGroup(group: EndpointGroup): Promise<EndpointGroup> {
    await this.database.table('endpoint_group').insert(toRow(group));
    return this.getEndpointGroup(group.id);
  }

  async listEndpointGroups(): Promise<EndpointGroup[]> {
    return (await this.database.table('endpoint_group').find({ order: ['id'] })).map(toGroup);
  }

  async listEndpointGroupsOfProject(projectId: string): Promise<EndpointGroup[]> {
    return (await this.database.query(GROUPS_OF_PROJECT, [projectId])).map(toGroup);
  }

  async getEndpointGroup(id: string): Promise<EndpointGroup> {
    const row = await this.database.table('endpoint_group').get(id);
    if (row === null) throw new EndpointGroupNotFound({ endpoint_group_id: id });
    return toGroup(row);
  }

  async updateEndpointGroup(id: string, changes: Partial<EndpointGroup>): Promise<EndpointGroup> {
    const { id: _id, ...columns } = toRow({ ...(await this.getEndpointGroup(id)), ...changes });
    await this.database.table('endpoint_group').update({ id }, columns);
    return this.getEndpointGroup(id);
  }

  async deleteEndpointGroup(id: string): Promise<void> {
    await this.database.table('project_endpoint_group').delete({ endpoint_group_id: id });
    if ((await this.database.table('endpoint_group').delete({ id })) === 0) {
      throw new EndpointGroupNotFound({ endpoint_group_id: id });
    }
  }

  async addEndpointGroupToProject(groupId: string, projectId: string): Promise<void> {
    const row = { endpoint_group_id: groupId, project_id: projectId };
    await associate('project_endpoint_group', () =>
      this.database.table('project_endpoint_group').insert(row),
    );
  }

  async getEndpointGroupInProject(groupId: string, projectId: string): Promise<ProjectEndpointGroup> {
    const row = { endpoint_group_id: groupId, project_id: projectId };
    const found = await this.database.table('project_endpoint_group').get(row);
    if (found === null) throw new NotFound('Endpoint Group Project Association not found');
    return found;
  }

  async removeEndpointGroupFromProject(groupId: string, projectId: string): Promise<void> {
    const row = { endpoint_group_id: groupId, project_id: projectId };
    if ((await this.database.table('project_endpoint_group').delete(row)) === 0) {
      throw new NotFound('Endpoint Group Project Association not found');
    }
  }

  async listProjectIdsOfEndpointGroup(groupId: string): Promise<string[]> {
    const where = { endpoint_group_id: groupId };
    const rows = await this.database.table('project_endpoint_group').find({ where, order: ['project_id'] });
    return rows.map((row) => row.project_id);
  }

  async deleteEndpointAssociations(endpointId: string): Promise<void> {
    await this.database.table('project_endpoint').delete({ endpoint_id: endpointId });
  }

  async deleteProjectAssociations(projectId: string): Promise<void> {
    await this.database.table('project_endpoint').delete({ project_id: projectId });
    await this.database.table('project_endpoint_group').delete({ project_id: projectId });
  }
}

function notInProject(endpointId: string, projectId: string): Error {
  return new NotFound(`Endpoint ${endpointId} not found in project ${projectId}`);
}

async function associate(type: string, insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!(error instanceof DuplicateError)) throw error;
    throw new Conflict({ type, details: 'Duplicate entry' }, { cause: error });
  }
}

function toRow({ id, name, description, filters }: EndpointGroup): EndpointGroupRow {
  return { id, name, description, filters: JSON.stringify(filters) };
}

function toGroup({ id, name, description, filters }: EndpointGroupRow): EndpointGroup {
  return { id, name, description, filters: JSON.parse(filters) as EndpointGroupFilters };
}
