/** What every role backend promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { Conflict, ImpliedRoleNotFound, RoleNotFound, ValidationError } from '../../src/common/errors.js';
import { Hints } from '../../src/common/hints.js';
import { finishList } from '../../src/common/http/list.js';
import type { RoleDriver } from '../../src/subsystems/role/driver.js';
import type { ImpliedRole, Role } from '../../src/subsystems/role/types.js';
import { rejection } from '../support/rejection.js';

/** @param driverOf gives the backend under test; the suite makes names of its own and leaves others alone */
export function roleDriverSuite(driverOf: () => RoleDriver): void {
  const unique = (name: string): string => `${name}-${uuidHex().slice(0, 12)}`;

  function create(attributes: Partial<Role> = {}): Promise<Role> {
    return driverOf().createRole({ id: uuidHex(), name: unique('role'), domain_id: null, ...attributes });
  }

  async function namesFor(hints: Hints): Promise<string[]> {
    const { entities } = finishList(hints, await driverOf().listRoles(hints));
    return entities.map(({ name }) => name).sort();
  }

  describe('roles', () => {
    it('come back as they were stored, further attributes included', async () => {
      const role = {
        id: uuidHex(),
        name: unique('role'),
        domain_id: null,
        description: 'd',
        x: { y: [1, null] },
      };
      expect(await driverOf().createRole(role)).to.deep.equal(role);
      expect(await driverOf().getRole(role.id)).to.deep.equal(role);
    });

    it('have a description only when they were given one, of any kind and length', async () => {
      expect(await create()).not.to.have.property('description');
      for (const description of [null, '', 'x'.repeat(255), 'x'.repeat(300), 7]) {
        const { id } = await create({ description });
        expect(await driverOf().getRole(id)).to.have.deep.property('description', description);
      }
    });

    it('keep what an update does not name', async () => {
      const role = await create({ description: 'x'.repeat(300), kept: true });
      const changed = await driverOf().updateRole(role.id, { description: 'short', added: [1] });
      expect(changed).to.deep.equal({ ...role, description: 'short', added: [1] });
      const renamed = await driverOf().updateRole(role.id, { name: unique('renamed'), description: null });
      expect(renamed).to.deep.equal({ ...changed, name: renamed.name, description: null });
      expect(await driverOf().getRole(role.id)).to.deep.equal(renamed);
    });

    it('have a name of their own, in their domain or among the global ones', async () => {
      const { name } = await create();
      const domain = uuidHex();
      await create({ name, domain_id: domain });
      await create({ name, domain_id: uuidHex() });
      for (const domain_id of [null, domain]) {
        const error = await rejection(create({ name, domain_id }));
        expect(error).to.be.instanceOf(Conflict);
        expect(error.message).to.contain(name);
      }
      const other = await create();
      expect(await rejection(driverOf().updateRole(other.id, { name }))).to.be.instanceOf(Conflict);
      expect(await driverOf().getRole(other.id)).to.deep.equal(other);
    });

    it('are unknown by other ids, and by theirs in capitals', async () => {
      const { id } = await create({ id: `a${uuidHex().slice(1)}` });
      for (const wrong of ['none', id.toUpperCase(), 'x'.repeat(100)]) {
        expect(await rejection(driverOf().getRole(wrong)), wrong).to.be.instanceOf(RoleNotFound);
        expect(await rejection(driverOf().updateRole(wrong, {})), wrong).to.be.instanceOf(RoleNotFound);
      }
      expect(await rejection(driverOf().deleteRole('none'))).to.be.instanceOf(RoleNotFound);
    });

    it('are gone once deleted', async () => {
      const { id } = await create();
      await driverOf().deleteRole(id);
      expect(await rejection(driverOf().getRole(id))).to.be.instanceOf(RoleNotFound);
    });

    it('cannot pretend to be of no domain', async () => {
      expect(await rejection(create({ domain_id: '<<null>>' }))).to.be.instanceOf(ValidationError);
      expect(await namesFor(new Hints().addFilter('domain_id', '<<null>>'))).to.deep.equal([]);
    });

    it('are listed by name and domain', async () => {
      const prefix = unique('list');
      const domain = uuidHex();
      await create({ name: `${prefix}-a` });
      await create({ name: `${prefix}-B` });
      await create({ name: `${prefix}-a`, domain_id: domain });
      const all = (): Hints => new Hints().addFilter('name', prefix, { comparator: 'startswith' });
      expect(await namesFor(all())).to.have.length(3);
      expect(await namesFor(all().addFilter('domain_id', null))).to.deep.equal([
        `${prefix}-B`,
        `${prefix}-a`,
      ]);
      expect(await namesFor(all().addFilter('domain_id', domain))).to.deep.equal([`${prefix}-a`]);
      expect(await namesFor(new Hints().addFilter('name', `${prefix}-b`))).to.deep.equal([]);
      const cut = all().setLimit(2);
      expect(await driverOf().listRoles(cut)).to.have.length(2);
      expect(cut.limit).to.have.property('truncated', true);
    });

    it('are found by many ids at once, unknown ones left out', async () => {
      const roles = [await create(), await create({ domain_id: uuidHex() })];
      const found = await driverOf().listRolesFromIds([
        ...roles.map(({ id }) => id),
        'none',
        roles[0]?.id ?? '',
      ]);
      expect(found).to.have.deep.members(roles);
    });
  });

  describe('rules of inference', () => {
    const rule = (prior: Role, implied: Role): ImpliedRole => ({
      prior_role_id: prior.id,
      implied_role_id: implied.id,
    });

    it('are made once, found and forgotten', async () => {
      const [a, b, c] = [await create(), await create(), await create()];
      const driver = driverOf();
      expect(await driver.createImpliedRole(a.id, b.id)).to.deep.equal(rule(a, b));
      await driver.createImpliedRole(a.id, c.id);
      await driver.createImpliedRole(c.id, b.id);
      expect(await rejection(driver.createImpliedRole(a.id, b.id))).to.be.instanceOf(Conflict);
      expect(await driver.getImpliedRole(a.id, b.id)).to.deep.equal(rule(a, b));
      expect(await driver.listImpliedRoles(a.id)).to.have.deep.members([rule(a, b), rule(a, c)]);
      expect(await driver.listImpliedRoles(b.id)).to.deep.equal([]);
      const mine = (await driver.listRoleInferenceRules()).filter((each) =>
        [a.id, c.id].includes(each.prior_role_id),
      );
      expect(mine).to.have.deep.members([rule(a, b), rule(a, c), rule(c, b)]);
      await driver.deleteImpliedRole(a.id, b.id);
      for (const gone of [driver.getImpliedRole(a.id, b.id), driver.deleteImpliedRole(a.id, b.id)]) {
        expect(await rejection(gone)).to.be.instanceOf(ImpliedRoleNotFound);
      }
    });

    it('need both roles, and name the one that is missing', async () => {
      const { id } = await create();
      for (const [prior, implied] of [['none', id] as const, [id, 'none'] as const]) {
        const error = await rejection(driverOf().createImpliedRole(prior, implied));
        expect(error).to.be.instanceOf(RoleNotFound);
        expect(error.message).to.contain('none');
      }
    });

    it('go with either of their roles', async () => {
      const [a, b, c] = [await create(), await create(), await create()];
      await driverOf().createImpliedRole(a.id, b.id);
      await driverOf().createImpliedRole(b.id, c.id);
      await driverOf().deleteRole(b.id);
      expect(await driverOf().listImpliedRoles(a.id)).to.deep.equal([]);
      expect(await driverOf().listImpliedRoles(b.id)).to.deep.equal([]);
    });
  });
}
