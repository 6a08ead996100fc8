/**
 * Stored tokens as Newton writes and reads them, so that both can serve on one store: what stands beside the columns
 * `id`, `expires`, `user_id`, `trust_id` and `valid`. Source: `docs/tokens.md`, persistence.
 */
import { TokenNotFound } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { NewStoredToken, TokenCriteria } from './store.js';
import type { FederationFacts, TokenFacts } from './types.js';

type Json = Readonly<Record<string, unknown>>;

/** Methods of a token of API v2.0, which does not say. */
const V2_METHODS = ['password', 'token'];

export function storedForm({ id, facts, body }: NewStoredToken): Json {
  const trust = body['OS-TRUST:trust'];
  return {
    key: id,
    user: body.user,
    tenant: body.project ?? null,
    is_domain: body.is_domain ?? false,
    metadata: {
      ...(body.project && { roles: body.roles?.map((role) => role.id) ?? [] }),
      ...(trust && { trust_id: facts.trustId, trustee_user_id: trust.trustee_user.id }),
    },
    token_data: { token: body },
    token_version: 'v3.0',
  };
}

/** @throws TokenNotFound when it is no token that we understand */
export function factsOfStored(stored: Json): TokenFacts {
  const data = object(stored['token_data']);
  const facts = data['token'] === undefined ? v2Facts(data) : v3Facts(object(data['token']));
  if (Number.isNaN(facts.issuedAt) || Number.isNaN(facts.expiresAt)) throw unreadable();
  return facts;
}

/** The token's own audit id; empty when it cannot be read. */
export function auditIdOfStored(stored: Json): string {
  return readable(stored)?.auditIds[0] ?? '';
}

/** Whom a stored token speaks for, and trustor and trustee of its trust. */
export function usersOfStored(stored: Json): readonly string[] {
  const facts = readable(stored);
  const { 'OS-TRUST:trust': trust } = v3Body(stored);
  const ids = [
    facts?.userId,
    member(member(trust, 'trustor_user'), 'id'),
    member(member(trust, 'trustee_user'), 'id'),
  ];
  return ids.filter((id): id is string => typeof id === 'string');
}

/** Whether a stored token is among those that criteria mean. What cannot be read matches nothing. */
export function matchesCriteria(stored: Json, criteria: TokenCriteria): boolean {
  const facts = readable(stored);
  if (facts === null) return false;
  const { 'OS-OAUTH1': oauth, user, project, roles } = v3Body(stored);
  const told: Required<{ [Name in keyof TokenCriteria]: readonly unknown[] }> = {
    userId: usersOfStored(stored),
    projectId: [facts.projectId],
    roleId: Array.isArray(roles) ? roles.map((role) => member(role, 'id')) : [],
    domainId: [member(member(user, 'domain'), 'id'), member(member(project, 'domain'), 'id'), facts.domainId],
    trustId: [facts.trustId],
    consumerId: [member(oauth, 'consumer_id')],
    accessTokenId: [facts.accessTokenId],
  };
  return Object.entries(criteria).every(
    ([name, id]) => id === undefined || told[name as keyof TokenCriteria].includes(id),
  );
}

function readable(stored: Json): TokenFacts | null {
  try {
    return factsOfStored(stored);
  } catch (error) {
    if (error instanceof TokenNotFound) return null;
    throw error;
  }
}

function v3Body(stored: Json): Json {
  const token = member(member(stored, 'token_data'), 'token');
  return token !== null && typeof token === 'object' ? (token as Json) : {};
}

function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Json)[name] : undefined;
}

function v3Facts(token: Json): TokenFacts {
  const user = object(token['user']);
  return {
    userId: text(user['id']),
    methods: texts(token['methods']),
    projectId: idOf(token['project']),
    domainId: idOf(token['domain']),
    trustId: idOf(token['OS-TRUST:trust']),
    accessTokenId: optional(token['OS-OAUTH1'], (oauth) => text(object(oauth)['access_token_id'])),
    federation: optional(user['OS-FEDERATION'], federation),
    auditIds: auditIds(token['audit_ids']),
    issuedAt: Date.parse(text(token['issued_at'])),
    expiresAt: Date.parse(text(token['expires_at'])),
    bind: optional(token['bind'], bindOf),
  };
}

/** A token that was issued through API v2.0, by Newton. */
function v2Facts(data: Json): TokenFacts {
  const access = object(data['access']);
  const token = object(access['token']);
  return {
    userId: text(object(access['user'])['id']),
    methods: V2_METHODS,
    projectId: idOf(token['tenant']),
    domainId: null,
    trustId: idOf(access['trust']),
    accessTokenId: null,
    federation: null,
    auditIds: auditIds(token['audit_ids']),
    issuedAt: Date.parse(text(token['issued_at'])),
    expiresAt: Date.parse(text(token['expires'])),
    bind: optional(token['bind'], bindOf),
  };
}

function federation(value: unknown): FederationFacts {
  const { groups, identity_provider: provider, protocol } = object(value);
  if (!Array.isArray(groups)) throw unreadable();
  return {
    groupIds: groups.map((group) => text(object(group)['id'])),
    identityProviderId: text(object(provider)['id']),
    protocolId: text(object(protocol)['id']),
  };
}

function bindOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object(value)).map(([name, bound]) => [name, text(bound)]));
}

function auditIds(value: unknown): readonly string[] {
  const ids = texts(value);
  if (ids.length === 0) throw unreadable();
  return ids;
}

function idOf(value: unknown): string | null {
  return optional(value, (entity) => text(object(entity)['id']));
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : read(value);
}

function object(value: unknown): Json {
  if (!isRecord(value)) throw unreadable();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw unreadable();
  return value;
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw unreadable();
  return value.map(text);
}

function unreadable(): Error {
  return new TokenNotFound('Failed to validate token');
}
