/** Projects and domains: disabled, renamed, deleted. */
import { type Domain, domainOf, isAbove, type Project, personsOf, type Scope } from '../truth.js';
import type { Cell, World } from '../world.js';
import type { Aim, Change, Move } from './types.js';

const below = (cell: Cell, project: Project): Project[] =>
  cell.projects.filter((each) => each.gone !== true && isAbove(project, each));

function projectOf({ token: { scope } }: Aim): Project | null {
  return scope?.kind === 'project' && scope.gone !== true ? scope : null;
}

const isProtected = (project: Project): boolean =>
  project.parent?.enabled === false || !project.domain.enabled;

/** Of the scope, or of somebody whom the token speaks for or by; with its cell, unless that was replaced. */
function cellOf({ token, world, random }: Aim, suits: (domain: Domain) => boolean): Cell | undefined {
  const domains = new Set([
    ...(token.scope === null ? [] : [domainOf(token.scope)]),
    ...personsOf(token).map(({ domain }) => domain),
  ]);
  return random.pick(
    world.cells.filter(({ domain }) => domains.has(domain) && domain.gone !== true && suits(domain)),
  );
}

/** Its tokens, and those of its users; of a trust the user is the one that the token speaks for. */
function revokeOfDomain({ truth }: World, domain: Domain): void {
  truth.revoke(({ user, scope }) => user.domain === domain || (scope !== null && domainOf(scope) === domain));
}

function rename({ world }: Aim, scope: Scope): Move {
  const name = world.fresh('renamed');
  return {
    of: `${scope.kind} ${scope.id} to ${name}`,
    make: (api) => api.done('PATCH', `/${scope.kind}s/${scope.id}`, { [scope.kind]: { name } }),
    learn: () => void (scope.name = name),
  };
}

export const PLACE_CHANGES: Readonly<Record<string, Change>> = {
  'a project is disabled': (aim) => {
    const project = projectOf(aim);
    if (project === null || !project.enabled || below(aim.cell, project).some(({ enabled }) => enabled))
      return null;
    return {
      of: project.id,
      make: (api) => api.done('PATCH', `/projects/${project.id}`, { project: { enabled: false } }),
      learn: () => {
        project.enabled = false;
        aim.world.truth.revoke(({ scope }) => scope === project);
      },
    };
  },
  'a project is enabled': ({ world, random }) => {
    const disabled = world.cells
      .flatMap(({ projects }) => projects)
      .filter((project) => project.gone !== true && !project.enabled && !isProtected(project));
    const project = random.pick(disabled);
    if (project === undefined) return null;
    return {
      of: project.id,
      make: (api) => api.done('PATCH', `/projects/${project.id}`, { project: { enabled: true } }),
      learn: () => void (project.enabled = true),
    };
  },
  'a project is renamed': (aim) => {
    const project = projectOf(aim);
    return project && rename(aim, project);
  },
  'a project is deleted': (aim) => {
    const project = projectOf(aim);
    if (project === null || below(aim.cell, project).length > 0) return null;
    const { truth } = aim.world;
    return {
      of: project.id,
      make: (api) => api.done('DELETE', `/projects/${project.id}`),
      learn: () => {
        project.gone = true;
        truth.revoke(({ scope }) => scope === project);
        truth.grants = new Set([...truth.grants].filter(({ target }) => target !== project));
      },
    };
  },
  'a domain is disabled': (aim) => {
    const cell = cellOf(aim, ({ enabled }) => enabled);
    if (cell === undefined) return null;
    const { domain } = cell;
    return {
      of: domain.id,
      make: (api) => api.done('PATCH', `/domains/${domain.id}`, { domain: { enabled: false } }),
      learn: () => {
        domain.enabled = false;
        revokeOfDomain(aim.world, domain);
      },
    };
  },
  'a domain is enabled': ({ world, random }) => {
    const domain = random.pick(
      world.cells.map((cell) => cell.domain).filter(({ gone, enabled }) => gone !== true && !enabled),
    );
    if (domain === undefined) return null;
    return {
      of: domain.id,
      make: (api) => api.done('PATCH', `/domains/${domain.id}`, { domain: { enabled: true } }),
      learn: () => void (domain.enabled = true),
    };
  },
  'a domain is renamed': (aim) => {
    const cell = cellOf(aim, () => true);
    return cell === undefined ? null : rename(aim, cell.domain);
  },
  'a domain is deleted': (aim) => {
    const cell = aim.world.cells.find(({ domain }) => domain.gone !== true && !domain.enabled);
    if (cell === undefined) return null;
    const { truth } = aim.world;
    const { domain, users, groups, projects } = cell;
    return {
      of: domain.id,
      make: (api) => api.done('DELETE', `/domains/${domain.id}`),
      learn: () => {
        // Its groups go with it, which end what their members have: those of other domains, too.
        const members = groups.filter(({ gone }) => gone !== true).flatMap((group) => [...group.members]);
        for (const user of new Set([...users, ...members])) truth.revokeOfUser(user);
        for (const each of [domain, ...users, ...groups, ...projects]) each.gone = true;
        truth.revoke(({ scope }) => scope !== null && domainOf(scope) === domain);
        truth.grants = new Set([...truth.grants].filter(({ actor, target }) => !actor.gone && !target.gone));
      },
    };
  },
};
