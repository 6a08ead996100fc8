/** Routes of domains and projects. */
import { coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';
import { DOMAIN_FILTERS, DomainController, PROJECT_FILTERS, ProjectController } from './controllers.js';
import type { ResourceManager } from './manager.js';
import { domainCreate, domainUpdate, projectCreate, projectUpdate } from './schema.js';

export function resourceRoutes(manager: ResourceManager, conf: Conf): readonly Route[] {
  return [...domainRoutes(manager), ...projectRoutes(manager, conf)];
}

function domainRoutes(manager: ResourceManager): Route[] {
  const domains = new DomainController(manager);
  const one = (action: string): Access => ({
    kind: 'protected',
    target: `identity:${action}_domain`,
    members: domains.target,
  });
  const path = '/domains/{domain_id}';
  return [
    {
      method: 'POST',
      path: '/domains',
      access: { kind: 'protected', target: 'identity:create_domain' },
      schema: { member: 'domain', schema: domainCreate },
      handler: domains.create,
      rel: coreRel('domains'),
    },
    {
      method: 'GET',
      path: '/domains',
      access: { kind: 'filter', target: 'identity:list_domains', filters: DOMAIN_FILTERS },
      handler: domains.list,
    },
    { method: 'GET', path, access: one('get'), handler: domains.get, rel: coreRel('domain') },
    {
      method: 'PATCH',
      path,
      access: one('update'),
      schema: { member: 'domain', schema: domainUpdate },
      handler: domains.update,
    },
    { method: 'DELETE', path, access: one('delete'), handler: domains.delete },
  ];
}

function projectRoutes(manager: ResourceManager, conf: Conf): Route[] {
  const projects = new ProjectController(manager, conf);
  const one = (action: string): Access => ({
    kind: 'protected',
    target: `identity:${action}_project`,
    members: projects.target,
  });
  const path = '/projects/{project_id}';
  return [
    {
      method: 'POST',
      path: '/projects',
      access: { kind: 'protected', target: 'identity:create_project' },
      schema: { member: 'project', schema: projectCreate },
      handler: projects.create,
      rel: coreRel('projects'),
    },
    {
      method: 'GET',
      path: '/projects',
      access: { kind: 'filter', target: 'identity:list_projects', filters: PROJECT_FILTERS },
      handler: projects.list,
    },
    { method: 'GET', path, access: one('get'), handler: projects.get, rel: coreRel('project') },
    {
      method: 'PATCH',
      path,
      access: one('update'),
      schema: { member: 'project', schema: projectUpdate },
      handler: projects.update,
    },
    { method: 'DELETE', path, access: one('delete'), handler: projects.delete },
  ];
}
