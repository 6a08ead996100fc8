/** OAuth tokens as answered to clients: neither secrets nor verifiers are among it, except where they are handed out. */
import type { Linked, Links } from '../../common/http/links.js';
import type { Role } from '../role/types.js';
import type { AccessToken } from './types.js';

interface PresentedAccessToken {
  readonly id: string;
  readonly links: { readonly roles: string };
  readonly [attribute: string]: unknown;
}

/** Path of the access tokens of a user. */
export function accessTokens(userId: string): string {
  return `/users/${userId}/OS-OAUTH1/access_tokens`;
}

export function presentAccessToken(links: Links, token: AccessToken): PresentedAccessToken {
  const { role_ids: _roleIds, access_secret: _secret, ...shown } = token;
  const roles = links.v3(`${accessTokens(token.authorizing_user_id)}/${token.id}/roles`);
  return { ...shown, links: { roles } };
}

/** A role without its description, as Keystone lists those of an access token. */
export function presentAuthorizedRole(links: Links, role: Role): Linked & { readonly id: string } {
  const { description: _description, enabled: _enabled, id, ...shown } = role;
  return { ...shown, id, links: { self: links.v3(`/roles/${id}`) } };
}

/** The form-encoded body by which RFC 5849 (sections 2.1, 2.3) hands out credentials. */
export function tokenForm(id: string, secret: string, expiresAt: string | null): string {
  const expiry = expiresAt === null ? '' : `&oauth_expires_at=${expiresAt}`;
  return `oauth_token=${id}&oauth_token_secret=${secret}${expiry}`;
}
