/**
 * The error catalogue: every error that an API caller can see, with its HTTP status, its title and its text.
 *
 * Texts and statuses are part of the API contract (Identity API reference; clients match on them). An error carries
 * two texts: `message`, which a client may see, and `detail`, which only the log gets, except under
 * `[DEFAULT] insecure_debug`, when `common/http/render_error.ts` shows the detail with an amendment.
 *
 * - Errors of the security family (401, 403, 500) never show a free text: `new Forbidden('why')` keeps "why" as detail.
 * - All others show a free text when one is given: `new ValidationError('Cannot change ID')`.
 * - With named fields, the text of the catalogue is filled in: `new RoleNotFound({ role_id: 'r1' })`.
 */

/** Names of the `%(name)s` fields in a message template. */
type FieldNames<Template extends string> = Template extends `${string}%(${infer Name})${infer Rest}`
  ? Name | FieldNames<Rest>
  : never;

type FieldValue = string | number | null | undefined;
type Fields<Template extends string> = { readonly [Name in FieldNames<Template>]: FieldValue };
type ErrorArguments<Template extends string> = [FieldNames<Template>] extends [never]
  ? [detail?: string, options?: ErrorOptions]
  : [fieldsOrText: Fields<Template> | string, options?: ErrorOptions];

/** An error of one catalogue entry. */
export interface CatalogError<Template extends string> extends KeystoneError {
  readonly template: Template;
}

export interface ErrorClass<Template extends string = string> {
  new (...args: ErrorArguments<Template>): CatalogError<Template>;
  readonly prototype: CatalogError<Template>;
}

/** Base of all API errors. `name` is the catalogue name, as in Keystone's exception module. */
export class KeystoneError extends Error {
  declare readonly status: number;
  declare readonly title: string;
  /** Whether a free text is kept from the client unless `insecure_debug` is on. */
  declare readonly hidesDetail: boolean;
  /** What the log gets beside the message; null when there is nothing more to say. */
  readonly detail: string | null;
  /** `error.identity` of the body (authentication plugins only). */
  authentication: Readonly<Record<string, unknown>> | null = null;

  constructor(message: string, detail: string | null, options?: ErrorOptions) {
    super(message, options);
    this.detail = detail;
  }
}

interface Attributes {
  readonly status?: number;
  readonly title?: string;
  readonly hidesDetail?: boolean;
  /** Text of the detail when no free text is given (used with hidden messages). */
  readonly detailTemplate?: string;
}

function fill(template: string, fields: Readonly<Record<string, FieldValue>>): string {
  return template.replace(/%\((\w+)\)[sdi]/g, (_whole, name: string) => String(fields[name] ?? 'None'));
}

function define<const Template extends string>(
  name: string,
  parent: { readonly prototype: KeystoneError },
  template: Template,
  attributes: Attributes = {},
): ErrorClass<Template> {
  const build = (argument: Fields<Template> | string | undefined): [string, string | null] => {
    const hides = Defined.prototype.hidesDetail;
    if (typeof argument === 'string') {
      return hides ? [fill(template, {}), argument] : [argument, null];
    }
    const fields: Readonly<Record<string, FieldValue>> = argument ?? {};
    const { detailTemplate } = attributes;
    return [fill(template, fields), detailTemplate === undefined ? null : fill(detailTemplate, fields)];
  };
  // The constructor below bypasses the parents' argument handling: only the base class keeps state.
  const Defined = class extends KeystoneError {
    constructor(argument?: Fields<Template> | string, options?: ErrorOptions) {
      const [message, detail] = build(argument);
      super(message, detail, options);
    }
  };
  Object.setPrototypeOf(Defined.prototype, parent.prototype);
  const { status, title, hidesDetail } = attributes;
  Object.defineProperty(Defined.prototype, 'name', { value: name });
  Object.defineProperty(Defined.prototype, 'template', { value: template });
  Object.defineProperty(Defined, 'name', { value: name });
  if (status !== undefined) Object.defineProperty(Defined.prototype, 'status', { value: status });
  if (title !== undefined) Object.defineProperty(Defined.prototype, 'title', { value: title });
  if (hidesDetail !== undefined) {
    Object.defineProperty(Defined.prototype, 'hidesDetail', { value: hidesDetail });
  }
  return Defined as unknown as ErrorClass<Template>;
}

const MALFORMED =
  'the server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';

const BAD_REQUEST: Attributes = { status: 400, title: 'Bad Request', hidesDetail: false };

// 400
export const ValidationError = define(
  'ValidationError',
  KeystoneError,
  `Expecting to find %(attribute)s in %(target)s - ${MALFORMED}`,
  BAD_REQUEST,
);
export const URLValidationError = define(
  'URLValidationError',
  ValidationError,
  'Cannot create an endpoint with an invalid URL: %(url)s',
);
export const PasswordValidationError = define(
  'PasswordValidationError',
  ValidationError,
  'Password validation error: %(detail)s',
);
export const PasswordAgeValidationError = define(
  'PasswordAgeValidationError',
  PasswordValidationError,
  'You cannot change your password at this time due to the minimum password age. Once you change your password, it must be used for %(min_age_days)d day(s) before it can be changed. Please try again in %(days_left)d day(s) or contact your administrator to reset your password.',
);
export const SchemaValidationError = define('SchemaValidationError', ValidationError, '%(detail)s');
export const ValidationTimeStampError = define(
  'ValidationTimeStampError',
  KeystoneError,
  `Timestamp not in expected format. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
  BAD_REQUEST,
);
export const ValidationExpirationError = define(
  'ValidationExpirationError',
  KeystoneError,
  `The 'expires_at' must not be before now. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
  BAD_REQUEST,
);
export const StringLengthExceeded = define(
  'StringLengthExceeded',
  ValidationError,
  "String length exceeded.The length of string '%(string)s' exceeded the limit of column %(type)s(CHAR(%(length)d)).",
);
export const ValidationSizeError = define(
  'ValidationSizeError',
  KeystoneError,
  'Request attribute %(attribute)s must be less than or equal to %(size)i. The server could not comply with the request because the attribute size is invalid (too large). The client is assumed to be in error.',
  BAD_REQUEST,
);
export const CircularRegionHierarchyError = define(
  'CircularRegionHierarchyError',
  KeystoneError,
  'The specified parent region %(parent_region_id)s would create a circular region hierarchy.',
  BAD_REQUEST,
);
export const TokenlessAuthConfigError = define(
  'TokenlessAuthConfigError',
  ValidationError,
  'Could not determine Identity Provider ID. The configuration option %(issuer_attribute)s was not found in the request environment.',
);

// 403 whose text is always safe to show
export const ForbiddenNotSecurity = define(
  'ForbiddenNotSecurity',
  KeystoneError,
  'You are not authorized to perform the requested action.',
  { status: 403, title: 'Forbidden', hidesDetail: false },
);
export const PasswordVerificationError = define(
  'PasswordVerificationError',
  ForbiddenNotSecurity,
  'The password length must be less than or equal to %(size)i. The server could not comply with the request because the password is invalid.',
);
export const RegionDeletionError = define(
  'RegionDeletionError',
  ForbiddenNotSecurity,
  'Unable to delete region %(region_id)s because it or its child regions have associated endpoints.',
);
export const PKITokenExpected = define(
  'PKITokenExpected',
  ForbiddenNotSecurity,
  'The certificates you requested are not available. It is likely that this server does not use PKI tokens otherwise this is the result of misconfiguration.',
);

// 401
export const SecurityError = define('SecurityError', KeystoneError, '', { hidesDetail: true });
export const Unauthorized = define(
  'Unauthorized',
  SecurityError,
  'The request you have made requires authentication.',
  { status: 401, title: 'Unauthorized' },
);
export const PasswordExpired = define(
  'PasswordExpired',
  Unauthorized,
  'The password is expired and needs to be reset by an administrator for user: %(user_id)s',
);
export const AuthPluginException = define(
  'AuthPluginException',
  Unauthorized,
  'Authentication plugin error.',
);
export const UserDisabled = define(
  'UserDisabled',
  Unauthorized,
  'The account is disabled for user: %(user_id)s',
);
export const AccountLocked = define(
  'AccountLocked',
  Unauthorized,
  'The account is locked for user: %(user_id)s',
);
export const AuthMethodNotSupported = define(
  'AuthMethodNotSupported',
  AuthPluginException,
  'Attempted to authenticate with an unsupported method.',
);
export const AdditionalAuthRequired = define(
  'AdditionalAuthRequired',
  AuthPluginException,
  'Additional authentications steps required.',
);

// 403
export const Forbidden = define(
  'Forbidden',
  SecurityError,
  'You are not authorized to perform the requested action.',
  { status: 403, title: 'Forbidden' },
);
export const ForbiddenAction = define(
  'ForbiddenAction',
  Forbidden,
  'You are not authorized to perform the requested action: %(action)s',
);
export const ImmutableAttributeError = define(
  'ImmutableAttributeError',
  Forbidden,
  "Could not change immutable attribute(s) '%(attributes)s' in target %(target)s",
);
export const CrossBackendNotAllowed = define(
  'CrossBackendNotAllowed',
  Forbidden,
  'Group membership across backend boundaries is not allowed, group in question is %(group_id)s, user is %(user_id)s',
);
export const InvalidPolicyAssociation = define(
  'InvalidPolicyAssociation',
  Forbidden,
  'Invalid mix of entities for policy association - only Endpoint, Service or Region+Service allowed. Request was - Endpoint: %(endpoint_id)s, Service: %(service_id)s, Region: %(region_id)s',
);
export const InvalidDomainConfig = define(
  'InvalidDomainConfig',
  Forbidden,
  'Invalid domain specific configuration: %(reason)s',
);
export const InvalidImpliedRole = define(
  'InvalidImpliedRole',
  Forbidden,
  '%(role_id)s cannot be an implied roles',
);
export const DomainSpecificRoleMismatch = define(
  'DomainSpecificRoleMismatch',
  Forbidden,
  'project: %(project_id)s must be in the same domain  as the role: %(role_id)s being assigned.',
);
export const TrustUseLimitReached = define(
  'TrustUseLimitReached',
  Forbidden,
  'No remaining uses for trust: %(trust_id)s',
);

// 404
export const NotFound = define('NotFound', KeystoneError, 'Could not find: %(target)s', {
  status: 404,
  title: 'Not Found',
  hidesDetail: false,
});
export const EndpointNotFound = define(
  'EndpointNotFound',
  NotFound,
  'Could not find endpoint: %(endpoint_id)s',
);
export const PolicyNotFound = define('PolicyNotFound', NotFound, 'Could not find policy: %(policy_id)s');
export const PolicyAssociationNotFound = define(
  'PolicyAssociationNotFound',
  NotFound,
  'Could not find policy association',
);
export const RoleNotFound = define('RoleNotFound', NotFound, 'Could not find role: %(role_id)s');
export const ImpliedRoleNotFound = define(
  'ImpliedRoleNotFound',
  NotFound,
  '%(prior_role_id)s does not imply %(implied_role_id)s',
);
export const RoleAssignmentNotFound = define(
  'RoleAssignmentNotFound',
  NotFound,
  'Could not find role assignment with role: %(role_id)s, user or group: %(actor_id)s, project or domain: %(target_id)s',
);
export const RegionNotFound = define('RegionNotFound', NotFound, 'Could not find region: %(region_id)s');
export const ServiceNotFound = define('ServiceNotFound', NotFound, 'Could not find service: %(service_id)s');
export const DomainNotFound = define('DomainNotFound', NotFound, 'Could not find domain: %(domain_id)s');
export const ProjectNotFound = define('ProjectNotFound', NotFound, 'Could not find project: %(project_id)s');
export const InvalidParentProject = define(
  'InvalidParentProject',
  NotFound,
  'Cannot create project with parent: %(project_id)s',
);
export const TokenNotFound = define('TokenNotFound', NotFound, 'Could not find token: %(token_id)s');
export const UserNotFound = define('UserNotFound', NotFound, 'Could not find user: %(user_id)s');
export const GroupNotFound = define('GroupNotFound', NotFound, 'Could not find group: %(group_id)s');
export const MappingNotFound = define('MappingNotFound', NotFound, 'Could not find mapping: %(mapping_id)s');
export const TrustNotFound = define('TrustNotFound', NotFound, 'Could not find trust: %(trust_id)s');
export const CredentialNotFound = define(
  'CredentialNotFound',
  NotFound,
  'Could not find credential: %(credential_id)s',
);
export const VersionNotFound = define('VersionNotFound', NotFound, 'Could not find version: %(version)s');
export const EndpointGroupNotFound = define(
  'EndpointGroupNotFound',
  NotFound,
  'Could not find Endpoint Group: %(endpoint_group_id)s',
);
export const IdentityProviderNotFound = define(
  'IdentityProviderNotFound',
  NotFound,
  'Could not find Identity Provider: %(idp_id)s',
);
export const ServiceProviderNotFound = define(
  'ServiceProviderNotFound',
  NotFound,
  'Could not find Service Provider: %(sp_id)s',
);
export const FederatedProtocolNotFound = define(
  'FederatedProtocolNotFound',
  NotFound,
  'Could not find federated protocol %(protocol_id)s for Identity Provider: %(idp_id)s',
);
export const PublicIDNotFound = define('PublicIDNotFound', NotFound, '%(id)s');
export const DomainConfigNotFound = define(
  'DomainConfigNotFound',
  NotFound,
  'Could not find %(group_or_option)s in domain configuration for domain %(domain_id)s',
);

// 409, 410, 413, 501, 503
export const Conflict = define(
  'Conflict',
  KeystoneError,
  'Conflict occurred attempting to store %(type)s - %(details)s',
  { status: 409, title: 'Conflict', hidesDetail: false },
);
export const Gone = define(
  'Gone',
  KeystoneError,
  'The service you have requested is no longer available on this server.',
  { status: 410, title: 'Gone', hidesDetail: false },
);
export const RequestTooLarge = define('RequestTooLarge', KeystoneError, 'Request is too large.', {
  status: 413,
  title: 'Request Entity Too Large',
  hidesDetail: false,
});
export const NotImplemented = define(
  'NotImplemented',
  KeystoneError,
  'The action you have requested has not been implemented.',
  { status: 501, title: 'Not Implemented', hidesDetail: false },
);
export const ServiceUnavailable = define(
  'ServiceUnavailable',
  SecurityError,
  'The service is temporarily unable to handle the request. Please try again later.',
  { status: 503, title: 'Service Unavailable' },
);

// 500
const UNEXPECTED = 'An unexpected error prevented the server from fulfilling your request.';
export const UnexpectedError = define('UnexpectedError', SecurityError, UNEXPECTED, {
  status: 500,
  title: 'Internal Server Error',
});
function defineUnexpected(name: string, detailTemplate: string): ErrorClass<'%(field)s'> {
  return define<string>(name, UnexpectedError, UNEXPECTED, { detailTemplate }) as ErrorClass<'%(field)s'>;
}
export const TrustConsumeMaximumAttempt = defineUnexpected(
  'TrustConsumeMaximumAttempt',
  'Unable to consume trust %(field)s, unable to acquire lock.',
);
export const CertificateFilesUnavailable = define('CertificateFilesUnavailable', UnexpectedError, UNEXPECTED);
export const MalformedEndpoint = defineUnexpected('MalformedEndpoint', 'Malformed endpoint URL (%(field)s).');
export const KeysNotFound = define('KeysNotFound', UnexpectedError, UNEXPECTED);
export const MultipleSQLDriversInConfig = defineUnexpected(
  'MultipleSQLDriversInConfig',
  'The Keystone domain-specific configuration has specified more than one SQL driver (only one is permitted): %(field)s.',
);
export const UnsupportedTokenVersion = define('UnsupportedTokenVersion', UnexpectedError, UNEXPECTED);

/** Text appended to details shown under `[DEFAULT] insecure_debug`. */
export const INSECURE_DEBUG_AMENDMENT = '(Disable insecure_debug mode to suppress these details.)';
