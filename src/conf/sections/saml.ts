import type { SectionDeclaration } from '../../common/config/declaration.js';

export const saml = {
  help: 'This cloud as a SAML identity provider for other clouds.',
  options: {
    assertion_expiration_time: {
      type: 'int',
      default: 3600,
      inert: 'federation is not available',
      help: 'Seconds that an assertion is valid.',
    },
    certfile: {
      type: 'str',
      default: '/etc/keystone/ssl/certs/signing_cert.pem',
      help: 'Certificate of keyfile, which other clouds verify assertions with.',
    },
    idp_contact_company: {
      type: 'str',
      default: 'Example, Inc.',
      inert: 'federation is not available',
      help: 'Company of the contact in the metadata.',
    },
    idp_contact_email: {
      type: 'str',
      default: 'support@example.com',
      inert: 'federation is not available',
      help: 'Mail address of the contact in the metadata.',
    },
    idp_contact_name: {
      type: 'str',
      default: 'SAML Identity Provider Support',
      inert: 'federation is not available',
      help: 'Given name of the contact in the metadata.',
    },
    idp_contact_surname: {
      type: 'str',
      default: 'Support',
      inert: 'federation is not available',
      help: 'Surname of the contact in the metadata.',
    },
    idp_contact_telephone: {
      type: 'str',
      default: '+1 800 555 0100',
      inert: 'federation is not available',
      help: 'Telephone number of the contact in the metadata.',
    },
    idp_contact_type: {
      type: 'str',
      default: 'other',
      choices: ['technical', 'support', 'administrative', 'billing', 'other'],
      inert: 'federation is not available',
      help: 'Kind of the contact in the metadata.',
    },
    idp_entity_id: {
      type: 'uri',
      default: null,
      inert: 'federation is not available',
      help:
        'Entity id of this cloud as an identity provider, such as ' +
        'https://identity.example.com/v3/OS-FEDERATION/saml2/idp.',
    },
    idp_lang: {
      type: 'str',
      default: 'en',
      inert: 'federation is not available',
      help: "Language of the organization's names in the metadata.",
    },
    idp_metadata_path: {
      type: 'str',
      default: '/etc/keystone/saml2_idp_metadata.xml',
      inert: 'federation is not available',
      help: 'File of the metadata, made by keystone-manage saml_idp_metadata.',
    },
    idp_organization_display_name: {
      type: 'str',
      default: 'OpenStack SAML Identity Provider',
      inert: 'federation is not available',
      help: 'Name of the organization for people in the metadata.',
    },
    idp_organization_name: {
      type: 'str',
      default: 'SAML Identity Provider',
      inert: 'federation is not available',
      help: 'Name of the organization in the metadata.',
    },
    idp_organization_url: {
      type: 'uri',
      default: 'https://example.com/',
      inert: 'federation is not available',
      help: 'Web site of the organization in the metadata.',
    },
    idp_sso_endpoint: {
      type: 'uri',
      default: null,
      inert: 'federation is not available',
      help: 'URL of the sign-in by POST in the metadata.',
    },
    keyfile: {
      type: 'str',
      default: '/etc/keystone/ssl/private/signing_key.pem',
      help: 'Private key that assertions are signed with.',
    },
    relay_state_prefix: {
      type: 'str',
      default: 'ss:mem:',
      help: 'What the relay state of ECP assertions begins with.',
    },
    xmlsec1_binary: {
      type: 'str',
      default: 'xmlsec1',
      inert: 'XML is signed within the process',
      help: 'Program that signs XML.',
    },
  },
} as const satisfies SectionDeclaration;
