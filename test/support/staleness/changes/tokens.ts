/** Tokens: revoked, by themselves or with what they were made by; and new ones, which count at once. */
import type { Scope, Token } from '../truth.js';
import { password } from '../world.js';
import type { Aim, Change } from './types.js';

const isOpen = (scope: Scope): boolean =>
  scope.gone !== true && scope.enabled && (scope.kind === 'domain' || scope.domain.enabled);

/** For what the token's user may sign in to, or for nothing. */
function scopeFor({ token: { user }, cell, world, random }: Aim): Scope | null {
  const scopes = [cell.domain, ...cell.projects].filter(
    (scope) => isOpen(scope) && world.truth.rolesOf(user, scope).size > 0,
  );
  return random.pick([null, ...scopes]) ?? null;
}

const isPlain = ({ trust, access }: Token): boolean => trust === null && access === null;

export const TOKEN_CHANGES: Readonly<Record<string, Change>> = {
  'a token is revoked': ({ token, world: { truth }, random }) => {
    if (truth.judge(token) === null) return null;
    const caller: Record<string, string> = random.chance(0.5) ? { 'X-Auth-Token': token.id } : {};
    return {
      of: token.id,
      make: (api) =>
        api.done('DELETE', '/auth/tokens', undefined, { 'X-Subject-Token': token.id, ...caller }),
      learn: () => void (token.isRevoked = true),
    };
  },
  'a trust is deleted': ({ token: { trust }, world: { truth } }) => {
    if (trust === null || trust.gone) return null;
    // The trustor alone may do so.
    const own = [...truth.tokens].find(
      (each) => each.user === trust.trustor && isPlain(each) && truth.judge(each) !== null,
    );
    if (own === undefined || trust.project.gone || trust.trustee.gone) return null;
    return {
      of: trust.id,
      make: (api) =>
        api.done('DELETE', `/OS-TRUST/trusts/${trust.id}`, undefined, { 'X-Auth-Token': own.id }),
      learn: () => void (trust.gone = true),
    };
  },
  'an access token is deleted': ({ token: { access } }) => {
    if (access === null || access.gone || access.user.gone || access.project.gone) return null;
    return {
      of: access.id,
      make: (api) => api.done('DELETE', `/users/${access.user.id}/OS-OAUTH1/access_tokens/${access.id}`),
      learn: () => void (access.gone = true),
    };
  },
  'a consumer is deleted': ({ token: { access } }) => {
    if (access === null || access.gone) return null;
    return {
      of: access.consumer.id,
      make: (api) => api.done('DELETE', `/OS-OAUTH1/consumers/${access.consumer.id}`),
      learn: () => void (access.gone = true),
    };
  },
  'a token is issued for a token': (aim) => {
    const { token, cell, world } = aim;
    if (!isPlain(token) || world.truth.judge(token) === null) return null;
    const scope = scopeFor(aim);
    const identity = { methods: ['token'], token: { id: token.id } };
    return {
      of: `${token.user.id} for ${scope?.id ?? 'nothing'}`,
      make: (api) => world.issue(api, cell, { identity, scope, user: token.user }),
    };
  },
  'a token is issued for a password': (aim) => {
    const { token, cell, world } = aim;
    const { user } = token;
    // Who lost tokens this second would have to wait for the next one.
    const isUnhurt = [...cell.tokens].every((each) => each.user !== user || !each.isRevoked);
    if (!isPlain(token) || !isUnhurt || world.truth.judge(token) === null) return null;
    const scope = scopeFor(aim);
    return {
      of: `${user.id} for ${scope?.id ?? 'nothing'}`,
      make: (api) => world.issue(api, cell, { identity: password(user), scope, user }),
    };
  },
  'a user comes back': (aim) => {
    const { token, cell, world } = aim;
    const user = token.isRevoked ? token.user : null;
    if (user === null || user.gone || !user.enabled || !user.domain.enabled) return null;
    const scope = scopeFor(aim);
    return {
      of: `${user.id} for ${scope?.id ?? 'nothing'}`,
      make: (api) => world.issue(api, cell, { identity: password(user), scope, user }),
    };
  },
  'something else is changed': ({ world }) => ({
    of: 'a region',
    make: (api) => api.create('region', { id: world.fresh('region') }),
  }),
};
