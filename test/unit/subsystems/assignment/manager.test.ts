/** What the assignment manager promises: which tokens end, what lists cost, what goes with what. */
import { expect } from 'chai';
import {
  DomainSpecificRoleMismatch,
  ProjectNotFound,
  RoleAssignmentNotFound,
  TokenNotFound,
  UserNotFound,
} from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import type {
  AssignmentFilters,
  Grant,
  RoleAssignment,
} from '../../../../src/subsystems/assignment/types.js';
import type { RevocationCriteria } from '../../../../src/subsystems/revoke/types.js';
import { grantOf } from '../../../conformance/assignment.js';
import { withHeldClock } from '../../../support/held_clock.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy, settled } from '../identity/deployment.js';

const NO_FILTERS: AssignmentFilters = {
  roleId: null,
  userId: null,
  groupId: null,
  projectId: null,
  domainId: null,
  inherited: null,
  effective: false,
  includeNames: false,
  includeSubtree: false,
};

describe('the assignment manager', () => {
  let cloud: Deployment;
  before(async () => {
    cloud = await deploy();
  });
  after(() => cloud.close());

  let count = 0;
  const unique = (kind: string): string => `${kind}-${(count += 1)}`;
  /** Makes entities in a deployment, each by its id. */
  const make = (of: () => Deployment) => ({
    user: async (...groupIds: string[]): Promise<string> => {
      const { identity } = of().providers;
      const { id } = await identity.createUser({ name: unique('user'), domain_id: 'default' }, null);
      for (const groupId of groupIds) await identity.addUserToGroup(id, groupId, null);
      return id;
    },
    group: async (): Promise<string> => {
      const attributes = { name: unique('group'), domain_id: 'default' };
      return (await of().providers.identity.createGroup(attributes, null)).id;
    },
    domain: async (): Promise<string> =>
      (await of().providers.resource.createDomain({ name: unique('domain') }, null)).id,
    project: async (domainId = 'default', parentId = domainId): Promise<string> => {
      const attributes = { name: unique('project'), domain_id: domainId, parent_id: parentId };
      return (await of().providers.resource.createProject(attributes, null)).id;
    },
    role: async (domainId: string | null = null): Promise<string> =>
      (await of().providers.role.createRole({ name: unique('role'), domain_id: domainId }, null)).id,
    grant: async (part: Parameters<typeof grantOf>[0]): Promise<Grant> => {
      const grant = grantOf(part);
      await of().providers.assignment.createGrant(grant, null);
      return grant;
    },
    list: async (filters: Partial<AssignmentFilters>): Promise<readonly RoleAssignment[]> =>
      (await of().providers.assignment.listRoleAssignments({ ...NO_FILTERS, ...filters })).assignments,
  });
  const { user, group, domain, project, role, grant, list } = make(() => cloud);

  /** An id of a new token, and whether it is still good. */
  async function token(
    userId: string,
    scope: { projectId?: string; domainId?: string } = {},
  ): Promise<string> {
    return (await cloud.providers.token.issueToken({ userId, methods: ['password'], ...scope }, {})).id;
  }
  const isGood = async (id: string): Promise<boolean> => {
    try {
      await cloud.providers.token.validateToken(id);
      return true;
    } catch (error) {
      if (error instanceof TokenNotFound) return false;
      throw error;
    }
  };
  const take = (what: Grant): Promise<void> => cloud.providers.assignment.deleteGrant(what, null);
  const events = async (): Promise<RevocationCriteria[]> =>
    (await cloud.providers.revoke.list(undefined)).map(
      ({ issuedBefore: _before, revokedAt: _at, ...criteria }) => criteria,
    );

  /** How many statements the database is asked to run, by us and by Sequelize. */
  async function statementsOf(work: () => Promise<unknown>): Promise<number> {
    const { engine, sequelize } = cloud.database as unknown as {
      engine: Record<'all' | 'run', (...args: unknown[]) => unknown>;
      sequelize: { options: { logging: unknown } };
    };
    const { all, run } = engine;
    let asked = 0;
    const counted =
      (method: typeof all): typeof all =>
      (...args) => {
        asked += 1;
        return method.apply(engine, args);
      };
    engine.all = counted(all);
    engine.run = counted(run);
    sequelize.options.logging = () => {
      asked += 1;
    };
    try {
      await work();
    } finally {
      Object.assign(engine, { all, run });
      sequelize.options.logging = false;
    }
    return asked;
  }

  describe('taking a role away', () => {
    it('ends the tokens of the user for the project, whatever else the user has there, and no others', async () => {
      const [here, there] = [await project(), await project()];
      const [alice, bob] = [await user(), await user()];
      const [roleId, other] = [await role(), await role()];
      const taken = await grant({ roleId, userId: alice, projectId: here });
      for (const userId of [alice, bob]) await grant({ roleId: other, userId, projectId: here });
      await grant({ roleId, userId: alice, projectId: there });
      const lost = await token(alice, { projectId: here });
      const kept = [
        await token(alice),
        await token(alice, { projectId: there }),
        await token(bob, { projectId: here }),
      ];
      await take(taken);
      expect(await isGood(lost)).to.equal(false);
      for (const id of kept) expect(await isGood(id)).to.equal(true);
      expect(await events()).to.deep.include({ userId: alice, roleId, projectId: here });
      const renewed = await cloud.providers.token.validateToken(await token(alice, { projectId: here }));
      expect(renewed.body.roles?.map(({ id }) => id)).to.deep.equal([other]);
    });

    it('from a group ends the tokens of all its members', async () => {
      const projectId = await project();
      const groupId = await group();
      const members = [await user(groupId), await user(groupId), await user(groupId)];
      const outsider = await user();
      const [roleId, other] = [await role(), await role()];
      const taken = await grant({ roleId, groupId, projectId });
      for (const userId of [...members, outsider]) await grant({ roleId: other, userId, projectId });
      const lost = await Promise.all(members.map((userId) => token(userId, { projectId })));
      const kept = [await token(outsider, { projectId }), await token(members[0] as string)];
      await take(taken);
      for (const id of lost) expect(await isGood(id)).to.equal(false);
      for (const id of kept) expect(await isGood(id)).to.equal(true);
      const expected = members.map((userId) => ({ userId, roleId, projectId }));
      expect(await events()).to.include.deep.members(expected);
    });

    it('from a group asks the database the same for many members as for one', async () => {
      const [projectId, roleId] = [await project(), await role()];
      const [small, large] = [await group(), await group()];
      await user(small, large);
      for (let index = 0; index < 20; index += 1) await user(large);
      const [few, many] = [
        await grant({ roleId, groupId: small, projectId }),
        await grant({ roleId, groupId: large, projectId }),
      ];
      const any = await grant({ roleId, groupId: small, domainId: 'default' });
      // Time has old events removed, and an event told twice that takes long to be committed.
      await withHeldClock(async () => {
        await take(any);
        expect(await statementsOf(() => take(many))).to.equal(await statementsOf(() => take(few)));
      });
    });

    it('from a domain ends the tokens for the domain, not the unscoped ones of those who live there', async () => {
      const elsewhere = await domain();
      const userId = await user();
      const roleId = await role();
      const taken = await grant({ roleId, userId, domainId: 'default' });
      await grant({ roleId: await role(), userId, domainId: 'default' });
      await grant({ roleId, userId, domainId: elsewhere });
      const lost = await token(userId, { domainId: 'default' });
      const kept = [await token(userId), await token(userId, { domainId: elsewhere })];
      await take(taken);
      expect(await isGood(lost)).to.equal(false);
      for (const id of kept) expect(await isGood(id)).to.equal(true);
    });

    for (const [what, part] of [
      ['a domain', ({ domainId }) => ({ domainId, inherited: true })],
      ['a project', ({ top }) => ({ projectId: top, inherited: true })],
    ] satisfies [string, (at: { domainId: string; top: string }) => Partial<Grant>][]) {
      it(`that ${what} hands down ends the tokens for what is beneath, at any depth`, async () => {
        const domainId = await domain();
        const top = await project(domainId);
        const leaf = await project(domainId, await project(domainId, top));
        const elsewhere = await project();
        const groupId = await group();
        const userId = await user(groupId);
        const roleId = await role();
        const taken = await grant({ roleId, groupId, ...part({ domainId, top }) });
        const own = await role();
        for (const projectId of [leaf, elsewhere]) await grant({ roleId: own, userId, projectId });
        const lost = await token(userId, { projectId: leaf });
        const kept = [await token(userId, { projectId: elsewhere }), await token(userId)];
        await take(taken);
        expect(await isGood(lost)).to.equal(false);
        for (const id of kept) expect(await isGood(id)).to.equal(true);
        expect(await events()).to.deep.include({ userId, roleId, domainId });
      });
    }

    it('takes what it implies as well', async () => {
      const { role: roles, assignment } = cloud.providers;
      const [projectId, userId] = [await project(), await user()];
      const [prior, implied] = [await role(), await role()];
      await roles.createImpliedRole(prior, implied);
      const taken = await grant({ roleId: prior, userId, projectId });
      const lost = await token(userId, { projectId });
      expect(await assignment.effectiveRoles(userId, { projectId }, [])).to.have.length(2);
      await take(taken);
      expect(await assignment.effectiveRoles(userId, { projectId }, [])).to.deep.equal([]);
      expect(await isGood(lost)).to.equal(false);
    });

    it('that was never given changes nothing', async () => {
      const [projectId, userId, roleId] = [await project(), await user(), await role()];
      await grant({ roleId, userId, projectId });
      const kept = await token(userId, { projectId });
      const before = await events();
      const wrong = grantOf({ roleId: await role(), userId, projectId });
      expect(await rejection(take(wrong))).to.be.instanceOf(RoleAssignmentNotFound);
      expect(await isGood(kept)).to.equal(true);
      expect(await events()).to.deep.equal(before);
    });

    it('works for users and groups that are gone', async () => {
      const projectId = await project();
      for (const actor of [{ userId: 'gone' }, { groupId: 'gone' }]) {
        await take(await grant({ roleId: await role(), projectId, ...actor }));
      }
    });
  });

  it('ends no token when a role is given', async () => {
    const [projectId, groupId, roleId] = [await project(), await group(), await role()];
    const userId = await user(groupId);
    await grant({ roleId, userId, projectId });
    const kept = await token(userId, { projectId });
    const before = await events();
    const more = await role();
    await grant({ roleId, userId, projectId });
    await grant({ roleId: more, userId, projectId });
    await grant({ roleId: more, groupId, projectId });
    await grant({ roleId: more, groupId, domainId: 'default', inherited: true });
    expect(await events()).to.deep.equal(before);
    const { body } = await cloud.providers.token.validateToken(kept);
    expect(body.roles?.map(({ id }) => id)).to.have.members([roleId, more]);
  });

  describe('a role that is deleted', () => {
    it('goes from all tokens at once, with what it implied, and ends those that have no other', async () => {
      const { role: roles } = cloud.providers;
      const [projectId, alice, bob] = [await project(), await user(), await user()];
      const [deleted, implied, other] = [await role(), await role(), await role()];
      await roles.createImpliedRole(deleted, implied);
      for (const userId of [alice, bob]) await grant({ roleId: deleted, userId, projectId });
      await grant({ roleId: other, userId: bob, projectId });
      const [lost, lessened] = [await token(alice, { projectId }), await token(bob, { projectId })];
      await roles.deleteRole(deleted, null);
      expect(await isGood(lost)).to.equal(false);
      const { body } = await cloud.providers.token.validateToken(lessened);
      expect(body.roles?.map(({ id }) => id)).to.deep.equal([other]);
      expect(await list({ roleId: deleted })).to.deep.equal([]);
      expect(await events()).to.deep.include({ roleId: deleted });
    });
  });

  it('forgets what was granted to a user or a group, or on a project or a domain, that is deleted', async () => {
    const { identity, resource } = cloud.providers;
    const [domainId, roleId, groupId] = [await domain(), await role(), await group()];
    const [projectId, userId, kept] = [await project(domainId), await user(), await user()];
    for (const target of [{ projectId }, { domainId }, { domainId, inherited: true }]) {
      await grant({ roleId, userId, ...target });
      await grant({ roleId, groupId, ...target });
      await grant({ roleId, userId: kept, ...target });
    }
    const actors = async (): Promise<number> => (await list({ roleId })).length;
    await identity.deleteUser(userId, null);
    expect(await actors()).to.equal(6);
    await identity.deleteGroup(groupId, null);
    expect(await actors()).to.equal(3);
    await resource.deleteProject(projectId, null);
    expect(await actors()).to.equal(2);
    await resource.updateDomain(domainId, { enabled: false }, null);
    await resource.deleteDomain(domainId, null);
    expect(await actors()).to.equal(0);
  });

  it('keeps domain-specific roles to the projects of their domain, and out of tokens', async () => {
    const domainId = await domain();
    const [inside, outside, userId] = [await project(domainId), await project(), await user()];
    const [specific, implied] = [await role(domainId), await role()];
    const { assignment, role: roles } = cloud.providers;
    const wrong = assignment.createGrant(grantOf({ roleId: specific, userId, projectId: outside }), null);
    expect(await rejection(wrong)).to.be.instanceOf(DomainSpecificRoleMismatch);
    await grant({ roleId: specific, userId, projectId: inside });
    await grant({ roleId: specific, userId, domainId: 'default' });
    expect(await assignment.effectiveRoles(userId, { projectId: inside }, [])).to.deep.equal([]);
    expect(await list({ userId, effective: true })).to.deep.equal([]);
    await roles.createImpliedRole(specific, implied);
    expect(
      (await assignment.effectiveRoles(userId, { projectId: inside }, [])).map(({ id }) => id),
    ).to.deep.equal([implied]);
    const all = await assignment.allEffectiveRoles(userId, { projectId: inside });
    expect(all.map(({ id }) => id)).to.have.members([specific, implied]);
    expect((await list({ userId, effective: true })).map(({ roleId }) => roleId)).to.deep.equal([
      implied,
      implied,
    ]);
  });

  it('announces what it gives and takes', async () => {
    const [projectId, userId, roleId] = [await project(), await user(), await role()];
    await settled();
    cloud.events.length = 0;
    await take(await grant({ roleId, userId, projectId }));
    await settled();
    const announced = cloud.events.map((event) => event.split(' ')[0]);
    expect(announced).to.deep.equal(['identity.role_assignment.created', 'identity.role_assignment.deleted']);
  });

  describe('lists of what is in effect', () => {
    it('resolve groups, inheritance and inference for one project', async () => {
      const domainId = await domain();
      const top = await project(domainId);
      const child = await project(domainId, top);
      const groupId = await group();
      const [alice, bob] = [await user(groupId), await user(groupId)];
      const [down, direct, implied] = [await role(), await role(), await role()];
      await cloud.providers.role.createImpliedRole(direct, implied);
      await grant({ roleId: down, groupId, domainId, inherited: true });
      await grant({ roleId: direct, userId: alice, projectId: child });
      await grant({ roleId: direct, userId: alice, projectId: top });
      const brief = async (filters: Partial<AssignmentFilters>): Promise<unknown[]> =>
        (await list({ effective: true, ...filters })).map(({ userId, projectId, roleId }) => [
          userId,
          projectId,
          roleId,
        ]);
      const onChild = [
        [alice, child, direct],
        [alice, child, implied],
        [alice, child, down],
        [bob, child, down],
      ];
      expect(await brief({ projectId: child })).to.have.deep.members(onChild);
      expect(await brief({ projectId: child, roleId: implied })).to.deep.equal([[alice, child, implied]]);
      expect(await brief({ projectId: child, inherited: true })).to.have.deep.members(onChild.slice(2));
      expect(await brief({ projectId: child, userId: bob })).to.deep.equal([[bob, child, down]]);
      const onTop = onChild.map(([userId, , roleId]) => [userId, top, roleId]);
      expect(await brief({ projectId: top, includeSubtree: true })).to.have.deep.members([
        ...onChild,
        ...onTop,
      ]);
      expect(await brief({ userId: bob })).to.have.deep.members([
        [bob, child, down],
        [bob, top, down],
      ]);
      expect(await brief({ roleId: implied })).to.have.deep.members([
        [alice, child, implied],
        [alice, top, implied],
      ]);
      expect(await brief({ domainId })).to.deep.equal([]);
    });

    it('resolve what is handed down within the subtree that is asked for', async () => {
      const domainId = await domain();
      const top = await project(domainId);
      const child = await project(domainId, top);
      const leaf = await project(domainId, child);
      const beside = await project(domainId);
      const userId = await user();
      const [fromTop, fromChild] = [await role(), await role()];
      await grant({ roleId: fromTop, userId, projectId: top, inherited: true });
      await grant({ roleId: fromChild, userId, projectId: child, inherited: true });
      await grant({ roleId: fromTop, userId, projectId: beside, inherited: true });
      const found = await list({ projectId: top, includeSubtree: true, effective: true });
      expect(
        found.map(({ projectId, roleId, source }) => [projectId, roleId, source?.projectId]),
      ).to.have.deep.members([
        [child, fromTop, top],
        [leaf, fromTop, top],
        [leaf, fromChild, child],
      ]);
    });

    it('know users and projects', async () => {
      expect(await rejection(list({ effective: true, userId: 'none' }))).to.be.instanceOf(UserNotFound);
      expect(await rejection(list({ effective: true, projectId: 'none' }))).to.be.instanceOf(ProjectNotFound);
      expect(await list({ userId: 'none' })).to.deep.equal([]);
      expect(await list({ effective: true, domainId: 'none' })).to.deep.equal([]);
      expect(await list({ effective: true, roleId: 'none' })).to.deep.equal([]);
    });

    it('ask as many questions for one grant as for many, names included', async () => {
      const groupId = await group();
      const [one, many] = [await user(groupId), await user(groupId)];
      const roleId = await role();
      await grant({ roleId, groupId, domainId: await domain(), inherited: true });
      for (let index = 0; index < 12; index += 1) {
        const inDomain = await domain();
        await project(inDomain);
        await grant({ roleId: await role(), userId: many, projectId: await project(inDomain) });
        await grant({ roleId, userId: many, domainId: inDomain, inherited: true });
      }
      await grant({ roleId, userId: one, projectId: await project() });
      await grant({ roleId, userId: one, domainId: 'default', inherited: true });
      const questions = (userId: string): Promise<number> =>
        statementsOf(() => list({ userId, effective: true, includeNames: true }));
      const [few, lots] = [await questions(one), await questions(many)];
      expect(lots).to.equal(few);
      expect(few).to.be.at.most(9);
    });
  });

  it('gives names to what is listed, in batches, and leaves empty what is gone', async () => {
    const domainId = await domain();
    const [projectId, userId, roleId] = [await project(domainId), await user(), await role()];
    await grant({ roleId, userId, projectId });
    await grant({ roleId, userId: 'gone', domainId });
    const { assignments, names } = await cloud.providers.assignment.listRoleAssignments({
      ...NO_FILTERS,
      roleId,
      includeNames: true,
    });
    expect(assignments).to.have.length(2);
    expect([...(names?.users.keys() ?? [])]).to.deep.equal([userId]);
    expect(names?.users.get(userId)?.domain).to.deep.equal({ id: 'default', name: 'Default' });
    expect(names?.projects.get(projectId)?.domain.id).to.equal(domainId);
    expect(names?.domains.has(domainId)).to.equal(true);
    expect([...(names?.roles.keys() ?? [])]).to.deep.equal([roleId]);
  });

  describe('with other settings', () => {
    const others = new Map<string, Deployment>();
    async function other(...lines: string[]): Promise<Deployment> {
      const key = lines.join();
      const deployment = others.get(key) ?? (await deploy(...lines));
      others.set(key, deployment);
      return deployment;
    }
    after(() => Promise.all([...others.values()].map((each) => each.close())));

    it('os_inherit off: nothing is inherited or listed as such', async () => {
      const there = make(() => deployment);
      const deployment = await other('[os_inherit]', 'enabled = false');
      const [userId, roleId, projectId] = [await there.user(), await there.role(), await there.project()];
      await there.grant({ roleId, userId, domainId: 'default', inherited: true });
      await there.grant({ roleId, userId, domainId: 'default' });
      const { assignment } = deployment.providers;
      expect(await assignment.effectiveRoles(userId, { projectId }, [])).to.deep.equal([]);
      expect(await assignment.listProjectsForUser(userId, new Hints())).to.deep.equal([]);
      for (const effective of [true, false]) {
        const all = await there.list({ userId, effective });
        expect(all.map(({ inherited, domainId }) => [inherited, domainId])).to.deep.equal([
          [false, 'default'],
        ]);
        expect(await there.list({ userId, effective, inherited: true })).to.deep.equal([]);
      }
    });

    it('infer_roles off: nothing is implied', async () => {
      const deployment = await other('[token]', 'infer_roles = false');
      const there = make(() => deployment);
      const [userId, prior, implied] = [await there.user(), await there.role(), await there.role()];
      await deployment.providers.role.createImpliedRole(prior, implied);
      await there.grant({ roleId: prior, userId, domainId: 'default' });
      const roles = await deployment.providers.assignment.effectiveRoles(userId, { domainId: 'default' }, []);
      expect(roles.map(({ id }) => id)).to.deep.equal([prior]);
      expect((await there.list({ userId, effective: true })).map(({ roleId }) => roleId)).to.deep.equal([
        prior,
      ]);
      expect(await there.list({ roleId: implied, effective: true })).to.deep.equal([]);
    });

    it('users kept elsewhere: groups are asked from the identity driver', async () => {
      const deployment = await other('[identity]', 'domain_specific_drivers_enabled = true');
      const there = make(() => deployment);
      const groupId = await there.group();
      const [userId, roleId, projectId] = [
        await there.user(groupId),
        await there.role(),
        await there.project(),
      ];
      const extra = await there.group();
      const more = await there.role();
      await there.grant({ roleId, groupId, domainId: 'default', inherited: true });
      await there.grant({ roleId: more, groupId: extra, projectId });
      const { assignment } = deployment.providers;
      const ids = async (groups: string[]): Promise<string[]> =>
        (await assignment.effectiveRoles(userId, { projectId }, groups)).map(({ id }) => id);
      expect(await ids([])).to.deep.equal([roleId]);
      expect(await ids([extra])).to.have.members([roleId, more]);
      for (const filters of [{ userId }, { projectId }]) {
        const [found, ...rest] = await there.list({ effective: true, roleId, ...filters });
        expect(rest).to.deep.equal([]);
        expect(found).to.deep.include({ userId, projectId });
        expect(found?.source).to.include({ groupId, domainId: 'default' });
      }
      expect((await assignment.listProjectsForUser(userId, new Hints())).map(({ id }) => id)).to.deep.equal([
        projectId,
      ]);
      const callers = await assignment.listProjectsForCaller(null, [extra]);
      expect(callers.map(({ id }) => id)).to.deep.equal([projectId]);
    });
  });
});
