import type { SectionDeclaration } from '../../common/config/declaration.js';

export const ldap = {
  help: 'Users and groups in an LDAP directory, with [identity] driver = ldap.',
  options: {
    alias_dereferencing: {
      type: 'str',
      default: 'default',
      choices: ['never', 'searching', 'always', 'finding', 'default'],
      help: 'When aliases in the directory are followed.',
    },
    allow_subtree_delete: {
      type: 'bool',
      default: false,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Delete entries together with those beneath them, by the tree delete control.',
    },
    auth_pool_connection_lifetime: {
      type: 'int',
      default: 60,
      min: 1,
      help: 'Seconds that a connection for password checks is kept.',
    },
    auth_pool_size: {
      type: 'int',
      default: 100,
      min: 1,
      help: 'Connections for password checks at most.',
    },
    chase_referrals: {
      type: 'bool',
      default: null,
      help: 'Follow referrals to other servers, without a password. Unset: no.',
    },
    connection_timeout: {
      type: 'int',
      default: -1,
      min: -1,
      help:
        'Seconds to wait for the connection to a directory server, TLS included. -1: as long as ' +
        'pool_connection_timeout, or 10.',
    },
    debug_level: {
      type: 'int',
      default: null,
      min: -1,
      help:
        'Anything but 0 writes each operation on the directory to the log at level INFO. The bits, which the ' +
        'Python library knows, make no difference.',
    },
    dumb_member: {
      type: 'str',
      default: 'cn=dumb,dc=nonexistent',
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Name of the member that use_dumb_member adds.',
    },
    group_ad_nesting: {
      type: 'bool',
      default: false,
      help: 'Count the members of groups within groups, by the matching rule of Active Directory.',
    },
    group_additional_attribute_mapping: {
      type: 'list',
      default: [],
      help: 'Further attributes of groups, as LDAP_ATTRIBUTE:API_ATTRIBUTE.',
    },
    group_allow_create: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Allow the API to create groups in the directory.',
    },
    group_allow_delete: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Allow the API to delete groups in the directory.',
    },
    group_allow_update: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Allow the API to change groups in the directory.',
    },
    group_attribute_ignore: {
      type: 'list',
      default: [],
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Attributes of groups that the API does not write.',
    },
    group_desc_attribute: {
      type: 'str',
      default: 'description',
      help: 'Attribute of the description of a group.',
    },
    group_filter: {
      type: 'str',
      default: null,
      help: 'Search filter that groups must match, such as (ou=cloud).',
    },
    group_id_attribute: {
      type: 'str',
      default: 'cn',
      help: 'Attribute of the id of a group; it must have one value.',
    },
    group_member_attribute: {
      type: 'str',
      default: 'member',
      help: 'Attribute that names the members of a group.',
    },
    group_members_are_ids: {
      type: 'bool',
      default: false,
      help: 'Members are named by their ids instead of their distinguished names, as in posixGroup.',
    },
    group_name_attribute: {
      type: 'str',
      default: 'ou',
      help: 'Attribute of the name of a group.',
    },
    group_objectclass: {
      type: 'str',
      default: 'groupOfNames',
      help: 'Object class of groups.',
    },
    group_tree_dn: {
      type: 'str',
      default: null,
      help: 'Where groups are searched. Unset: ou=UserGroups beneath suffix.',
    },
    page_size: {
      type: 'int',
      default: 0,
      min: 0,
      help: 'Entries that the directory is asked for at a time; 0 is all at once.',
    },
    password: {
      type: 'str',
      default: null,
      secret: true,
      help: 'Password of user.',
    },
    pool_connection_lifetime: {
      type: 'int',
      default: 600,
      min: 1,
      help: 'Seconds that a pooled connection is kept.',
    },
    pool_connection_timeout: {
      type: 'int',
      default: -1,
      min: -1,
      help: 'Seconds to wait for an answer of the directory, or for a free connection. -1: 30.',
    },
    pool_retry_delay: {
      type: 'float',
      default: 0.1,
      help: 'Seconds between two attempts to connect.',
    },
    pool_retry_max: {
      type: 'int',
      default: 3,
      min: 0,
      help: 'Attempts to connect before an operation fails.',
    },
    pool_size: {
      type: 'int',
      default: 10,
      min: 1,
      help: 'Connections at most.',
    },
    project_allow_create: {
      type: 'bool',
      default: true,
      help: 'Allow to create projects in the directory.',
    },
    project_allow_delete: {
      type: 'bool',
      default: true,
      help: 'Allow to delete projects in the directory.',
    },
    project_allow_update: {
      type: 'bool',
      default: true,
      help: 'Allow to change projects in the directory.',
    },
    project_desc_attribute: {
      type: 'str',
      default: 'description',
      help: 'Attribute of the description of a project.',
    },
    project_enabled_attribute: {
      type: 'str',
      default: null,
      help: 'Attribute that says TRUE or FALSE. Unset: all projects are enabled.',
    },
    project_filter: {
      type: 'str',
      default: null,
      help: 'Search filter that projects must match besides.',
    },
    project_id_attribute: {
      type: 'str',
      default: 'cn',
      help: 'Attribute of the id of a project.',
    },
    project_member_attribute: {
      type: 'str',
      default: 'member',
      help: 'Attribute that the class of projects demands a value of.',
    },
    project_name_attribute: {
      type: 'str',
      default: 'ou',
      help: 'Attribute of the name of a project.',
    },
    project_objectclass: {
      type: 'str',
      default: 'groupOfNames',
      help: 'Class of the entries of projects.',
    },
    project_tree_dn: {
      type: 'str',
      default: null,
      help: 'Where projects are, with [resource] driver = ldap. Unset: ou=Projects beneath suffix.',
    },
    query_scope: {
      type: 'str',
      default: 'one',
      choices: ['one', 'sub'],
      help: 'Search only directly beneath the search base (one), or everything under it (sub).',
    },
    randomize_urls: {
      type: 'bool',
      default: false,
      help: 'Try the servers of url in another order in each worker, which spreads the load.',
    },
    role_allow_create: {
      type: 'bool',
      default: true,
      help: 'Allow to create roles in the directory.',
    },
    role_allow_delete: {
      type: 'bool',
      default: true,
      help: 'Allow to delete roles in the directory.',
    },
    role_allow_update: {
      type: 'bool',
      default: true,
      help: 'Allow to change roles in the directory.',
    },
    role_filter: {
      type: 'str',
      default: null,
      help: 'Search filter that roles must match besides.',
    },
    role_id_attribute: {
      type: 'str',
      default: 'cn',
      help: 'Attribute of the id of a role.',
    },
    role_member_attribute: {
      type: 'str',
      default: 'roleOccupant',
      help: 'Attribute with the users and groups that have a role on a project.',
    },
    role_name_attribute: {
      type: 'str',
      default: 'ou',
      help: 'Attribute of the name of a role.',
    },
    role_objectclass: {
      type: 'str',
      default: 'organizationalRole',
      help: 'Class of the entries of roles, and of roles on projects.',
    },
    role_tree_dn: {
      type: 'str',
      default: null,
      help: 'Where roles are, with [role] driver = ldap. Unset: ou=Roles beneath suffix.',
    },
    suffix: {
      type: 'str',
      default: 'cn=example,cn=com',
      help: 'Suffix of the directory, from which unset search bases are made.',
    },
    tls_cacertdir: {
      type: 'str',
      default: null,
      help: 'Folder of CA certificates of directory servers.',
    },
    tls_cacertfile: {
      type: 'str',
      default: null,
      help: 'File of CA certificates of directory servers.',
    },
    tls_req_cert: {
      type: 'str',
      default: 'demand',
      choices: ['demand', 'never', 'allow'],
      help:
        "Whether the server's certificate is verified: demand refuses a wrong one, allow and never take " +
        'any, which protects against nobody who can change traffic.',
    },
    url: {
      type: 'str',
      default: 'ldap://localhost',
      help:
        'Directory server, as ldap://HOST or ldaps://HOST; several with commas between them are tried in ' +
        'order.',
    },
    use_auth_pool: {
      type: 'bool',
      default: true,
      help: 'Keep the connections by which passwords are checked.',
    },
    use_dumb_member: {
      type: 'bool',
      default: false,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Add dumb_member to new groups, for object classes that demand a member.',
    },
    use_pool: {
      type: 'bool',
      default: true,
      help: 'Keep connections to the directory.',
    },
    use_tls: {
      type: 'bool',
      default: false,
      help: 'Encrypt ldap:// connections by StartTLS. Not together with ldaps://.',
    },
    user: {
      type: 'str',
      default: null,
      help: 'Distinguished name that searches the directory. Unset: anonymously.',
    },
    user_additional_attribute_mapping: {
      type: 'list',
      default: [],
      help: 'Further attributes of users, as LDAP_ATTRIBUTE:API_ATTRIBUTE.',
    },
    user_allow_create: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Allow the API to create users in the directory.',
    },
    user_allow_delete: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Allow the API to delete users in the directory.',
    },
    user_allow_update: {
      type: 'bool',
      default: true,
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Allow the API to change users in the directory.',
    },
    user_attribute_ignore: {
      type: 'list',
      default: ['default_project_id'],
      deprecatedForRemoval: 'writing to directories is deprecated',
      help: 'Attributes of users that the API does not write.',
    },
    user_default_project_id_attribute: {
      type: 'str',
      default: null,
      help: 'Attribute of the default project of a user.',
    },
    user_description_attribute: {
      type: 'str',
      default: 'description',
      help: 'Attribute of the description of a user.',
    },
    user_enabled_attribute: {
      type: 'str',
      default: 'enabled',
      help: 'Attribute that says whether a user is enabled; userAccountControl in Active Directory.',
    },
    user_enabled_default: {
      type: 'str',
      default: 'True',
      help:
        'Value of user_enabled_attribute of a user that has none, and of new users; 512 in Active ' +
        'Directory.',
    },
    user_enabled_emulation: {
      type: 'bool',
      default: false,
      help: 'Users are enabled when they are members of user_enabled_emulation_dn.',
    },
    user_enabled_emulation_dn: {
      type: 'str',
      default: null,
      help: 'Group of the enabled users. Unset: cn=enabled_users in the search base of users.',
    },
    user_enabled_emulation_use_group_config: {
      type: 'bool',
      default: false,
      help: 'Use group_member_attribute and group_objectclass for that group.',
    },
    user_enabled_invert: {
      type: 'bool',
      default: false,
      help: 'A true value of user_enabled_attribute means disabled.',
    },
    user_enabled_mask: {
      type: 'int',
      default: 0,
      min: 0,
      help:
        'Bit of user_enabled_attribute that means disabled; 2 in Active Directory. 0: the whole value ' +
        'counts.',
    },
    user_filter: {
      type: 'str',
      default: null,
      help: 'Search filter that users must match, such as (memberOf=cn=cloud,dc=example,dc=com).',
    },
    user_id_attribute: {
      type: 'str',
      default: 'cn',
      help: 'Attribute of the id of a user; it must have one value.',
    },
    user_mail_attribute: {
      type: 'str',
      default: 'mail',
      help: 'Attribute of the mail address of a user.',
    },
    user_name_attribute: {
      type: 'str',
      default: 'sn',
      help: 'Attribute of the name of a user.',
    },
    user_objectclass: {
      type: 'str',
      default: 'inetOrgPerson',
      help: 'Object class of users.',
    },
    user_pass_attribute: {
      type: 'str',
      default: 'userPassword',
      help: 'Attribute that a new password is written to.',
    },
    user_tree_dn: {
      type: 'str',
      default: null,
      help: 'Where users are searched. Unset: ou=Users beneath suffix.',
    },
  },
} as const satisfies SectionDeclaration;
