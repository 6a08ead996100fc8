/** EC2 credentials and tokens as answered to clients. */
import type { Linked, Links } from '../../common/http/links.js';
import { isoTime } from '../../common/time.js';
import type { CatalogService, TokenModel } from '../../common/token_model.js';
import type { Project } from '../resource/types.js';
import type { Role } from '../role/types.js';
import type { Ec2Credential } from './types.js';

export function presentEc2(links: Links, credential: Ec2Credential): Ec2Credential & Linked {
  const { user_id: userId, access } = credential;
  return { ...credential, links: { self: links.v3(`/users/${userId}/credentials/OS-EC2/${access}`) } };
}

const URL_NAMES: Readonly<Record<string, string>> = {
  public: 'publicURL',
  internal: 'internalURL',
  admin: 'adminURL',
};

/** The catalog as API v2.0 has it: an entry per service and region, with the URLs of its interfaces. */
function catalogV2(services: readonly CatalogService[]): object[] {
  return services.flatMap(({ name, type, endpoints }) => {
    const byRegion = new Map<string | null, Record<string, unknown>>();
    for (const { id, interface: kind, region, url } of endpoints) {
      const urls = byRegion.get(region) ?? { region, id };
      urls[URL_NAMES[kind] ?? `${kind}URL`] = url;
      byRegion.set(region, urls);
    }
    return [...byRegion.values()].map((endpoint) => ({
      name,
      type,
      endpoints: [endpoint],
      endpoints_links: [],
    }));
  });
}

/** A token in the form of API v2.0, in which `s3tokens` and v2.0 itself answer. */
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
      serviceCatalog: catalogV2(body.catalog ?? []),
      metadata: { is_admin: 0, roles: roles.map((role) => role.id) },
    },
  };
}
