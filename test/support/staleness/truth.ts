/**
 * What is true of users, scopes, roles and tokens after all changes that were made, reckoned without the service: a
 * second, plain account of the rules by which tokens are good (Identity API v3; `docs/tokens.md`).
 */
import { isDeepStrictEqual } from 'node:util';
import { type Answer, type Form, type Json, member } from './api.js';

interface Thing {
  readonly id: string;
  /** Deleted. */
  gone?: boolean;
}
export interface Domain extends Thing {
  readonly kind: 'domain';
  name: string;
  enabled: boolean;
}
export interface Project extends Thing {
  readonly kind: 'project';
  readonly domain: Domain;
  readonly parent: Project | null;
  name: string;
  enabled: boolean;
}
export type Scope = Domain | Project;
export interface User extends Thing {
  readonly kind: 'user';
  readonly domain: Domain;
  name: string;
  password: string;
  enabled: boolean;
}
export interface Group extends Thing {
  readonly kind: 'group';
  readonly domain: Domain;
  readonly members: Set<User>;
}
export interface Role extends Thing {
  name: string;
}
export interface Grant {
  readonly actor: User | Group;
  readonly target: Scope;
  readonly role: Role;
  readonly inherited: boolean;
}
export interface Rule {
  readonly prior: Role;
  readonly implied: Role;
}
export interface Endpoint {
  id: string;
  readonly interface: string;
  url: string;
  enabled: boolean;
}
export interface Service {
  readonly id: string;
  readonly type: string;
  name: string;
  enabled: boolean;
  readonly endpoints: Set<Endpoint>;
}
export interface Trust extends Thing {
  readonly trustor: User;
  readonly trustee: User;
  readonly project: Project;
  readonly roles: readonly Role[];
  readonly impersonation: boolean;
}
export interface AccessToken extends Thing {
  readonly consumer: Thing;
  readonly user: User;
  readonly project: Project;
  readonly roles: readonly Role[];
}

export interface Token {
  readonly id: string;
  /** Whom it speaks for. */
  readonly user: User;
  readonly scope: Scope | null;
  readonly trust: Trust | null;
  readonly access: AccessToken | null;
  /** What never changes: methods, audit ids, times. */
  readonly fixed: Json;
  /** Ids of the roles that it was issued with. */
  readonly issuedRoles: readonly string[];
  isRevoked: boolean;
}

const FIXED = ['methods', 'audit_ids', 'expires_at', 'issued_at'] as const;

export class Truth {
  readonly roles: Role[] = [];
  readonly rules = new Set<Rule>();
  readonly services = new Set<Service>();
  readonly tokens = new Set<Token>();
  grants = new Set<Grant>();

  /** @param tokensAreStored whether a role that is deleted ends the stored tokens that were issued with it */
  constructor(readonly tokensAreStored: boolean) {}

  /** An event of revocation: the tokens that exist now and are meant are never good again. */
  revoke(means: (token: Token) => boolean): void {
    for (const token of this.tokens) if (means(token)) token.isRevoked = true;
  }

  /** Of all users whom a token speaks for or by. */
  revokeOfUser(user: User, within: (token: Token) => boolean = () => true): void {
    this.revoke((token) => personsOf(token).includes(user) && within(token));
  }

  rolesOf(user: User, scope: Scope): Set<Role> {
    const held = new Set<Role>();
    for (const { actor, target, role, inherited } of this.grants) {
      const isTheirs = actor === user || (actor.kind === 'group' && actor.members.has(user));
      const reaches = inherited ? isAbove(target, scope) : target === scope;
      if (isTheirs && reaches) held.add(role);
    }
    return this.withImplied(held);
  }

  withImplied(roles: Iterable<Role>): Set<Role> {
    const reached = new Set(roles);
    for (const role of reached) {
      for (const { prior, implied } of this.rules) if (prior === role) reached.add(implied);
    }
    return reached;
  }

  /** What a token is good for now, without the catalog; null when it is not good. */
  judge(token: Token): Json | null {
    const { user, scope, trust, access, fixed } = token;
    const roles = scope === null ? null : this.rolesOfToken(token, scope);
    const isGood =
      !token.isRevoked &&
      (trust === null ? isUsable(user) : !trust.gone && isUsable(trust.trustor) && isUsable(trust.trustee)) &&
      (access === null || !access.gone) &&
      (scope === null || isOpen(scope)) &&
      (roles === null || roles.size > 0);
    if (!isGood) return null;
    return {
      ...fixed,
      user: { id: user.id, name: user.name, domain: named(user.domain) },
      ...(roles && { roles: byId([...roles].map(named)) }),
      ...(scope?.kind === 'domain' && { domain: named(scope) }),
      ...(scope?.kind === 'project' && {
        is_domain: false,
        project: { ...named(scope), domain: named(scope.domain) },
      }),
      ...(trust && {
        'OS-TRUST:trust': {
          id: trust.id,
          impersonation: trust.impersonation,
          trustor_user: { id: trust.trustor.id },
          trustee_user: { id: trust.trustee.id },
        },
      }),
      ...(access && { 'OS-OAUTH1': { access_token_id: access.id, consumer_id: access.consumer.id } }),
    };
  }

  /** Of all tokens and the catalog, as they are now. */
  snapshot(): Snapshot {
    const services = [...this.services].map((service) => ({
      ...service,
      endpoints: [...service.endpoints].map((endpoint) => ({ ...endpoint })),
    }));
    return new Snapshot(new Map([...this.tokens].map((token) => [token, this.judge(token)])), services);
  }

  private rolesOfToken({ user, trust, access }: Token, scope: Scope): Set<Role> {
    if (trust === null && access === null) return this.rolesOf(user, scope);
    const held = this.rolesOf(trust?.trustor ?? user, scope);
    const delegated = trust === null ? new Set(access?.roles) : this.withImplied(trust.roles);
    return [...delegated].every((role) => held.has(role)) ? delegated : new Set();
  }
}

/** What a validation has to answer. */
export interface Expected {
  readonly status: number;
  readonly token: Json | null;
}

/** What was true at some time. */
export class Snapshot {
  private readonly catalog: string;

  constructor(
    private readonly judged: ReadonlyMap<Token, Json | null>,
    private readonly services: readonly (Omit<Service, 'endpoints'> & { endpoints: readonly Endpoint[] })[],
  ) {
    this.catalog = JSON.stringify(services);
  }

  knows(token: Token): boolean {
    return this.judged.has(token);
  }

  /** Whether the validation of a token is another one at the other time. */
  differs(other: Snapshot, token: Token): boolean {
    const [judged, then] = [this.judged.get(token) ?? null, other.judged.get(token) ?? null];
    if (judged === null || then === null) return judged !== then;
    if (token.scope !== null && this.catalog !== other.catalog) return true;
    return JSON.stringify(judged) !== JSON.stringify(then);
  }

  expected(token: Token, form: Form): Expected {
    const judged = this.judged.get(token) ?? null;
    if (judged === null) return { status: form === 'itself' ? 401 : 404, token: null };
    if (form === 'head') return { status: 200, token: null };
    const withCatalog = token.scope !== null && form !== 'nocatalog';
    return { status: 200, token: { ...judged, ...(withCatalog && { catalog: this.catalogOf(token) }) } };
  }

  private catalogOf({ scope, user, trust }: Token): readonly Json[] {
    const project = scope?.kind === 'project' ? scope.id : null;
    const userId = (trust?.trustor ?? user).id;
    const services = this.services
      .filter(({ enabled }) => enabled)
      .map(({ id, type, name, endpoints }) => ({
        id,
        type,
        name,
        endpoints: byId(
          endpoints
            .filter(({ enabled, url }) => enabled && (project !== null || !url.includes('$(tenant_id)s')))
            .map((endpoint) => ({
              id: endpoint.id,
              interface: endpoint.interface,
              region: null,
              region_id: null,
              url: endpoint.url.replace('$(tenant_id)s', project ?? '').replace('$(user_id)s', userId),
            })),
        ),
      }));
    return byId(services);
  }
}

/** What is the same in both: the order of roles, services and endpoints, and more than their names, mean nothing. */
export function plain(token: Json): Json {
  const { roles, catalog, ...rest } = token;
  return {
    ...rest,
    ...(Array.isArray(roles) && { roles: byId((roles as Thing[]).map((role) => named(role as Role))) }),
    ...(Array.isArray(catalog) && {
      catalog: byId(
        (catalog as Json[]).map((service) => ({
          ...service,
          endpoints: byId(service['endpoints'] as Json[]),
        })),
      ),
    }),
  };
}

export function isAsExpected(answer: Answer, expected: Expected): boolean {
  if (answer.status !== expected.status) return false;
  return expected.token === null || isDeepStrictEqual(plain(member(answer.body, 'token')), expected.token);
}

export const fixedOf = (body: Json): Json => Object.fromEntries(FIXED.map((name) => [name, body[name]]));

/** Whom a token speaks for, and trustor and trustee. */
export const personsOf = ({ user, trust }: Token): User[] =>
  trust === null ? [user] : [...new Set([user, trust.trustor, trust.trustee])];

export const domainOf = (scope: Scope): Domain => (scope.kind === 'domain' ? scope : scope.domain);

const isUsable = (user: User): boolean => !user.gone && user.enabled && isOpen(user.domain);
const isOpen = (scope: Scope): boolean =>
  !scope.gone && scope.enabled && (scope.kind === 'domain' || scope.domain.enabled);

/** Whether a project lies beneath, at any depth. */
export function isAbove(above: Scope, scope: Scope): boolean {
  if (scope.kind === 'domain') return false;
  return (
    scope.domain === above ||
    scope.parent === above ||
    (scope.parent !== null && isAbove(above, scope.parent))
  );
}

const named = ({
  id,
  name,
}: {
  readonly id: string;
  readonly name: string;
}): { id: string; name: string } => ({
  id,
  name,
});

function byId<Item>(items: readonly Item[]): Item[] {
  const id = (item: Item): string => String((item as { id?: unknown }).id);
  return [...items].sort((one, other) => (id(one) < id(other) ? -1 : 1));
}
