/** What can go wrong with a directory, and what an API caller is told of it. Source: RFC 4511, appendix A. */
import {
  Conflict,
  ForbiddenAction,
  NotFound,
  ServiceUnavailable,
  UnexpectedError,
  ValidationError,
} from '../errors.js';

/** Result codes that are spoken of by name. */
export const RESULT = {
  success: 0,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  invalidDNSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  notAllowedOnRDN: 67,
  entryAlreadyExists: 68,
  objectClassModsProhibited: 69,
} as const;

const NAMES = new Map<number, string>(Object.entries(RESULT).map(([name, code]) => [code, name]));

/** A request that the directory answered with a refusal. */
export class LdapError extends Error {
  constructor(
    readonly code: number,
    /** What the server said; may be empty. */
    readonly diagnostic: string,
    /** What was asked, without values. */
    readonly operation: string,
    readonly referrals: readonly string[] = [],
  ) {
    const name = NAMES.get(code) ?? 'result code';
    super(`${operation}: ${name} (${code})${diagnostic === '' ? '' : `: ${diagnostic}`}`);
  }
}

/** A directory that cannot be reached, does not answer in time or does not speak LDAP. */
export class ConnectionLost extends Error {
  constructor(
    readonly url: string,
    reason: string,
    /** Whether the wait for an answer was given up, as opposed to a connection that ended. */
    readonly timedOut: boolean,
    options?: ErrorOptions,
  ) {
    super(`${url}: ${reason}`, options);
  }
}

/** A mistake in the configuration. */
export class LdapOptionError extends Error {}

const REFUSED = new Set<number>([
  RESULT.strongerAuthRequired,
  RESULT.referral,
  RESULT.confidentialityRequired,
  RESULT.inappropriateAuthentication,
  RESULT.insufficientAccessRights,
  RESULT.unwillingToPerform,
]);
const INVALID = new Set<number>([
  RESULT.noSuchAttribute,
  RESULT.undefinedAttributeType,
  RESULT.constraintViolation,
  RESULT.invalidAttributeSyntax,
  RESULT.invalidDNSyntax,
  RESULT.namingViolation,
  RESULT.objectClassViolation,
  RESULT.notAllowedOnNonLeaf,
  RESULT.notAllowedOnRDN,
  RESULT.objectClassModsProhibited,
]);
const OVERLOADED = new Set<number>([
  RESULT.timeLimitExceeded,
  RESULT.adminLimitExceeded,
  RESULT.busy,
  RESULT.unavailable,
]);

/** Whether the server, not the request, is what is wrong. */
export function isOverload(error: LdapError): boolean {
  return OVERLOADED.has(error.code);
}

/**
 * The API's error for what a directory operation failed with; other errors stay what they are.
 * @param action what was tried, for the text of a refusal: `LDAP user create`
 */
export function apiError(error: unknown, action: string): unknown {
  if (error instanceof ConnectionLost) return new ServiceUnavailable(error.message, { cause: error });
  if (!(error instanceof LdapError)) return error;
  const { code, diagnostic } = error;
  const said = diagnostic === '' ? (NAMES.get(code) ?? `result code ${code}`) : diagnostic;
  const options = { cause: error };
  if (code === RESULT.entryAlreadyExists || code === RESULT.attributeOrValueExists) {
    return new Conflict({ type: action.split(' ')[1] ?? 'entry', details: said }, options);
  }
  // Of a new entry it is the place that is missing, which is nothing that a client could know.
  if (code === RESULT.noSuchObject && !action.endsWith(' create')) {
    return new NotFound({ target: action.split(' ')[1] ?? 'entry' }, options);
  }
  if (REFUSED.has(code)) return new ForbiddenAction({ action }, options);
  if (INVALID.has(code)) {
    return new ValidationError(`${action}: the directory does not take the entry: ${said}`, options);
  }
  if (OVERLOADED.has(code)) return new ServiceUnavailable(error.message, options);
  if (code === RESULT.sizeLimitExceeded) {
    return new UnexpectedError(
      `${error.message}; the server sends no more entries at once: set [ldap] page_size`,
      options,
    );
  }
  return new UnexpectedError(error.message, options);
}
