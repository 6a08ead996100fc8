/** Projects as API v2.0 has them: tenants, which know neither domains nor hierarchies. */
import type { Project } from './types.js';

export type Tenant = Pick<Project, 'id' | 'name' | 'enabled' | 'description'>;

export function presentTenant(project: Project): Tenant {
  const { domain_id: _domain, parent_id: _parent, is_domain: _isDomain, ...tenant } = project;
  return tenant;
}
