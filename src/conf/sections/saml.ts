import type { SectionDeclaration } from '../../common/config/declaration.js';

export const saml = {
  help: '',
  options: {
    assertion_expiration_time: {
      type: 'int',
      default: 3600,
      help: '',
    },
    certfile: {
      type: 'str',
      default: '/etc/keystone/ssl/certs/signing_cert.pem',
      help: '',
    },
    idp_contact_company: {
      type: 'str',
      default: 'Example, Inc.',
      help: '',
    },
    idp_contact_email: {
      type: 'str',
      default: 'support@example.com',
      help: '',
    },
    idp_contact_name: {
      type: 'str',
      default: 'SAML Identity Provider Support',
      help: '',
    },
    idp_contact_surname: {
      type: 'str',
      default: 'Support',
      help: '',
    },
    idp_contact_telephone: {
      type: 'str',
      default: '+1 800 555 0100',
      help: '',
    },
    idp_contact_type: {
      type: 'str',
      default: 'other',
      choices: ['technical', 'support', 'administrative', 'billing', 'other'],
      help: '',
    },
    idp_entity_id: {
      type: 'uri',
      default: null,
      help: '',
    },
    idp_lang: {
      type: 'str',
      default: 'en',
      help: '',
    },
    idp_metadata_path: {
      type: 'str',
      default: '/etc/keystone/saml2_idp_metadata.xml',
      help: '',
    },
    idp_organization_display_name: {
      type: 'str',
      default: 'OpenStack SAML Identity Provider',
      help: '',
    },
    idp_organization_name: {
      type: 'str',
      default: 'SAML Identity Provider',
      help: '',
    },
    idp_organization_url: {
      type: 'uri',
      default: 'https://example.com/',
      help: '',
    },
    idp_sso_endpoint: {
      type: 'uri',
      default: null,
      help: '',
    },
    keyfile: {
      type: 'str',
      default: '/etc/keystone/ssl/private/signing_key.pem',
      help: '',
    },
    relay_state_prefix: {
      type: 'str',
      default: 'ss:mem:',
      help: '',
    },
    xmlsec1_binary: {
      type: 'str',
      default: 'xmlsec1',
      help: '',
    },
  },
} as const satisfies SectionDeclaration;
