import type { SectionDeclaration } from '../../common/config/declaration.js';

export const securityCompliance = {
  help: '',
  options: {
    allow_insecure_admin_trust_cross_project_credentials_access: {
      type: 'bool',
      default: false,
      help: '',
    },
    allow_insecure_application_credential_trust_escalation: {
      type: 'bool',
      default: false,
      help: '',
    },
    change_password_upon_first_use: {
      type: 'bool',
      default: false,
      help: '',
    },
    disable_user_account_days_inactive: {
      type: 'int',
      default: null,
      min: 1,
      help: '',
    },
    lockout_duration: {
      type: 'int',
      default: 1800,
      min: 1,
      help: '',
    },
    lockout_failure_attempts: {
      type: 'int',
      default: null,
      min: 1,
      help: '',
    },
    minimum_password_age: {
      type: 'int',
      default: 0,
      min: 0,
      help: '',
    },
    password_expires_days: {
      type: 'int',
      default: null,
      min: 1,
      help: '',
    },
    password_expires_ignore_user_ids: {
      type: 'list',
      default: [],
      help: '',
    },
    password_regex: {
      type: 'str',
      default: null,
      help: '',
    },
    password_regex_description: {
      type: 'str',
      default: null,
      help: '',
    },
    unique_last_password_count: {
      type: 'int',
      default: 1,
      min: 0,
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
