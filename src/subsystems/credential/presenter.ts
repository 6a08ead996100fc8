/** EC2 credentials and tokens as answered to clients. */
import type { Linked, Links } from '../../common/http/links.js';
import { isoTime } from '../../common/time.js';
import type { TokenModel } from '../../common/token_model.js';
import type { Project } from '../resource/types.js';
import type { Role } from '../role/types.js';
import { presentServiceCatalog } from '../token/v2_presenter.js';
import type { Ec2Credential } from './types.js';

export function presentEc2(links: Links, credential: Ec2Credential): Ec2Credential & Linked {
  const { user_id: userId, access } = credential;
  return { ...credential, links: { self: links.v3(`/users/${userId}/credentials/OS-EC2/${access}`) } };
}

/** A token as `s3tokens` and the `ec2tokens` of v2.0 answer it: with all that is stored of project and roles. */
export function presentTokenV2(token: TokenModel, project: Project, roles: readonly Role[]): object {
  const { body } = token;
  const { id, name } = body.user;
  return {
    access: {
      token: {
        id: token.id,
        expires: isoTime(token.expiresAt),
        issued_at: body.issued_at,
        audit_ids: body.audit_ids,
        tenant: project,
      },
      user: { id, name, username: name, roles, roles_links: [] },
      serviceCatalog: presentServiceCatalog(body.catalog ?? []),
      metadata: { is_admin: 0, roles: roles.map((role) => role.id) },
    },
  };
}
