/**
 * The v3 body of a token from what the token says of itself: names, roles and catalog as they are now. Building it
 * is also the check that the token still stands on something: user, project, domain and trust exist and are enabled,
 * and there are roles.
 */

import { Forbidden, TokenNotFound, Unauthorized } from '../../common/errors.js';
import { FreshCache } from '../../common/fresh_cache.js';
import { isPromise, type MaybePromise } from '../../common/maybe_promise.js';
import { isoTimeWithMicroseconds } from '../../common/time.js';
import type { CatalogService, NamedRef, TokenUser, V3TokenBody } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import type { ManagerContext } from '../subsystem.js';
import type { Trust } from '../trust/types.js';
import { sizeOfWords, tokenMemory } from './memory.js';
import type { SharedAnswers } from './shared_answers.js';
import type { TokenFacts } from './types.js';

interface Scope {
  readonly project: V3TokenBody['project'] | null;
  readonly isDomain: boolean;
  readonly domain: NamedRef | null;
}

/** What a token stands on, the same for all tokens of a user for a scope. */
interface Ground {
  readonly user: TokenUser;
  readonly scope: Scope;
  readonly roles: readonly NamedRef[] | null;
  readonly catalog: readonly CatalogService[] | null;
}

interface Built {
  readonly body: V3TokenBody;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export class TokenDataBuilder {
  private readonly conf: Conf;
  private readonly providers: Providers;
  private readonly grounds: FreshCache<Ground>;

  constructor(
    { conf, providers, stateOfData }: Pick<ManagerContext, 'conf' | 'providers' | 'stateOfData'>,
    private readonly shared: SharedAnswers,
  ) {
    this.conf = conf;
    this.providers = providers;
    this.grounds = new FreshCache<Ground>(stateOfData, { maxSize: tokenMemory(conf), sizeOf: sizeOfWords });
  }

  /**
   * @returns the body, and when it ends to be true without anybody's doing (milliseconds since 1970): a trust that was
   *   made from another never ends after it
   * @throws Unauthorized when user or scope are gone or disabled, or no role is left; Forbidden and TokenNotFound for
   *   trusts that no longer hold
   */
  build(facts: TokenFacts): MaybePromise<Built> {
    if (facts.trustId !== null || facts.accessTokenId !== null) return this.buildDelegated(facts);
    const ground = this.ground(facts, null);
    const on = (known: Ground): Built => ({
      body: this.body(facts, known, null, null),
      until: Number.POSITIVE_INFINITY,
    });
    return isPromise(ground) ? ground.then(on) : on(ground);
  }

  private async buildDelegated(facts: TokenFacts): Promise<Built> {
    const trust = facts.trustId === null ? null : await this.trust(facts.trustId);
    const ground = await this.ground(facts, trust);
    const oauth = facts.accessTokenId === null ? null : await this.oauth(facts.accessTokenId);
    return {
      body: this.body(facts, ground, trust, oauth),
      until: trust?.expires_at ?? Number.POSITIVE_INFINITY,
    };
  }

  private body(
    facts: TokenFacts,
    { user, scope, roles, catalog }: Ground,
    trust: Trust | null,
    oauth: V3TokenBody['OS-OAUTH1'] | null,
  ): V3TokenBody {
    const { admin_project_name: adminProject, admin_project_domain_name: adminDomain } = this.conf.resource;
    return {
      ...(scope.project && { is_domain: scope.isDomain }),
      methods: facts.methods,
      ...(roles && { roles }),
      ...(scope.project &&
        adminProject !== null &&
        adminProject !== '' &&
        adminDomain !== null &&
        adminDomain !== '' && {
          is_admin_project: scope.project.name === adminProject && scope.project.domain?.name === adminDomain,
        }),
      expires_at: isoTimeWithMicroseconds(facts.expiresAt),
      ...(scope.project && { project: scope.project }),
      ...(scope.domain && { domain: scope.domain }),
      ...(catalog && { catalog }),
      user,
      audit_ids: facts.auditIds,
      issued_at: isoTimeWithMicroseconds(facts.issuedAt),
      ...(trust && { 'OS-TRUST:trust': presentTrust(trust) }),
      ...(oauth && { 'OS-OAUTH1': oauth }),
      ...(facts.bind !== null && Object.keys(facts.bind).length > 0 && { bind: facts.bind }),
    };
  }

  /** Trusts, access tokens and federated users bring roles of their own: these are always looked at. */
  private ground(facts: TokenFacts, trust: Trust | null): MaybePromise<Ground> {
    const { userId, projectId, domainId, accessTokenId, federation } = facts;
    const look = (): Promise<Ground> => this.lookAtGround(facts, trust);
    if (trust !== null || accessTokenId !== null || federation !== null) return look();
    return this.grounds.get(JSON.stringify([userId, projectId, domainId]), look);
  }

  private async lookAtGround(facts: TokenFacts, trust: Trust | null): Promise<Ground> {
    const scope = await this.scope(facts);
    const user = await this.user(facts, trust, scope);
    const scoped = scope.project !== null || scope.domain !== null;
    const catalogUser = trust === null ? facts.userId : trust.trustor_user_id;
    const [roles, catalog] = await Promise.all([
      scoped ? this.roles(facts, trust) : null,
      scoped ? this.catalog(catalogUser, facts.projectId) : null,
    ]);
    return { user, scope, roles, catalog };
  }

  private catalog(userId: string, projectId: string | null): Promise<readonly CatalogService[]> {
    return this.shared.catalogs.get(JSON.stringify([userId, projectId]), () =>
      this.providers.catalog.getV3Catalog(userId, projectId),
    );
  }

  private async trust(trustId: string): Promise<Trust> {
    if (!this.conf.trust.enabled) throw new Forbidden('Trusts are disabled.');
    return this.providers.trust.getTrust(trustId);
  }

  private async user(facts: TokenFacts, trust: Trust | null, scope: Scope): Promise<TokenUser> {
    if (trust === null) return this.plainUser(facts, scope.domain ?? scope.project?.domain ?? null);
    const [trustor, trustee] = await Promise.all([
      this.delegationParty(trust.trustor_user_id, 'Trustor'),
      this.delegationParty(trust.trustee_user_id, 'Trustee'),
    ]);
    return trust.impersonation ? trustor : trustee;
  }

  private async delegationParty(userId: string, party: string): Promise<TokenUser> {
    const user = await this.providers.identity.userForToken(userId);
    if (user === null) throw new TokenNotFound(`${party} does not exist.`);
    const domain = await this.providers.resource.domainForToken(user.domain_id);
    if (domain === null || !domain.enabled) throw new TokenNotFound(`${party} domain is disabled.`);
    if (!user.enabled) throw new Forbidden(`${party} is disabled.`);
    return { id: user.id, name: user.name, domain: { id: domain.id, name: domain.name } };
  }

  /** @param known an enabled domain: users mostly work in their own, which then need not be looked up again */
  private async plainUser(facts: TokenFacts, known: NamedRef | null): Promise<TokenUser> {
    const user = await this.providers.identity.userForToken(facts.userId);
    if (user === null) throw new Unauthorized(`User ${facts.userId} does not exist`);
    if (!user.enabled) throw new Unauthorized(`User ${facts.userId} is disabled`);
    if (facts.federation !== null) {
      const { federated_domain_name: federatedDomain } = this.conf.federation;
      return {
        id: user.id,
        name: user.name,
        domain: { id: federatedDomain, name: federatedDomain },
        'OS-FEDERATION': {
          groups: facts.federation.groupIds.map((id) => ({ id })),
          identity_provider: { id: facts.federation.identityProviderId },
          protocol: { id: facts.federation.protocolId },
        },
      };
    }
    const domain = await this.enabledDomain(user.domain_id, known);
    if (domain === null) throw new Unauthorized(`Domain of user ${facts.userId} is disabled`);
    return { id: user.id, name: user.name, domain };
  }

  private async enabledDomain(id: string, known: NamedRef | null): Promise<NamedRef | null> {
    if (known?.id === id) return known;
    const domain = await this.providers.resource.domainForToken(id);
    return domain === null || !domain.enabled ? null : { id: domain.id, name: domain.name };
  }

  private async scope(facts: TokenFacts): Promise<Scope> {
    if (facts.projectId !== null) {
      const project = await this.providers.resource.projectForToken(facts.projectId);
      if (project === null) throw new Unauthorized(`Project ${facts.projectId} does not exist`);
      if (!project.enabled || project.domain?.enabled === false) {
        throw new Unauthorized(`Project ${facts.projectId} is disabled`);
      }
      const domain = project.domain === null ? null : { id: project.domain.id, name: project.domain.name };
      return {
        project: { domain, id: project.id, name: project.name },
        isDomain: project.is_domain,
        domain: null,
      };
    }
    if (facts.domainId !== null) {
      const domain = await this.providers.resource.domainForToken(facts.domainId);
      if (domain === null || !domain.enabled) throw new Unauthorized(`Domain ${facts.domainId} is disabled`);
      return { project: null, isDomain: false, domain: { id: domain.id, name: domain.name } };
    }
    return { project: null, isDomain: false, domain: null };
  }

  private async roles(facts: TokenFacts, trust: Trust | null): Promise<readonly NamedRef[]> {
    const { assignment, oauth1, trust: trusts } = this.providers;
    if (facts.accessTokenId !== null) return oauth1.rolesOfAccessToken(facts.accessTokenId);
    // Of delegated roles Keystone tells everything.
    if (trust !== null) return trusts.delegatedRoles(trust);
    const groupIds = facts.federation?.groupIds ?? [];
    const target =
      facts.projectId === null ? { domainId: facts.domainId as string } : { projectId: facts.projectId };
    const roles = await this.shared.roles.get(JSON.stringify([facts.userId, target, groupIds]), () =>
      assignment.effectiveRoles(facts.userId, target, groupIds),
    );
    if (roles.length === 0) {
      throw new Unauthorized(`User ${facts.userId} has no access to ${JSON.stringify(target)}`);
    }
    return roles;
  }

  private async oauth(accessTokenId: string): Promise<NonNullable<V3TokenBody['OS-OAUTH1']>> {
    const { consumer_id: consumerId } = await this.providers.oauth1.getAccessToken(accessTokenId);
    return { access_token_id: accessTokenId, consumer_id: consumerId };
  }
}

function presentTrust(trust: Trust): NonNullable<V3TokenBody['OS-TRUST:trust']> {
  return {
    impersonation: trust.impersonation,
    trustee_user: { id: trust.trustee_user_id },
    id: trust.id,
    trustor_user: { id: trust.trustor_user_id },
  };
}
