/**
 * A validated token, whatever its provider: the v3 body as answered to clients, and the facts that the service
 * itself needs of it. Source: Identity API v3 "Validate and show information for token"; `docs/tokens.md`.
 */

export interface NamedRef {
  readonly id: string;
  readonly name: string;
}

export interface TokenUser {
  readonly id: string;
  readonly name: string;
  readonly domain: NamedRef;
  readonly 'OS-FEDERATION'?: {
    readonly groups: readonly { readonly id: string }[];
    readonly identity_provider: { readonly id: string };
    readonly protocol: { readonly id: string };
  };
}

export interface CatalogEndpoint {
  readonly id: string;
  readonly interface: string;
  readonly region: string | null;
  readonly region_id: string | null;
  readonly url: string;
}

export interface CatalogService {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly CatalogEndpoint[];
}

/** The object under `token` in v3 answers. Absent keys are absent in the answer as well. */
export interface V3TokenBody {
  methods: readonly string[];
  user: TokenUser;
  audit_ids: readonly string[];
  /** `YYYY-MM-DDTHH:MM:SS.ffffffZ` */
  expires_at: string;
  issued_at: string;
  project?: NamedRef & { readonly domain: NamedRef | null };
  is_domain?: boolean;
  is_admin_project?: boolean;
  domain?: NamedRef;
  roles?: readonly NamedRef[];
  catalog?: readonly CatalogService[];
  'OS-TRUST:trust'?: {
    readonly id: string;
    readonly impersonation: boolean;
    readonly trustor_user: { readonly id: string };
    readonly trustee_user: { readonly id: string };
  };
  'OS-OAUTH1'?: { readonly access_token_id: string; readonly consumer_id: string };
  bind?: Readonly<Record<string, string>>;
}

export interface TokenModel {
  readonly id: string;
  readonly body: V3TokenBody;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly issuedAt: number;
}

export function auditId(token: TokenModel): string {
  return token.body.audit_ids[0] as string;
}

/** Audit id of the first token of a chain of rescopings. */
export function auditChainId(token: TokenModel): string {
  return token.body.audit_ids.at(-1) as string;
}

export function isDelegated(token: TokenModel): boolean {
  return token.body['OS-TRUST:trust'] !== undefined || token.body['OS-OAUTH1'] !== undefined;
}
