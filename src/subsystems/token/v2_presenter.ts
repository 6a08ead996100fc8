/** Tokens and catalogs as API v2.0 has them. Source: Identity API v2.0; `docs/tokens.md`. */

import { lastingAnswer } from '../../common/own_bytes.js';
import { isoTime } from '../../common/time.js';
import type { CatalogService, TokenModel } from '../../common/token_model.js';
import type { Tenant } from '../resource/v2_presenter.js';
import { KnownToken } from './known_token.js';

/** All interfaces of the services of one type in one region. */
interface RegionUrls {
  readonly id: string;
  readonly region: string | null;
  publicURL: string;
  internalURL?: string;
  adminURL?: string;
}

interface ServiceOfType {
  readonly name: string;
  readonly type: string;
  readonly byRegion: Map<string | null, RegionUrls>;
}

/** v2.0 tells services apart by type alone. */
function servicesByType(services: readonly CatalogService[]): ServiceOfType[] {
  const byType = new Map<string, ServiceOfType>();
  for (const { name, type, endpoints } of services) {
    for (const { id, interface: kind, region, url } of endpoints) {
      let service = byType.get(type);
      if (service === undefined) byType.set(type, (service = { name, type, byRegion: new Map() }));
      let urls = service.byRegion.get(region);
      if (urls === undefined) service.byRegion.set(region, (urls = { id, region, publicURL: '' }));
      if (kind === 'public' || kind === 'internal' || kind === 'admin') urls[`${kind}URL`] = url;
    }
  }
  return [...byType.values()];
}

/** `serviceCatalog` of a token. */
export function presentServiceCatalog(services: readonly CatalogService[]): object[] {
  return servicesByType(services).map(({ name, type, byRegion }) => ({
    name,
    type,
    endpoints_links: [],
    endpoints: [...byRegion.values()],
  }));
}

/** The endpoints of a token, one by one. `{}` for a token without a project, as Keystone answers. */
export function presentTokenEndpoints({ body }: TokenModel): object {
  if (body.project === undefined) return {};
  const endpoints = servicesByType(body.catalog ?? []).flatMap(({ name, type, byRegion }) =>
    [...byRegion.values()].map(({ internalURL = null, adminURL = null, ...endpoint }) => ({
      ...endpoint,
      name,
      type,
      internalURL,
      adminURL,
    })),
  );
  return { endpoints, endpoints_links: [] };
}

export interface V2Presentation {
  /** The project of the token; null for an unscoped one. */
  readonly tenant: Tenant | null;
  /** The answer to a sign-in writes whole seconds of the expiry. */
  readonly isNew: boolean;
}

/** `{"access": {...}}` */
export function presentTokenV2({ id, body, expiresAt }: TokenModel, presentation: V2Presentation): object {
  const { tenant, isNew } = presentation;
  const { name, id: userId } = body.user;
  const roles = body.roles ?? [];
  const trust = body['OS-TRUST:trust'];
  return {
    access: {
      token: {
        id,
        expires: isNew ? isoTime(expiresAt) : body.expires_at,
        issued_at: body.issued_at,
        audit_ids: body.audit_ids,
        ...(tenant && { tenant }),
        ...(body.bind && { bind: body.bind }),
      },
      user: {
        id: userId,
        name,
        username: name,
        roles: roles.map((role) => ({ name: role.name })),
        roles_links: [],
      },
      serviceCatalog: tenant === null ? [] : presentServiceCatalog(body.catalog ?? []),
      metadata: { is_admin: 0, roles: roles.map((role) => role.id) },
      ...(trust && {
        trust: {
          id: trust.id,
          impersonation: trust.impersonation,
          trustee_user_id: trust.trustee_user.id,
          trustor_user_id: trust.trustor_user.id,
        },
      }),
    },
  };
}

/**
 * `{"access": {...}}` as JSON, about a token that was validated. What is kept of a token stays only while nothing was
 * committed (see `ValidatedTokens`), so what was said of it and of its tenant is still true.
 * @param readTenant see V2Presentation; asked for when the token was not presented before
 */
export async function presentKnownTokenV2(
  token: TokenModel,
  readTenant: () => Promise<Tenant | null>,
): Promise<string | Buffer> {
  const known = token instanceof KnownToken ? token : null;
  let answer = known?.answer('v2');
  if (answer === undefined) {
    answer = lastingAnswer(
      JSON.stringify(presentTokenV2(token, { tenant: await readTenant(), isNew: false })),
    );
    known?.keepAnswer('v2', answer);
  }
  return answer;
}
