/** LDAP directories. `directory.ts` is the port; the other files are what it is made of. */
export { type AssignmentTreeConf, actorTree, projectTree, roleTree } from './assignment_trees.js';
export { ATTRIBUTE_DESCRIPTION, checkedAttribute, checkedDn, operatorFilter } from './checks.js';
export { LdapDirectory, NAMES_ONLY, type SearchRequest } from './directory.js';
export {
  comparable,
  DnError,
  dnKey,
  escapeDnValue,
  firstAva,
  formatDn,
  isBelow,
  isDn,
  parseDn,
  sameDn,
} from './dn.js';
export { apiError, ConnectionLost, isOverload, LdapError, LdapOptionError, RESULT } from './errors.js';
export {
  ANYTHING,
  and,
  byRule,
  contains,
  endsWith,
  equals,
  type Filter,
  filterText,
  NOTHING,
  or,
  present,
  startsWith,
} from './filter.js';
export { FilterError, parseFilter } from './filter_parser.js';
export { type Change, Entry, type Values } from './messages.js';
export type { LdapOptions } from './options.js';
export type { ProbeStep } from './probe.js';
export { LdapTree, type TreeOptions } from './tree.js';
