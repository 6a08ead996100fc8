/**
 * The interface of authentication methods. A method lives in a file of its own under `auth/plugins`, or in an npm
 * package; `[auth] methods` names the methods in use and `[auth] <method>` the plugin.
 */

import type { JsonObject } from '../common/context.js';
import type { ApiRequest } from '../common/http/types.js';
import type { ShapeOf } from '../common/shape.js';
import type { Conf } from '../conf/index.js';
import type { Providers } from '../subsystems/providers.js';
import type { FederationFacts } from '../subsystems/token/types.js';

/** What one method proved. Methods of one request must agree on user, project, domain and access token. */
export interface Proof {
  readonly userId?: string;
  readonly projectId?: string;
  readonly domainId?: string;
  readonly accessTokenId?: string;
  /** No token may live longer than this (milliseconds since the epoch); the earliest of all methods counts. */
  readonly expiresAt?: number;
  /** Methods by which a parent token was obtained. */
  readonly methods?: readonly string[];
  /** Last audit id of a parent token. */
  readonly parentAuditId?: string;
  readonly bind?: Readonly<Record<string, string>>;
  readonly federation?: FederationFacts;
}

/** A method that needs another round trip answers with what the client is to be told. */
export interface Challenge {
  readonly challenge: JsonObject;
}

export interface AuthMethod {
  /**
   * Whether the same payload may be checked once more for the same request. True for methods whose proof can end from
   * one moment to the next, as a password that is changed; absent where a proof is good for one time, as with a nonce.
   */
  readonly repeatable?: true;
  /**
   * Check what the client sent under the method's name.
   * @param payload the object under `auth.identity.<method>`, shape unchecked
   * @throws Unauthorized when the proof fails, ValidationError when the payload is malformed
   */
  authenticate(request: ApiRequest, payload: JsonObject): Promise<Proof | Challenge>;
}

/** What is asked of methods of packages. */
export const AUTH_METHOD_SHAPE: ShapeOf<AuthMethod> = {
  repeatable: 'optional boolean',
  authenticate: 'method',
};

export interface AuthMethodContext {
  readonly conf: Conf;
  readonly providers: Providers;
  /** Name under which the method is configured. */
  readonly name: string;
  /** For plugins of packages, which do not know our errors: refuse with 401. The reason is for the log alone. */
  refuse(reason: string): never;
  /** Refuse with 400 what is malformed: the attribute that is missing or wrong. */
  malformed(attribute: string): never;
}

/** A plugin module exports one of these as `createMethod`. */
export type CreateAuthMethod = (context: AuthMethodContext) => AuthMethod | Promise<AuthMethod>;
