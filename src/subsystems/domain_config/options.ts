/** Which options of which sections a domain may have of its own, and which of them are never shown. */
import type { Conf } from '../../conf/index.js';

const WHITELISTED = {
  identity: ['driver', 'list_limit'],
  ldap: [
    'url',
    'user',
    'suffix',
    'use_dumb_member',
    'dumb_member',
    'allow_subtree_delete',
    'query_scope',
    'page_size',
    'alias_dereferencing',
    'debug_level',
    'chase_referrals',
    'user_tree_dn',
    'user_filter',
    'user_objectclass',
    'user_id_attribute',
    'user_name_attribute',
    'user_mail_attribute',
    'user_description_attribute',
    'user_pass_attribute',
    'user_enabled_attribute',
    'user_enabled_invert',
    'user_enabled_mask',
    'user_enabled_default',
    'user_attribute_ignore',
    'user_default_project_id_attribute',
    'user_allow_create',
    'user_allow_update',
    'user_allow_delete',
    'user_enabled_emulation',
    'user_enabled_emulation_dn',
    'user_enabled_emulation_use_group_config',
    'user_additional_attribute_mapping',
    'group_tree_dn',
    'group_filter',
    'group_objectclass',
    'group_id_attribute',
    'group_name_attribute',
    'group_member_attribute',
    'group_desc_attribute',
    'group_attribute_ignore',
    'group_allow_create',
    'group_allow_update',
    'group_allow_delete',
    'group_additional_attribute_mapping',
    'tls_cacertfile',
    'tls_cacertdir',
    'use_tls',
    'tls_req_cert',
    'use_pool',
    'pool_size',
    'pool_retry_max',
    'pool_retry_delay',
    'pool_connection_timeout',
    'pool_connection_lifetime',
    'use_auth_pool',
    'auth_pool_size',
    'auth_pool_connection_lifetime',
  ],
} as const satisfies { readonly [Group in 'identity' | 'ldap']: readonly (keyof Conf[Group])[] };

const SENSITIVE: Readonly<Record<keyof typeof WHITELISTED, readonly string[]>> = {
  identity: [],
  ldap: ['password'],
};

export type ConfigGroup = keyof typeof WHITELISTED;

export const GROUPS: readonly ConfigGroup[] = ['identity', 'ldap'];

export function isGroup(name: string): name is ConfigGroup {
  return Object.hasOwn(WHITELISTED, name);
}

export function whitelisted(group: ConfigGroup): readonly string[] {
  return WHITELISTED[group];
}

export function isSensitive(group: ConfigGroup, option: string): boolean {
  return SENSITIVE[group].includes(option);
}

export function isSupported(group: ConfigGroup, option: string): boolean {
  return whitelisted(group).includes(option) || isSensitive(group, option);
}
