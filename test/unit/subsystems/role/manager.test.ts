/** What the role manager promises. */
import { expect } from 'chai';
import {
  Conflict,
  InvalidImpliedRole,
  RoleNotFound,
  ValidationError,
} from '../../../../src/common/errors.js';
import { Hints } from '../../../../src/common/hints.js';
import type { Role } from '../../../../src/subsystems/role/types.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy, settled } from '../identity/deployment.js';

describe('the role manager', () => {
  let cloud: Deployment;
  before(async () => {
    cloud = await deploy(
      '[DEFAULT]',
      'member_role_id = the-member-role',
      'member_role_name = Member',
      '[role]',
      'list_limit = 3',
      '[assignment]',
      'prohibited_implied_role = admin,root',
    );
  });
  after(() => cloud.close());
  beforeEach(async () => {
    await settled();
    cloud.events.length = 0;
  });

  let count = 0;
  const create = (attributes: Partial<Role> = {}): Promise<Role> =>
    cloud.providers.role.createRole({ name: `role-${(count += 1)}`, ...attributes }, null);

  it('makes ids of its own, but for the role of members', async () => {
    expect((await create({ id: 'mine' })).id).to.match(/^[0-9a-f]{32}$/);
    expect((await create({ name: 'Member' })).id).to.equal('the-member-role');
    expect(await rejection(create({ name: 'Member' }))).to.be.instanceOf(Conflict);
  });

  it('takes a text or nothing for a domain', async () => {
    expect((await create({ domain_id: null })).domain_id).to.equal(null);
    expect((await create({ domain_id: 'd' })).domain_id).to.equal('d');
    for (const domain_id of [7, {}, ['d'], true, '<<null>>']) {
      const wrong = cloud.providers.role.createRole({ name: 'wrong', domain_id }, null);
      expect(await rejection(wrong), JSON.stringify(domain_id)).to.be.instanceOf(ValidationError);
    }
  });

  it('keeps a role in its domain', async () => {
    const { role } = cloud.providers;
    const [global, specific] = [await create(), await create({ domain_id: 'd' })];
    await role.updateRole(global.id, { domain_id: null, a: 1 }, null);
    await role.updateRole(specific.id, { domain_id: 'd', a: 1 }, null);
    for (const [id, domain_id] of [
      [global.id, 'd'],
      [specific.id, null],
      [specific.id, 'e'],
    ] as const) {
      expect(await rejection(role.updateRole(id, { domain_id }, null))).to.be.instanceOf(ValidationError);
    }
    expect(await rejection(role.updateRole('none', {}, null))).to.be.instanceOf(RoleNotFound);
  });

  it('announces what is made, changed and deleted', async () => {
    const { role } = cloud.providers;
    const { id } = await create();
    await role.updateRole(id, { name: `renamed-${id}` }, null);
    await role.deleteRole(id, null);
    expect(await rejection(role.deleteRole(id, null))).to.be.instanceOf(RoleNotFound);
    await settled();
    expect(cloud.events).to.deep.equal(
      ['created', 'updated', 'deleted'].map((what) => `identity.role.${what} ${id}`),
    );
  });

  it('lists no more than list_limit, and says so', async () => {
    for (let index = 0; index < 4; index += 1) await create({ domain_id: 'crowded' });
    const hints = new Hints().addFilter('domain_id', 'crowded');
    expect(await cloud.providers.role.listRoles(hints)).to.have.length(3);
    expect(hints.limit?.truncated).to.equal(true);
  });

  it('deletes all roles of a domain with it, however long a list may be', async () => {
    const { resource, role } = cloud.providers;
    const { id } = await resource.createDomain({ name: 'with roles', enabled: false }, null);
    const roles: Role[] = [];
    for (let index = 0; index < 8; index += 1) roles.push(await create({ domain_id: id }));
    const kept = await create();
    await resource.deleteDomain(id, null);
    expect(await role.listRolesFromIds([...roles, kept].map((each) => each.id))).to.deep.equal([kept]);
  });

  describe('inference', () => {
    const imply = (prior: Role, implied: Role): Promise<unknown> =>
      cloud.providers.role.createImpliedRole(prior.id, implied.id);
    const refused = async (prior: Role, implied: Role): Promise<void> => {
      expect(await rejection(imply(prior, implied))).to.be.instanceOf(InvalidImpliedRole);
    };

    it('is refused for roles that nothing may imply', async () => {
      for (const name of ['admin', 'root']) await refused(await create(), await create({ name }));
    });

    it('is refused from a global role to one of a domain, and for no other pair', async () => {
      const [global, specific, other] = [
        await create(),
        await create({ domain_id: 'd' }),
        await create({ domain_id: 'd' }),
      ];
      await refused(global, specific);
      await imply(specific, global);
      await imply(specific, other);
    });

    it('is refused where it would go in circles', async () => {
      const [a, b, c] = [await create(), await create(), await create()];
      await refused(a, a);
      await imply(a, b);
      await imply(b, c);
      await refused(b, a);
      await refused(c, a);
      await imply(a, c);
    });

    it('needs both roles', async () => {
      const role = await create();
      const nobody = { id: 'none' } as Role;
      expect(await rejection(imply(role, nobody))).to.be.instanceOf(RoleNotFound);
      expect(await rejection(imply(nobody, role))).to.be.instanceOf(RoleNotFound);
    });

    it('gives all that roles bring, each once', async () => {
      const [a, b, c, d] = [await create(), await create(), await create(), await create()];
      for (const [prior, implied] of [
        [a, b],
        [b, c],
        [a, c],
      ] as const) {
        await imply(prior, implied);
      }
      const found = await cloud.providers.role.expandImplied([a.id, d.id, a.id]);
      expect(found).to.have.members([a.id, b.id, c.id, d.id]).and.have.length(4);
      expect(await cloud.providers.role.expandImplied([])).to.deep.equal([]);
    });
  });
});
