/** What filters are made from. Built once per process (`server/`), handed to every `createFilter`. */

import type { IncomingHttpHeaders } from 'node:http';
import type { AuthContext, PolicyAuthority } from '../common/context.js';
import type { JsonHomeResources } from '../common/http/json_home.js';
import type { ErrorRendering } from '../common/http/render.js';
import type { Route } from '../common/http/types.js';
import type { MaybePromise } from '../common/maybe_promise.js';
import type { ServiceMetrics } from '../common/metrics.js';
import type { TokenModel } from '../common/token_model.js';
import type { Conf, LoadedConf } from '../conf/index.js';

/** The part of the token manager that filters use. */
export interface TokenValidator {
  /** @throws a catalogue error below 500 when the token is unknown, expired or revoked; anything else is a failure */
  validateToken(id: string): MaybePromise<TokenModel>;
  /** A token that is kept in memory and known to be good without waiting; undefined: validateToken. */
  kept(id: string): TokenModel | undefined;
}

/** Who a caller with a client certificate is, by its issuer and the scope headers. Source: `[tokenless_auth]`. */
export interface TokenlessAuthenticator {
  /** @throws a catalogue error when the certificate maps to nobody or the scope headers are wrong */
  authenticate(issuer: string, headers: IncomingHttpHeaders): Promise<AuthContext>;
}

/** One fact about the health of the process or of something that it needs. */
export interface HealthResult {
  /** What was looked at, such as `database`. */
  readonly name: string;
  readonly available: boolean;
  /** A word or two for anybody. */
  readonly reason: string;
  /** More, shown only with `[healthcheck] detailed`; never a secret. */
  readonly details?: string;
}

export interface HealthService {
  /** Whether the process itself works. Must not depend on anything outside of it. */
  live(): readonly HealthResult[];
  /** Whether requests can be served: what stands behind the process is looked at, within a second or two. */
  ready(): Promise<readonly HealthResult[]>;
  /** The rest of the document: the generation of the pipelines in force, the last refused file and why. */
  status(): Readonly<Record<string, unknown>>;
}

/** One point of an OSprofiler trace. */
export interface TracePoint {
  readonly name: string;
  readonly base_id: string;
  readonly parent_id: string;
  readonly trace_id: string;
  readonly timestamp: string;
  readonly info: Readonly<Record<string, unknown>>;
}

/** Routes that come into a pipeline by extension filters. Empty where their back ends do not exist. */
export interface ExtensionRoutes {
  readonly ec2V2: readonly Route[];
  readonly ec2V3: readonly Route[];
  /** The same for both versions. */
  readonly s3: readonly Route[];
}

/** Where extensions announce their resources for the JSON home document at the root of the service. */
export interface ResourceIndex {
  /** @param resources hrefs under `/v3` */
  addResources(resources: JsonHomeResources): void;
}

export interface PolicyFilesOfFilter {
  /** Absolute path; it must exist. */
  readonly policyFile: string;
  /** Absolute paths of folders. */
  readonly policyDirs: readonly string[];
  readonly defaultRule: string;
}

/** A policy of a pipeline's own. */
export interface OwnPolicy extends PolicyAuthority {
  /** Stop watching its files. */
  close(): void;
}

export interface FilterServices {
  readonly conf: Conf;
  /** The sections `[cors.NAME]`, by full name. */
  readonly corsSections: LoadedConf['corsSections'];
  /** How filters answer errors; its base URL is the public one. */
  readonly rendering: ErrorRendering;
  /** The service's own policy. */
  readonly policy: PolicyAuthority;
  /** @throws PolicyError naming file, line and rule */
  openPolicy(files: PolicyFilesOfFilter): Promise<OwnPolicy>;
  readonly tokens: TokenValidator;
  /** Null where certificates do not authenticate. */
  readonly tokenless: TokenlessAuthenticator | null;
  readonly extensions: ExtensionRoutes;
  readonly health: HealthService;
  readonly metrics: ServiceMetrics;
  /** Takes the trace points of requests that carry a valid OSprofiler signature. */
  trace(point: TracePoint): void;
}
