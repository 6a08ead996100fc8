/**
 * Where projects and roles lie in a directory, as in Keystone up to Liberty: projects are entries of their own, and a
 * role on a project is an entry beneath it that lists its occupants.
 */
import { checkedAttribute, checkedDn, operatorFilter } from './checks.js';
import type { TreeOptions } from './tree.js';

/** Options of `[ldap]` that say where everything is. */
export interface AssignmentTreeConf {
  readonly suffix: string;
  readonly query_scope: 'one' | 'sub';
  readonly project_tree_dn: string | null;
  readonly project_filter: string | null;
  readonly project_objectclass: string;
  readonly project_id_attribute: string;
  readonly project_name_attribute: string;
  readonly project_desc_attribute: string;
  readonly project_enabled_attribute: string | null;
  readonly role_tree_dn: string | null;
  readonly role_filter: string | null;
  readonly role_objectclass: string;
  readonly role_id_attribute: string;
  readonly role_name_attribute: string;
  readonly user_tree_dn: string | null;
  readonly user_objectclass: string;
  readonly user_id_attribute: string;
  readonly group_tree_dn: string | null;
  readonly group_objectclass: string;
  readonly group_id_attribute: string;
}

/** @throws LdapOptionError */
export function projectTree(options: AssignmentTreeConf): TreeOptions {
  const { project_enabled_attribute: enabled } = options;
  return {
    kind: 'project',
    base: checkedDn('project_tree_dn', options.project_tree_dn || `ou=Projects,${options.suffix}`),
    scope: options.query_scope,
    idAttribute: checkedAttribute('project_id_attribute', options.project_id_attribute),
    objectClass: options.project_objectclass,
    structuralClasses: [],
    filter: operatorFilter('project_filter', options.project_filter),
    attributes: new Map([
      ['name', checkedAttribute('project_name_attribute', options.project_name_attribute)],
      ['description', checkedAttribute('project_desc_attribute', options.project_desc_attribute)],
      ...(enabled ? [['enabled', checkedAttribute('project_enabled_attribute', enabled)] as const] : []),
    ]),
    also: [],
  };
}

/** @throws LdapOptionError */
export function roleTree(options: AssignmentTreeConf): TreeOptions {
  return {
    kind: 'role',
    base: checkedDn('role_tree_dn', options.role_tree_dn || `ou=Roles,${options.suffix}`),
    scope: options.query_scope,
    idAttribute: checkedAttribute('role_id_attribute', options.role_id_attribute),
    objectClass: options.role_objectclass,
    structuralClasses: [],
    filter: operatorFilter('role_filter', options.role_filter),
    attributes: new Map([
      ['name', checkedAttribute('role_name_attribute', options.role_name_attribute)],
      ['description', 'description'],
    ]),
    also: [],
  };
}

/** Users or groups, only to tell their names and ids apart. @throws LdapOptionError */
export function actorTree(kind: 'user' | 'group', options: AssignmentTreeConf): TreeOptions {
  const place = kind === 'user' ? 'ou=Users' : 'ou=UserGroups';
  return {
    kind,
    base: checkedDn(`${kind}_tree_dn`, options[`${kind}_tree_dn`] || `${place},${options.suffix}`),
    scope: options.query_scope,
    idAttribute: checkedAttribute(`${kind}_id_attribute`, options[`${kind}_id_attribute`]),
    objectClass: options[`${kind}_objectclass`],
    structuralClasses: [],
    filter: null,
    attributes: new Map(),
    also: [],
  };
}
