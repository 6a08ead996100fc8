/** Roles: granted, inherited, implied, renamed, deleted. */
import { domainOf, type Grant, type Group, isAbove, personsOf, type Scope, type User } from '../truth.js';
import { pathOfGrant, type World } from '../world.js';
import type { Aim, Change, Move } from './types.js';

const textOf = ({ actor, target, role, inherited }: Grant): string =>
  `${role.name} (${role.id}) for ${actor.kind} ${actor.id} on ${target.kind} ${target.id}${inherited ? ', inherited' : ''}`;

const isHeldBy = (user: User, { actor }: Grant): boolean =>
  actor === user || (actor.kind === 'group' && actor.members.has(user));

function give(
  { world, random }: Aim,
  actor: User | Group | undefined,
  target: Scope,
  inherited: boolean,
): Move | null {
  const { truth } = world;
  const isThere = (role: Grant['role']): boolean =>
    [...truth.grants].some(
      (grant) =>
        grant.actor === actor &&
        grant.target === target &&
        grant.role === role &&
        grant.inherited === inherited,
    );
  const role = random.pick(truth.roles.filter((each) => !isThere(each)));
  if (role === undefined || actor === undefined || actor.gone || target.gone) return null;
  const grant = { actor, target, role, inherited };
  return {
    of: textOf(grant),
    make: (api) => api.done('PUT', pathOfGrant(grant)),
    learn: () => void truth.grants.add(grant),
  };
}

/** Ends what its holders have for the scope; for a grant on a domain or beneath, for the whole domain. */
export function endGrant({ truth }: World, grant: Grant): void {
  const { actor, target, inherited } = grant;
  truth.grants.delete(grant);
  for (const user of actor.kind === 'user' ? [actor] : actor.members) {
    truth.revokeOfUser(user, ({ scope }) => {
      if (scope === null) return false;
      return target.kind === 'project' && !inherited
        ? scope === target
        : domainOf(scope) === domainOf(target);
    });
  }
}

/** A grant that the token stands on. */
export function grantBehind({ token: { user, trust, scope }, world, random }: Aim): Grant | undefined {
  if (scope === null) return undefined;
  return random.pick(
    [...world.truth.grants].filter(
      (grant) =>
        isHeldBy(trust?.trustor ?? user, grant) &&
        (grant.inherited ? isAbove(grant.target, scope) : grant.target === scope),
    ),
  );
}

export const ROLE_CHANGES: Readonly<Record<string, Change>> = {
  'a role is given to a user': (aim) => {
    const { token, cell, random } = aim;
    const target = token.scope ?? random.pick([cell.domain, ...cell.projects]);
    return target === undefined ? null : give(aim, random.pick(personsOf(token)), target, false);
  },
  'a role is given to a group': (aim) => {
    const { token, cell, random } = aim;
    return token.scope && give(aim, random.pick(cell.groups), token.scope, false);
  },
  'an inherited role is given': (aim) => {
    const { token, cell, random } = aim;
    const target = random.pick([cell.domain, ...cell.projects]);
    const actor = random.pick([...personsOf(token), ...cell.groups]);
    return target === undefined ? null : give(aim, actor, target, true);
  },
  'a role is taken away': (aim) => {
    const grant = grantBehind(aim);
    if (grant === undefined) return null;
    return {
      of: textOf(grant),
      make: (api) => api.done('DELETE', pathOfGrant(grant)),
      learn: () => endGrant(aim.world, grant),
    };
  },
  'a role implies another': ({ token, world: { truth }, random }) => {
    if (token.scope === null) return null;
    const held = truth.rolesOf(token.user, token.scope);
    const prior = random.pick([...held].filter((role) => truth.roles.includes(role)));
    if (prior === undefined) return null;
    const implied = random.pick(truth.roles.filter((role) => !truth.withImplied([role]).has(prior)));
    const isThere = [...truth.rules].some((rule) => rule.prior === prior && rule.implied === implied);
    if (implied === undefined || isThere) return null;
    return {
      of: `${prior.id} implies ${implied.id}`,
      make: (api) => api.done('PUT', `/roles/${prior.id}/implies/${implied.id}`),
      learn: () => void truth.rules.add({ prior, implied }),
    };
  },
  'a role implies another no longer': ({ world: { truth }, random }) => {
    const rule = random.pick(truth.rules);
    if (rule === undefined) return null;
    return {
      of: `${rule.prior.id} implies ${rule.implied.id}`,
      make: (api) => api.done('DELETE', `/roles/${rule.prior.id}/implies/${rule.implied.id}`),
      learn: () => void truth.rules.delete(rule),
    };
  },
  'a role is renamed': ({ world, random }) => {
    const role = random.pick(world.truth.roles);
    if (role === undefined) return null;
    const name = world.fresh('role');
    return {
      of: `${role.id}, ${role.name} to ${name}`,
      make: (api) => api.done('PATCH', `/roles/${role.id}`, { role: { name } }),
      learn: () => void (role.name = name),
    };
  },
  'a role is deleted': ({ world: { truth }, random }) => {
    const role = random.pick(truth.roles);
    if (role === undefined) return null;
    return {
      of: role.id,
      make: (api) => api.done('DELETE', `/roles/${role.id}`),
      learn: () => {
        truth.roles.splice(truth.roles.indexOf(role), 1);
        truth.grants = new Set([...truth.grants].filter((grant) => grant.role !== role));
        for (const rule of truth.rules) {
          if (rule.prior === role || rule.implied === role) truth.rules.delete(rule);
        }
        if (truth.tokensAreStored) truth.revoke(({ issuedRoles }) => issuedRoles.includes(role.id));
      },
    };
  },
};
