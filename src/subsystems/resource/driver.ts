/** What a store of projects can do. A domain is a project with `is_domain`; the hidden root is never seen. */
import type { Hints } from '../../common/hints.js';
import type { ShapeOf } from '../../common/shape.js';
import type { DomainSummary, Project, ProjectSummary } from './types.js';

export interface ResourceDriver {
  /** @throws Conflict when id or name (in the domain) is taken */
  createProject(project: Project): Promise<Project>;
  /** @throws ProjectNotFound */
  getProject(id: string): Promise<Project>;
  /** @param domainId null to find a project that acts as a domain @throws ProjectNotFound */
  getProjectByName(name: string, domainId: string | null): Promise<Project>;
  /** One look-up for tokens; null when there is none. */
  projectSummary(id: string): Promise<ProjectSummary | null>;
  /** One look-up for tokens; null when there is no such domain. */
  domainSummary(id: string): Promise<DomainSummary | null>;
  /** @throws ProjectNotFound, Conflict */
  updateProject(id: string, changes: Partial<Project>): Promise<Project>;
  /** Set `enabled` of many projects at once. */
  setEnabled(ids: readonly string[], enabled: boolean): Promise<void>;
  /** Delete projects, children before parents. @throws ForbiddenNotSecurity while something belongs to one */
  deleteProjects(ids: readonly string[]): Promise<void>;
  /** Filters that the backend applied are marked satisfied in the hints. */
  listProjects(hints: Hints): Promise<Project[]>;
  listProjectsFromIds(ids: readonly string[]): Promise<Project[]>;
  /** All ancestors, nearest first, the domain last. */
  listParents(id: string): Promise<Project[]>;
  /** All descendants, parents before children. */
  listSubtree(id: string): Promise<Project[]>;
}

/** What is asked of drivers of packages. */
export const RESOURCE_DRIVER_SHAPE: ShapeOf<ResourceDriver> = {
  createProject: 'method',
  getProject: 'method',
  getProjectByName: 'method',
  projectSummary: 'method',
  domainSummary: 'method',
  updateProject: 'method',
  setEnabled: 'method',
  deleteProjects: 'method',
  listProjects: 'method',
  listProjectsFromIds: 'method',
  listParents: 'method',
  listSubtree: 'method',
};
