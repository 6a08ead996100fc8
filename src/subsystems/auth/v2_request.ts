/** Reading the body of POST /v2.0/tokens. Source: Identity API v2.0, Authenticate; `[DEFAULT] max_param_size` and its kin. */
import type { JsonObject, JsonValue } from '../../common/context.js';
import { ValidationError, ValidationSizeError } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { Conf } from '../../conf/index.js';

export interface V2PasswordProof {
  readonly kind: 'password';
  /** At least one of the two; the name counts when both are given. */
  readonly userId: string | null;
  readonly username: string | null;
  /** Null for a password that nobody has. */
  readonly password: string | null;
}

export type V2Proof =
  | V2PasswordProof
  | { readonly kind: 'token'; readonly tokenId: string }
  | { readonly kind: 'external' };

export interface V2AuthRequest {
  readonly proof: V2Proof;
  /** The name counts when both are given; none of them asks for an unscoped token. */
  readonly tenantId: string | null;
  readonly tenantName: string | null;
  /** Only together with a token. */
  readonly trustId: string | null;
}

/**
 * @param isExternal whether the front web server has authenticated a user: passwords are not looked at then
 * @throws ValidationError naming what is missing, ValidationSizeError for what is too long
 */
export function readV2AuthRequest(body: JsonObject, isExternal: boolean, conf: Conf): V2AuthRequest {
  const { auth } = body;
  if (!isRecord(auth)) throw new ValidationError({ attribute: 'auth', target: 'request body' });
  const other = Object.keys(body).find((key) => key !== 'auth');
  if (other !== undefined)
    throw new ValidationError(`Unexpected key '${other}' in request body beside 'auth'`);
  const size = conf.DEFAULT.max_param_size;
  const hasToken = Object.hasOwn(auth, 'token');
  return {
    proof: hasToken ? readToken(auth, conf) : isExternal ? { kind: 'external' } : readPassword(auth, conf),
    tenantId: text(auth['tenantId'], 'tenantId', size),
    tenantName: text(auth['tenantName'], 'tenantName', size),
    trustId: hasToken ? text(auth['trust_id'], 'trust_id', size) : null,
  };
}

function readToken(auth: JsonObject, conf: Conf): V2Proof {
  const { token } = auth;
  if (!isRecord(token)) throw new ValidationError({ attribute: 'token', target: 'auth' });
  if (!Object.hasOwn(token, 'id')) throw new ValidationError({ attribute: 'id', target: 'token' });
  return { kind: 'token', tokenId: text(token['id'], 'token', conf.DEFAULT.max_token_size) ?? '' };
}

function readPassword(auth: JsonObject, conf: Conf): V2PasswordProof {
  const { passwordCredentials: given } = auth;
  if (!isRecord(given)) throw new ValidationError({ attribute: 'passwordCredentials', target: 'auth' });
  if (!Object.hasOwn(given, 'password')) {
    throw new ValidationError({ attribute: 'password', target: 'passwordCredentials' });
  }
  const size = conf.DEFAULT.max_param_size;
  const password = text(given['password'], 'password', conf.identity.max_password_length);
  const userId = text(given['userId'], 'userId', size);
  const username = text(given['username'], 'username', size);
  if (userId === null && username === null) {
    throw new ValidationError({ attribute: 'username or userId', target: 'passwordCredentials' });
  }
  return { kind: 'password', userId, username, password };
}

/** The text, or null for none. @param size in characters (code points) */
function text(value: JsonValue | undefined, attribute: string, size: number): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw new ValidationError({ attribute: 'string', target: attribute });
  if (value.length > size && Array.from(value).length > size)
    throw new ValidationSizeError({ attribute, size });
  return value;
}
