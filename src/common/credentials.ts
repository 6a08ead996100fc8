/**
 * What policy rules see of a caller: the keys of Keystone's auth context. Source: Identity's policy files, which
 * compare `user_id`, `domain_id`, `roles` and, by dotted path, what stands in the token itself
 * (`token.is_admin_project:True`, `token.project.domain.id:%(domain_id)s`).
 */
import type { AuthContext } from './context.js';
import type { Credentials } from './policy/index.js';
import { isDelegated, type TokenModel } from './token_model.js';

/**
 * The credentials of a token's holder. `token` is the body of the token as clients see it: a key that the body does
 * not have, such as `is_admin_project` without an admin project in the configuration, matches nothing.
 */
export function buildCredentials(token: TokenModel): Credentials {
  const { body } = token;
  const { user, project, domain, roles } = body;
  const trust = body['OS-TRUST:trust'];
  const oauth = body['OS-OAUTH1'];
  const federation = user['OS-FEDERATION'];
  return {
    token: body,
    user_id: user.id,
    user_domain_id: user.domain.id,
    is_delegated_auth: isDelegated(token),
    trust_id: trust?.id ?? null,
    trustor_id: trust?.trustor_user.id ?? null,
    trustee_id: trust?.trustee_user.id ?? null,
    consumer_id: oauth?.consumer_id ?? null,
    access_token_id: oauth?.access_token_id ?? null,
    ...(project === undefined
      ? {}
      : {
          project_id: project.id,
          project_domain_id: project.domain?.id ?? null,
          is_domain: body.is_domain ?? false,
        }),
    ...(domain === undefined ? {} : { domain_id: domain.id, domain_name: domain.name }),
    ...(roles === undefined || roles.length === 0 ? {} : { roles: roles.map((role) => role.name) }),
    ...(federation === undefined ? {} : { group_ids: federation.groups.map((group) => group.id) }),
  };
}

/** The request's view of a valid token. */
export function authContextOf(token: TokenModel): AuthContext {
  const { user, project, domain } = token.body;
  return {
    token,
    credentials: buildCredentials(token),
    userId: user.id,
    projectId: project?.id ?? null,
    domainId: domain?.id ?? null,
    isDelegated: isDelegated(token),
  };
}
