import type { SectionDeclaration } from '../../common/config/declaration.js';

export const securityCompliance = {
  help: 'Rules for passwords and accounts (PCI DSS). They concern users of the sql backend.',
  options: {
    allow_insecure_admin_trust_cross_project_credentials_access: {
      type: 'bool',
      default: false,
      deprecatedForRemoval: 'it weakens the confinement of delegated tokens',
      inert: 'delegated tokens stay confined',
      help: 'Let delegated tokens of administrators reach EC2 credentials of other projects.',
    },
    allow_insecure_application_credential_trust_escalation: {
      type: 'bool',
      default: false,
      deprecatedForRemoval: 'it weakens the confinement of delegated tokens',
      inert: 'there are no application credentials',
      help: 'Let tokens of application credentials create, delete and list trusts.',
    },
    change_password_upon_first_use: {
      type: 'bool',
      default: false,
      inert: 'passwords that administrators set are as good as others',
      help: 'Let users change a password that an administrator gave them before they can do anything else.',
    },
    disable_user_account_days_inactive: {
      type: 'int',
      default: null,
      min: 1,
      help: 'Days without a sign-in after which a user counts as disabled. Unset: never.',
    },
    lockout_duration: {
      type: 'int',
      default: 1800,
      min: 1,
      help: 'Seconds that a user stays locked after lockout_failure_attempts.',
    },
    lockout_failure_attempts: {
      type: 'int',
      default: null,
      min: 1,
      help: 'Wrong passwords in a row after which a user is locked. Unset: never.',
    },
    minimum_password_age: {
      type: 'int',
      default: 0,
      min: 0,
      help: 'Days that a password must be kept before its user may change it. Administrators may at any time.',
    },
    password_expires_days: {
      type: 'int',
      default: null,
      min: 1,
      help: 'Days after which a new password expires. Unset: never.',
    },
    password_expires_ignore_user_ids: {
      type: 'list',
      default: [],
      help: 'Ids of users whose passwords do not expire.',
    },
    password_regex: {
      type: 'str',
      default: null,
      help:
        'Regular expression (of Python) that a new password must match, such as ' +
        '^(?=.*\\d)(?=.*[a-zA-Z]).{7,}$ for a letter, a digit and seven characters.',
    },
    password_regex_description: {
      type: 'str',
      default: null,
      help: 'What users are told who choose a password that password_regex refuses.',
    },
    unique_last_password_count: {
      type: 'int',
      default: 1,
      min: 0,
      help:
        'How many passwords, the new one included, must differ from each other; 1 and 0 allow to take an ' +
        'old one again.',
    },
  },
} as const satisfies SectionDeclaration;
