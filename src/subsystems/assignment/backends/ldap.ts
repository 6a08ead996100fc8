/**
 * Role assignments in an LDAP directory: `[assignment] driver = ldap`. A role on a project is an entry with the role's
 * id beneath that of the project; its occupants are users and groups. There is neither inheritance nor a role on a
 * domain.
 */
import { NotImplemented, RoleAssignmentNotFound } from '../../../common/errors.js';
import {
  actorTree,
  apiError,
  checkedAttribute,
  dnKey,
  type Entry,
  equals,
  escapeDnValue,
  type Filter,
  formatDn,
  isBelow,
  isDn,
  LdapDirectory,
  LdapError,
  LdapTree,
  NAMES_ONLY,
  or,
  parseDn,
  present,
  projectTree,
  RESULT,
  roleTree,
} from '../../../common/ldap/index.js';
import type { Conf } from '../../../conf/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { AssignmentDriver } from '../driver.js';
import type { Actor, Actors, EffectiveRole, Grant, GrantQuery, RoleScope, Target } from '../types.js';

export function createDriver({ conf, onClose }: DriverContext): AssignmentDriver {
  const directory = new LdapDirectory(conf.ldap);
  onClose?.(() => void directory.close());
  return new LdapAssignmentDriver(directory, conf.ldap);
}

/** A role on a project as it is found: its occupants are still names of the directory. */
interface Found {
  readonly projectId: string;
  readonly roleId: string;
  readonly entry: Entry;
}

type ActorKind = 'user' | 'group';

class LdapAssignmentDriver implements AssignmentDriver {
  private readonly projects: LdapTree;
  private readonly roles: LdapTree;
  private readonly actors: Readonly<Record<ActorKind, LdapTree>>;
  private readonly occupant: string;

  constructor(
    private readonly directory: LdapDirectory,
    private readonly options: Conf['ldap'],
  ) {
    this.projects = new LdapTree(directory, projectTree(options));
    this.roles = new LdapTree(directory, roleTree(options));
    this.actors = {
      user: new LdapTree(directory, actorTree('user', options)),
      group: new LdapTree(directory, actorTree('group', options)),
    };
    this.occupant = checkedAttribute('role_member_attribute', options.role_member_attribute);
  }

  async createGrant(grant: Grant): Promise<void> {
    assertPlain(grant);
    const dn = await this.grantDn(grant);
    const occupant = await this.actorDn(grant);
    if (dn === null || occupant === null) throw notFound(grant);
    await this.asked('create', async () => {
      if (await this.addOccupant(dn, occupant)) return;
      const classes = [this.options.role_objectclass];
      const values = new Map([
        ['objectClass', classes],
        [this.options.role_id_attribute, [grant.roleId]],
        [this.occupant, [occupant]],
      ]);
      try {
        await this.directory.add(dn, values);
      } catch (error) {
        // Somebody else gave the role to somebody at the same time.
        if (!isResult(error, RESULT.entryAlreadyExists)) throw error;
        await this.addOccupant(dn, occupant);
      }
    });
  }

  async checkGrant(grant: Grant): Promise<void> {
    const [dn, occupant] = isPlain(grant)
      ? [await this.grantDn(grant), await this.actorDn(grant)]
      : [null, null];
    if (dn === null || occupant === null) throw notFound(grant);
    const found = await this.asked('search', () =>
      this.directory.get(dn, NAMES_ONLY, equals(this.occupant, occupant)),
    );
    if (found === null) throw notFound(grant);
  }

  async deleteGrant(grant: Grant): Promise<void> {
    const [dn, occupant] = isPlain(grant)
      ? [await this.grantDn(grant), await this.actorDn(grant)]
      : [null, null];
    if (dn === null || occupant === null || !(await this.removeOccupant(dn, occupant))) throw notFound(grant);
  }

  async grantedRoleIds(actor: Actor, target: Target, inherited: boolean): Promise<string[]> {
    if (inherited || target.projectId === null) return [];
    const occupant = await this.actorDn(actor);
    if (occupant === null) return [];
    const found = await this.onProjects([target.projectId], equals(this.occupant, occupant));
    return found.map(({ roleId }) => roleId);
  }

  async listGrants(query: GrantQuery): Promise<Grant[]> {
    const { actor, target, roleIds } = query;
    if (query.inherited === true || (target !== undefined && 'domainId' in target)) return [];
    let wanted: ReadonlySet<string> | null = null;
    let filter: Filter = present(this.occupant);
    if (actor !== undefined) {
      const occupants = await this.dnsOf(actor);
      if (occupants.length === 0) return [];
      wanted = new Set(occupants.map(dnKey));
      filter = or(...occupants.map((dn) => equals(this.occupant, dn)));
    }
    const found = await this.onProjects(target === undefined ? null : [target.projectId], filter);
    const chosen = found.filter(({ roleId }) => roleIds?.has(roleId) ?? true);
    return this.grantsOf(chosen, wanted);
  }

  async effectiveRoles(actors: Actors, scope: RoleScope): Promise<EffectiveRole[]> {
    const occupants = 'domainId' in scope ? [] : await this.dnsOf({ with: actors });
    if (occupants.length === 0 || 'domainId' in scope) return [];
    const filter = or(...occupants.map((dn) => equals(this.occupant, dn)));
    const found = await this.onProjects([scope.projectId], filter);
    const entries = await this.roles.findMany(found.map(({ roleId }) => roleId));
    return entries
      .map((entry) => ({
        id: this.roles.idOf(entry) ?? '',
        name: this.roles.value(entry, 'name') ?? '',
        domain_id: null,
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async projectIds(actors: Actors): Promise<string[]> {
    const occupants = await this.dnsOf({ with: actors });
    if (occupants.length === 0) return [];
    const filter = or(...occupants.map((dn) => equals(this.occupant, dn)));
    return [...new Set((await this.onProjects(null, filter)).map(({ projectId }) => projectId))];
  }

  domainIds(): Promise<string[]> {
    return Promise.resolve([]);
  }

  projectsBeneath(): Promise<ReadonlyMap<string, readonly string[]>> {
    return Promise.resolve(new Map());
  }

  /** Members are known to the identity driver, which is asked. */
  usersInGroups(): Promise<ReadonlyMap<string, readonly string[]>> {
    return Promise.resolve(new Map());
  }

  async deleteAssignments(where: { roleId?: string; actorId?: string; targetId?: string }): Promise<number> {
    const { roleId, actorId, targetId } = where;
    const occupants = actorId === undefined ? null : await this.formerDns(actorId);
    if (occupants?.length === 0) return 0;
    const filter =
      occupants === null ? present(this.occupant) : or(...occupants.map((dn) => equals(this.occupant, dn)));
    const found = await this.onProjects(targetId === undefined ? null : [targetId], filter);
    let count = 0;
    for (const { entry, roleId: granted } of found) {
      if (roleId !== undefined && granted !== roleId) continue;
      const there = entry.texts(this.occupant);
      if (occupants === null) {
        await this.asked('delete', () => this.directory.delete(entry.dn));
        count += there.length;
      } else {
        const keys = new Set(occupants.map(dnKey));
        for (const dn of there.filter((each) => keys.has(dnKey(each)))) {
          if (await this.removeOccupant(entry.dn, dn)) count += 1;
        }
      }
    }
    return count;
  }

  /** @returns false when the role's entry is not there yet */
  private async addOccupant(dn: string, occupant: string): Promise<boolean> {
    try {
      await this.directory.modify(dn, [{ operation: 'add', attribute: this.occupant, values: [occupant] }]);
      return true;
    } catch (error) {
      if (isResult(error, RESULT.attributeOrValueExists)) return true;
      if (isResult(error, RESULT.noSuchObject)) return false;
      throw error;
    }
  }

  /**
   * The entry stays when it has no occupant any more: to take it away could take away what somebody adds meanwhile.
   * @returns whether the occupant was there
   */
  private async removeOccupant(dn: string, occupant: string): Promise<boolean> {
    try {
      await this.directory.modify(dn, [
        { operation: 'delete', attribute: this.occupant, values: [occupant] },
      ]);
      return true;
    } catch (error) {
      if (isResult(error, RESULT.noSuchObject) || isResult(error, RESULT.noSuchAttribute)) return false;
      throw apiError(error, 'LDAP role_assignment delete');
    }
  }

  /** Roles on projects that the filter fits. @param ids of projects; null: all, of which only those found are read */
  private async onProjects(ids: readonly string[] | null, filter: Filter): Promise<Found[]> {
    const known = ids === null ? null : await this.projects.findMany(ids);
    if (known?.length === 0) return [];
    const [only] = known?.length === 1 ? known : [];
    const place =
      only === undefined
        ? ({ base: this.projects.options.base, scope: 'sub' } as const)
        : ({ base: only.dn, scope: 'one' } as const);
    const isRole = equals('objectClass', this.options.role_objectclass);
    const entries = await this.asked('search', () =>
      this.directory.searchAll({
        ...place,
        filter: { kind: 'and', of: [isRole, filter] },
        attributes: [this.options.role_id_attribute, this.occupant],
      }),
    );
    const projects = new Map<string, string>();
    const add = (entry: Entry): void => void projects.set(dnKey(entry.dn), this.projects.idOf(entry) ?? '');
    known?.forEach(add);
    if (known === null) {
      const above = [...new Set(entries.map(({ dn }) => parentOf(dn)))];
      for await (const entry of this.projects.findByDns(above)) add(entry);
    }
    return entries.flatMap((entry) => {
      const projectId = projects.get(dnKey(parentOf(entry.dn)));
      const [roleId] = entry.texts(this.options.role_id_attribute);
      return projectId === undefined || roleId === undefined ? [] : [{ projectId, roleId, entry }];
    });
  }

  /** @param wanted keys of the occupants that count; null: all */
  private async grantsOf(found: readonly Found[], wanted: ReadonlySet<string> | null): Promise<Grant[]> {
    const occupants = new Set(found.flatMap(({ entry }) => entry.texts(this.occupant)));
    const actors = new Map<string, Actor>();
    for (const kind of ['user', 'group'] as const) {
      const tree = this.actors[kind];
      const own = [...occupants].filter((dn) => isDn(dn) && isBelow(dn, tree.options.base));
      for await (const entry of tree.findByDns(own)) {
        const id = tree.idOf(entry);
        const actor = kind === 'user' ? { userId: id, groupId: null } : { userId: null, groupId: id };
        actors.set(dnKey(entry.dn), actor);
      }
    }
    return found.flatMap(({ projectId, roleId, entry }) =>
      entry.texts(this.occupant).flatMap((dn) => {
        const actor = wanted === null || wanted.has(dnKey(dn)) ? actors.get(dnKey(dn)) : undefined;
        return actor === undefined ? [] : [{ ...actor, projectId, domainId: null, roleId, inherited: false }];
      }),
    );
  }

  /** Name of the entry of a role on a project; null when there is no such project. */
  private async grantDn({ projectId, roleId }: Grant): Promise<string | null> {
    const project = projectId === null ? null : await this.projects.find(projectId);
    if (project === null) return null;
    return `${this.options.role_id_attribute}=${escapeDnValue(roleId)},${project.dn}`;
  }

  private async actorDn({ userId, groupId }: Actor): Promise<string | null> {
    const entry =
      userId === null ? await this.actors.group.find(groupId ?? '') : await this.actors.user.find(userId);
    return entry?.dn ?? null;
  }

  private async dnsOf(actor: NonNullable<GrantQuery['actor']>): Promise<string[]> {
    if ('userId' in actor) return this.dnsById([actor.userId], []);
    if ('groupId' in actor) return this.dnsById([], [actor.groupId]);
    const { userId, groups } = actor.with;
    return this.dnsById(userId === null ? [] : [userId], groups === 'own' ? [] : groups);
  }

  private async dnsById(userIds: readonly string[], groupIds: readonly string[]): Promise<string[]> {
    const entries = [
      ...(await this.actors.user.findMany(userIds)),
      ...(await this.actors.group.findMany(groupIds)),
    ];
    return entries.map(({ dn }) => dn);
  }

  /** Names that a user or group may have had, who may be gone from the directory by now. */
  private async formerDns(actorId: string): Promise<string[]> {
    const known = await this.dnsById([actorId], [actorId]);
    if (known.length > 0) return known;
    return Object.values(this.actors).map((tree) => tree.newDn(actorId));
  }

  private async asked<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw apiError(error, `LDAP role_assignment ${action}`);
    }
  }
}

const isPlain = ({ domainId, inherited }: Grant): boolean => domainId === null && !inherited;

/** @throws NotImplemented */
function assertPlain(grant: Grant): void {
  if (isPlain(grant)) return;
  throw new NotImplemented('A directory keeps neither roles on domains nor inherited ones.');
}

function notFound({ roleId, userId, groupId, projectId, domainId }: Grant): Error {
  return new RoleAssignmentNotFound({
    role_id: roleId,
    actor_id: userId ?? groupId,
    target_id: projectId ?? domainId,
  });
}

function isResult(error: unknown, code: number): boolean {
  return error instanceof LdapError && error.code === code;
}

/** The name of the entry above; empty where there is none. */
function parentOf(dn: string): string {
  return isDn(dn) ? formatDn(parseDn(dn).slice(1)) : '';
}
