/** Which attributes of the directory hold what, by the options of `[ldap]`. */
import {
  ATTRIBUTE_DESCRIPTION,
  checkedAttribute,
  checkedDn,
  operatorFilter,
  type TreeOptions,
} from '../../../common/ldap/index.js';
import { getLogger } from '../../../common/log/index.js';
import type { Conf } from '../../../conf/index.js';

export type LdapConf = Conf['ldap'];
type Kind = 'user' | 'group';

const log = getLogger('keystone.identity');

export interface Mapping {
  readonly tree: TreeOptions;
  /** Names of the API that are neither read nor written. */
  readonly ignored: ReadonlySet<string>;
  /** Further attributes: LDAP names by API name. */
  readonly additional: ReadonlyMap<string, readonly string[]>;
}

/** @throws LdapOptionError */
export function userMapping(options: LdapConf): Mapping {
  return mapping(
    'user',
    options,
    [
      ['name', 'user_name_attribute'],
      ['description', 'user_description_attribute'],
      ['email', 'user_mail_attribute'],
      ['password', 'user_pass_attribute'],
      ['enabled', 'user_enabled_attribute'],
      ['default_project_id', 'user_default_project_id_attribute'],
    ],
    { place: 'ou=Users', structuralClasses: ['person'] },
  );
}

/** @throws LdapOptionError */
export function groupMapping(options: LdapConf): Mapping {
  return mapping(
    'group',
    options,
    [
      ['name', 'group_name_attribute'],
      ['description', 'group_desc_attribute'],
    ],
    { place: 'ou=UserGroups', structuralClasses: [] },
  );
}

type AttributeOption =
  | 'user_name_attribute'
  | 'user_description_attribute'
  | 'user_mail_attribute'
  | 'user_pass_attribute'
  | 'user_enabled_attribute'
  | 'user_default_project_id_attribute'
  | 'group_name_attribute'
  | 'group_desc_attribute';

function mapping(
  kind: Kind,
  options: LdapConf,
  names: readonly (readonly [string, AttributeOption])[],
  defaults: { readonly place: string; readonly structuralClasses: readonly string[] },
): Mapping {
  const ignored = new Set<string>(options[`${kind}_attribute_ignore`]);
  const attributes = new Map<string, string>();
  for (const [name, option] of names) {
    const attribute = options[option];
    if (attribute === null || attribute === '') continue;
    // An ignored attribute is as good as none; who must know that there is an option asks `ignored`.
    if (!ignored.has(name)) attributes.set(name, checkedAttribute(option, attribute));
  }
  const additional = additionalAttributes(kind, options[`${kind}_additional_attribute_mapping`]);
  const idOption = `${kind}_id_attribute` as const;
  // Passwords are written, never read.
  const read = new Map([...attributes].filter(([name]) => name !== 'password'));
  return {
    tree: {
      kind,
      base: checkedDn(`${kind}_tree_dn`, options[`${kind}_tree_dn`] || `${defaults.place},${options.suffix}`),
      scope: options.query_scope,
      idAttribute: checkedAttribute(idOption, options[idOption] || 'cn'),
      objectClass: options[`${kind}_objectclass`] || (kind === 'user' ? 'inetOrgPerson' : 'groupOfNames'),
      structuralClasses: defaults.structuralClasses,
      filter: operatorFilter(`${kind}_filter`, options[`${kind}_filter`]),
      attributes: read,
      also: [...additional.values()].flat(),
    },
    ignored,
    additional,
  };
}

/** From `LDAP_ATTRIBUTE:API_ATTRIBUTE`. As in Keystone, what is written otherwise is passed over with a warning. */
function additionalAttributes(kind: Kind, list: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const item of list) {
    const [attribute, name, ...rest] = item.split(':').map((part) => part.trim());
    if (
      attribute === undefined ||
      !ATTRIBUTE_DESCRIPTION.test(attribute) ||
      name === undefined ||
      name === '' ||
      rest.length > 0
    ) {
      log.warn(
        `[ldap] ${kind}_additional_attribute_mapping: "${item}" is passed over: the form is LDAP_ATTRIBUTE:API_ATTRIBUTE`,
      );
      continue;
    }
    found.set(name, [...(found.get(name) ?? []), attribute]);
  }
  return found;
}
