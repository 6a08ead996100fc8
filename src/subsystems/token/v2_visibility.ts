/**
 * Which tokens API v2.0 can read. It knows neither domains as scopes, nor federation, nor OAuth. Source:
 * `docs/tokens.md`.
 */
import { NotFound, TokenNotFound, Unauthorized } from '../../common/errors.js';
import type { TokenModel } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import type { Trust } from '../trust/types.js';

/** @throws Unauthorized for a token that v2.0 has no words for; TokenNotFound when its trust is gone */
export async function assertVisibleInV2(
  { id, body }: TokenModel,
  providers: Providers,
  conf: Conf,
): Promise<void> {
  if (body['OS-OAUTH1'] !== undefined) throw new Unauthorized('Tokens of OAuth are none of v2.0');
  if (body.user['OS-FEDERATION'] !== undefined) throw new Unauthorized('Federated tokens are none of v2.0');
  // A domain as a scope means nothing to v2.0. Formats that are stored refuse any, fernet all but the default one; users
  // and projects of other domains are read with either.
  const isStored = conf.token.provider !== 'fernet';
  if (body.domain !== undefined && (isStored || body.domain.id !== conf.identity.default_domain_id)) {
    throw new Unauthorized('Domain-scoped tokens are none of v2.0');
  }
  const trust = body['OS-TRUST:trust'];
  if (trust === undefined) return;
  try {
    await assertTrustInDefaultDomain(await providers.trust.getTrust(trust.id), providers, conf);
  } catch (error) {
    if (error instanceof NotFound) throw new TokenNotFound({ token_id: id }, { cause: error });
    throw error;
  }
}

/** @throws Unauthorized unless trustor, trustee and project are in the default domain */
export async function assertTrustInDefaultDomain(
  trust: Trust,
  { identity, resource }: Providers,
  conf: Conf,
): Promise<void> {
  const [users, project] = await Promise.all([
    identity.usersByIds([trust.trustor_user_id, trust.trustee_user_id]),
    trust.project_id === null ? null : resource.projectForToken(trust.project_id),
  ]);
  const domains = [...users.values(), ...(project === null ? [] : [project])].map(
    ({ domain_id: domainId }) => domainId,
  );
  if (domains.some((domainId) => domainId !== conf.identity.default_domain_id)) {
    throw new Unauthorized('Non-default domain is not supported');
  }
}
