/** What every store of role assignments promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { RoleAssignmentNotFound } from '../../src/common/errors.js';
import type { AssignmentDriver } from '../../src/subsystems/assignment/driver.js';
import type { Actors, Grant, RoleScope } from '../../src/subsystems/assignment/types.js';
import { rejection } from '../support/rejection.js';

/** A store under test, and the entities around it. Each makes one and gives its id. */
export interface AssignmentFixture {
  readonly driver: (options?: { readonly inherit?: boolean; readonly infer?: boolean }) => AssignmentDriver;
  readonly role: (name?: string, domainId?: string) => Promise<string>;
  readonly imply: (priorRoleId: string, impliedRoleId: string) => Promise<void>;
  readonly domain: () => Promise<string>;
  readonly project: (parentId: string) => Promise<string>;
  readonly group: () => Promise<string>;
  readonly user: (...groupIds: readonly string[]) => Promise<string>;
  /** Runs work in a transaction. */
  readonly transaction: (work: () => Promise<void>) => Promise<void>;
}

type Part<T> = Partial<T> & Pick<Grant, 'roleId'>;

/** A grant with what matters, the rest null or false. */
export function grantOf(part: Part<Grant>): Grant {
  return { userId: null, groupId: null, projectId: null, domainId: null, inherited: false, ...part };
}

/** @param fixtureOf gives the store; the suite makes entities of its own and leaves others alone */
export function assignmentDriverSuite(fixtureOf: () => AssignmentFixture): void {
  const own = (userId: string): Actors => ({ userId, groups: 'own' });
  const give = (part: Part<Grant>): Promise<void> => fixtureOf().driver().createGrant(grantOf(part));

  async function roleIds(actors: Actors, scope: RoleScope, driver = fixtureOf().driver()): Promise<string[]> {
    return (await driver.effectiveRoles(actors, scope)).map(({ id }) => id).sort();
  }

  describe('grants', () => {
    it('are made as often as one likes, found and taken away once', async () => {
      const { driver, role, project } = fixtureOf();
      const grant = grantOf({ roleId: await role(), userId: uuidHex(), projectId: await project('default') });
      expect(await rejection(driver().checkGrant(grant))).to.be.instanceOf(RoleAssignmentNotFound);
      await driver().createGrant(grant);
      await driver().createGrant(grant);
      await driver().checkGrant(grant);
      await driver().deleteGrant(grant);
      const error = await rejection(driver().deleteGrant(grant));
      expect(error).to.be.instanceOf(RoleAssignmentNotFound);
      expect(error.message).to.contain(grant.roleId).and.contain(grant.userId).and.contain(grant.projectId);
    });

    it('are of a kind each: a user is no group, a project no domain, inherited is not direct', async () => {
      const { driver, role } = fixtureOf();
      const roleId = await role();
      const [actor, target] = [uuidHex(), uuidHex()];
      const kinds = [
        { userId: actor, projectId: target },
        { groupId: actor, projectId: target },
        { userId: actor, domainId: target },
        { groupId: actor, domainId: target },
      ].flatMap((kind) => [grantOf({ ...kind, roleId }), grantOf({ ...kind, roleId, inherited: true })]);
      for (const [made, grant] of kinds.entries()) {
        await driver().createGrant(grant);
        for (const [index, other] of kinds.entries()) {
          const { inherited } = other;
          const granted = await driver().grantedRoleIds(other, other, inherited);
          expect(granted, JSON.stringify([grant, other])).to.deep.equal(index <= made ? [roleId] : []);
        }
      }
    });

    it('leave a transaction whole in which they are made twice', async () => {
      const { driver, role, transaction } = fixtureOf();
      const first = grantOf({ roleId: await role(), userId: uuidHex(), projectId: uuidHex() });
      const second = { ...first, projectId: uuidHex() };
      await driver().createGrant(first);
      await transaction(async () => {
        await driver().createGrant(first);
        await driver().createGrant(second);
      });
      await driver().checkGrant(second);
    });

    it('go by role, by actor and by target', async () => {
      const { driver, role } = fixtureOf();
      const [r1, r2] = [await role(), await role()];
      const [u1, u2, p1, p2] = [uuidHex(), uuidHex(), uuidHex(), uuidHex()];
      const all = [r1, r2].flatMap((roleId) =>
        [u1, u2].flatMap((userId) =>
          [p1, p2].map((projectId) => grantOf({ roleId, userId, projectId, inherited: projectId === p2 })),
        ),
      );
      const rest = async (): Promise<Grant[]> => driver().listGrants({ roleIds: new Set([r1, r2]) });
      for (const grant of all) await driver().createGrant(grant);
      expect(await rest()).to.have.deep.members(all);
      expect(await driver().deleteAssignments({ roleId: r1, actorId: u1 })).to.equal(2);
      expect(await driver().deleteAssignments({ targetId: p2 })).to.equal(3);
      expect(await driver().deleteAssignments({ actorId: u2 })).to.equal(2);
      expect(await rest()).to.deep.equal([grantOf({ roleId: r2, userId: u1, projectId: p1 })]);
      expect(await driver().deleteAssignments({ roleId: r2 })).to.equal(1);
      expect(await rest()).to.deep.equal([]);
    });
  });

  describe('roles in effect', () => {
    it('are those granted to the user and the groups of the user, on the scope itself', async () => {
      const { role, group, user, domain, project } = fixtureOf();
      const [r1, r2, r3, r4, r5] = [await role(), await role(), await role(), await role(), await role()];
      const [inside, outside] = [await group(), await group()];
      const userId = await user(inside);
      const domainId = await domain();
      const projectId = await project(domainId);
      await give({ roleId: r1, userId, projectId });
      await give({ roleId: r2, groupId: inside, projectId });
      await give({ roleId: r3, groupId: outside, projectId });
      await give({ roleId: r4, userId, domainId });
      await give({ roleId: r5, groupId: inside, domainId });
      expect(await roleIds(own(userId), { projectId })).to.have.members([r1, r2]);
      expect(await roleIds(own(userId), { domainId })).to.have.members([r4, r5]);
      expect(await roleIds(own(await user()), { projectId })).to.deep.equal([]);
      expect(await roleIds(own(userId), { projectId: await project(domainId) })).to.deep.equal([]);
    });

    it('are inherited by all that is beneath, but not by the target', async () => {
      const { role, group, user, domain, project } = fixtureOf();
      const [fromDomain, fromGroup, fromTop, asProject] = [
        await role(),
        await role(),
        await role(),
        await role(),
      ];
      const groupId = await group();
      const userId = await user(groupId);
      const domainId = await domain();
      const top = await project(domainId);
      const middle = await project(top);
      const leaf = await project(middle);
      const beside = await project(domainId);
      await give({ roleId: fromDomain, userId, domainId, inherited: true });
      await give({ roleId: fromGroup, groupId, domainId, inherited: true });
      await give({ roleId: fromTop, userId, projectId: top, inherited: true });
      // A project that acts as a domain.
      await give({ roleId: asProject, groupId, projectId: domainId, inherited: true });
      const anywhere = [fromDomain, fromGroup, asProject];
      expect(await roleIds(own(userId), { domainId })).to.deep.equal([]);
      expect(await roleIds(own(userId), { projectId: domainId })).to.deep.equal([]);
      expect(await roleIds(own(userId), { projectId: top })).to.have.members(anywhere);
      expect(await roleIds(own(userId), { projectId: beside })).to.have.members(anywhere);
      for (const projectId of [middle, leaf]) {
        expect(await roleIds(own(userId), { projectId })).to.have.members([...anywhere, fromTop]);
      }
      const without = fixtureOf().driver({ inherit: false });
      expect(await roleIds(own(userId), { projectId: leaf }, without)).to.deep.equal([]);
      expect(await without.projectIds(own(userId))).to.deep.equal([]);
    });

    it('hold what others imply, once, also when the rules go in circles', async () => {
      const { role, imply, user, project, driver } = fixtureOf();
      const [a, b, c, d] = [await role(), await role(), await role(), await role()];
      await imply(a, b);
      await imply(b, c);
      await imply(a, c);
      await imply(c, a);
      await imply(d, a);
      const userId = await user();
      const projectId = await project('default');
      await give({ roleId: b, userId, projectId });
      expect(await roleIds(own(userId), { projectId })).to.have.members([a, b, c]);
      expect(await roleIds(own(userId), { projectId }, driver({ infer: false }))).to.deep.equal([b]);
    });

    it('tell their domains, and come by name', async () => {
      const { role, imply, user, project, driver } = fixtureOf();
      const prefix = uuidHex().slice(0, 8);
      const ids = {
        b: await role(`${prefix}-b`, 'some-domain'),
        B: await role(`${prefix}-B`),
        a: await role(`${prefix}-a`),
        ab: await role(`${prefix}-ab`),
      };
      await imply(ids.b, ids.a);
      const userId = await user();
      const projectId = await project('default');
      for (const roleId of [ids.b, ids.ab, ids.B]) await give({ roleId, userId, projectId });
      expect(await driver().effectiveRoles(own(userId), { projectId })).to.deep.equal([
        { id: ids.B, name: `${prefix}-B`, domain_id: null },
        { id: ids.a, name: `${prefix}-a`, domain_id: null },
        { id: ids.ab, name: `${prefix}-ab`, domain_id: null },
        { id: ids.b, name: `${prefix}-b`, domain_id: 'some-domain' },
      ]);
    });

    it('can be asked for with groups that the store does not know, however many', async () => {
      const { role, user, group, project } = fixtureOf();
      const [r1, r2, r3] = [await role(), await role(), await role()];
      const known = await group();
      const userId = await user(known);
      const projectId = await project('default');
      const [first, last] = [uuidHex(), uuidHex()];
      await give({ roleId: r1, userId, projectId });
      await give({ roleId: r2, groupId: first, projectId });
      await give({ roleId: r2, groupId: last, projectId });
      await give({ roleId: r3, groupId: known, projectId });
      const many = [first, ...Array.from({ length: 1100 }, uuidHex), last];
      expect(await roleIds({ userId, groups: many }, { projectId })).to.have.members([r1, r2]);
      expect(await roleIds({ userId, groups: [] }, { projectId })).to.deep.equal([r1]);
      expect(await roleIds({ userId: null, groups: [last] }, { projectId })).to.deep.equal([r2]);
      expect(await roleIds({ userId: null, groups: [] }, { projectId })).to.deep.equal([]);
      expect(await fixtureOf().driver().projectIds({ userId: null, groups: many })).to.deep.equal([
        projectId,
      ]);
    });
  });

  it('gives the projects and domains on which a user has any role', async () => {
    const { role, group, user, domain, project, driver } = fixtureOf();
    const roleId = await role();
    const groupId = await group();
    const userId = await user(groupId);
    const [d1, d2, d3] = [await domain(), await domain(), await domain()];
    const [p1, p2] = [await project(d1), await project(d1)];
    const [c1, c2, leaf] = [await project(p1), await project(p2), await project(await project(d3))];
    await give({ roleId, userId, projectId: c1 });
    await give({ roleId, groupId, projectId: p2, inherited: true });
    await give({ roleId, groupId, projectId: p2 });
    await give({ roleId, userId, domainId: d1 });
    await give({ roleId, groupId, domainId: d2 });
    await give({ roleId, userId, domainId: d2, inherited: true });
    await give({ roleId, userId, domainId: d3, inherited: true });
    const inD3 = (await driver().projectsBeneath([d3])).get(d3) ?? [];
    expect(inD3).to.have.length(2).and.include(leaf);
    expect(await driver().projectIds(own(userId))).to.have.members([c1, p2, c2, ...inD3]);
    expect(await driver().domainIds(own(userId))).to.have.members([d1, d2]);
    const given = { userId, groups: [groupId] };
    expect(await driver().projectIds(given)).to.have.members([c1, p2, c2, ...inD3]);
    expect(await driver().domainIds(given)).to.have.members([d1, d2]);
    expect(await driver().domainIds({ userId: null, groups: [] })).to.deep.equal([]);
  });

  it('gives what is beneath several projects, each for itself', async () => {
    const { domain, project, driver } = fixtureOf();
    const domainId = await domain();
    const top = await project(domainId);
    const child = await project(top);
    const leaf = await project(child);
    const beneath = await driver().projectsBeneath([domainId, top, leaf, 'none']);
    expect([...beneath.keys()]).to.have.members([domainId, top]);
    expect(beneath.get(domainId)).to.have.members([top, child, leaf]);
    expect(beneath.get(top)).to.have.members([child, leaf]);
    expect((await driver().projectsBeneath([])).size).to.equal(0);
  });

  it('gives the members of many groups at once', async () => {
    const { group, user, driver } = fixtureOf();
    const [g1, g2, empty] = [await group(), await group(), await group()];
    const [both, one] = [await user(g1, g2), await user(g2)];
    const members = await driver().usersInGroups([g1, g2, empty, 'none']);
    expect([...members.keys()]).to.have.members([g1, g2]);
    expect(members.get(g1)).to.deep.equal([both]);
    expect(members.get(g2)).to.have.members([both, one]);
  });

  describe('lists of grants', () => {
    let at: Record<
      'domain' | 'top' | 'child' | 'leaf' | 'beside' | 'user' | 'group' | 'role' | 'other',
      string
    >;
    const grants: Record<string, Grant> = {};
    before(async () => {
      const { role, group, user, domain, project, driver } = fixtureOf();
      const domainId = await domain();
      const top = await project(domainId);
      const child = await project(top);
      const groupId = await group();
      at = {
        domain: domainId,
        top,
        child,
        leaf: await project(child),
        beside: await project(domainId),
        group: groupId,
        user: await user(groupId),
        role: await role(),
        other: await role(),
      };
      const { role: roleId, user: userId } = at;
      Object.assign(grants, {
        domain: grantOf({ roleId, userId, domainId }),
        domainDown: grantOf({ roleId, groupId, domainId, inherited: true }),
        domainAsProject: grantOf({ roleId, userId, projectId: domainId }),
        top: grantOf({ roleId, groupId, projectId: top }),
        topDown: grantOf({ roleId: at.other, userId, projectId: top, inherited: true }),
        child: grantOf({ roleId, userId, projectId: child }),
        childDown: grantOf({ roleId, groupId, projectId: child, inherited: true }),
        leaf: grantOf({ roleId: at.other, userId: uuidHex(), projectId: at.leaf }),
        beside: grantOf({ roleId, userId, projectId: at.beside }),
      });
      for (const grant of Object.values(grants)) await driver().createGrant(grant);
    });

    type Query = Parameters<AssignmentDriver['listGrants']>[0];
    const cases: [what: string, query: () => Query, found: readonly string[]][] = [
      [
        'of a user',
        () => ({ actor: { userId: at.user } }),
        ['domain', 'domainAsProject', 'topDown', 'child', 'beside'],
      ],
      ['of a group', () => ({ actor: { groupId: at.group } }), ['domainDown', 'top', 'childDown']],
      ['of nobody', () => ({ actor: { groupId: at.user } }), []],
      [
        'of a user with the groups of the user',
        () => ({ actor: { with: own(at.user) } }),
        ['domain', 'domainDown', 'domainAsProject', 'top', 'topDown', 'child', 'childDown', 'beside'],
      ],
      [
        'of a user with other groups',
        () => ({ actor: { with: { userId: at.user, groups: [uuidHex()] } } }),
        ['domain', 'domainAsProject', 'topDown', 'child', 'beside'],
      ],
      [
        'of a user with given groups on what a project inherits',
        () => ({
          actor: { with: { userId: at.user, groups: [at.group] } },
          target: { projectId: at.leaf, subtree: false, reaching: true },
        }),
        ['domainDown', 'topDown', 'childDown'],
      ],
      ['on a domain', () => ({ target: { domainId: at.domain } }), ['domain', 'domainDown']],
      ['on a domain itself', () => ({ target: { domainId: at.domain }, inherited: false }), ['domain']],
      [
        'on a project that acts as a domain',
        () => ({ target: { projectId: at.domain, subtree: false, reaching: false } }),
        ['domainAsProject'],
      ],
      [
        'on a project',
        () => ({ target: { projectId: at.top, subtree: false, reaching: false } }),
        ['top', 'topDown'],
      ],
      [
        'on a project and beneath',
        () => ({ target: { projectId: at.top, subtree: true, reaching: false } }),
        ['top', 'topDown', 'child', 'childDown', 'leaf'],
      ],
      [
        'that count on a project',
        () => ({ target: { projectId: at.child, subtree: false, reaching: true } }),
        ['domainDown', 'topDown', 'child'],
      ],
      [
        'that count on a project or beneath',
        () => ({ target: { projectId: at.child, subtree: true, reaching: true } }),
        ['domainDown', 'topDown', 'child', 'childDown', 'leaf'],
      ],
      [
        'that a project inherits',
        () => ({ target: { projectId: at.child, subtree: true, reaching: true }, inherited: true }),
        ['domainDown', 'topDown', 'childDown'],
      ],
      [
        'that count beneath a project that acts as a domain',
        () => ({ target: { projectId: at.domain, subtree: true, reaching: true } }),
        ['domainDown', 'domainAsProject', 'top', 'topDown', 'child', 'childDown', 'leaf', 'beside'],
      ],
      [
        'of a user on a project',
        () => ({
          actor: { userId: at.user },
          target: { projectId: at.top, subtree: false, reaching: false },
        }),
        ['topDown'],
      ],
      [
        'of a group on a project and beneath',
        () => ({
          actor: { groupId: at.group },
          target: { projectId: at.top, subtree: true, reaching: false },
        }),
        ['top', 'childDown'],
      ],
      [
        'of a user with groups that count on a project',
        () => ({
          actor: { with: own(at.user) },
          target: { projectId: at.child, subtree: false, reaching: true },
        }),
        ['domainDown', 'topDown', 'child'],
      ],
      ['of a role', () => ({ roleIds: new Set([at.other]) }), ['topDown', 'leaf']],
      ['of a role, inherited', () => ({ roleIds: new Set([at.other]), inherited: true }), ['topDown']],
      ['of no role', () => ({ roleIds: new Set<string>() }), []],
      [
        'of a role, of a user',
        () => ({ roleIds: new Set([at.other]), actor: { userId: at.user } }),
        ['topDown'],
      ],
      [
        'on what does not exist',
        () => ({ target: { projectId: 'none', subtree: true, reaching: true } }),
        [],
      ],
    ];
    for (const [what, query, found] of cases) {
      it(what, async () => {
        const listed = await fixtureOf().driver().listGrants(query());
        const nameOf = (grant: Grant): string | undefined =>
          Object.keys(grants).find((name) => JSON.stringify(grants[name]) === JSON.stringify(ordered(grant)));
        expect(listed.map(nameOf)).to.have.members([...found]);
      });
    }

    it('of everything', async () => {
      const all = await fixtureOf().driver().listGrants({});
      expect(all).to.deep.include.members(Object.values(grants));
    });
  });
}

/** With its attributes in the order of `grantOf`. */
function ordered({ roleId, ...rest }: Grant): Grant {
  const { userId, groupId, projectId, domainId, inherited } = rest;
  return grantOf({ roleId, userId, groupId, projectId, domainId, inherited });
}
