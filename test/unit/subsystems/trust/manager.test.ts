import { expect } from 'chai';
import { Forbidden, TrustNotFound, TrustUseLimitReached } from '../../../../src/common/errors.js';
import type { NewTrust, Trust } from '../../../../src/subsystems/trust/types.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy, settled } from '../identity/deployment.js';

describe('the manager of trusts', () => {
  let cloud: Deployment;
  let trustor: string;
  let trustee: string;
  let projectId: string;
  let roleId: string;

  before(async function open() {
    this.timeout(120_000);
    cloud = await deploy();
  });
  after(() => cloud.close());
  beforeEach(async () => {
    const { identity, resource, role, assignment } = cloud.providers;
    const suffix = String(cloud.events.length + Math.random());
    const user = async (name: string): Promise<string> =>
      (await identity.createUser({ name: `${name}-${suffix}`, domain_id: 'default' }, null)).id;
    [trustor, trustee] = [await user('trustor'), await user('trustee')];
    const project = { name: `project-${suffix}`, domain_id: 'default' };
    projectId = (await resource.createProject(project, null)).id;
    roleId = (await role.createRole({ name: `role-${suffix}`, domain_id: null }, null)).id;
    const grant = { roleId, userId: trustor, groupId: null, projectId, domainId: null, inherited: false };
    await assignment.createGrant(grant, null);
    await settled();
    cloud.events.length = 0;
  });

  const create = (attributes: Partial<NewTrust> = {}, parentId: string | null = null): Promise<Trust> =>
    cloud.providers.trust.createTrust(
      {
        trustor_user_id: trustor,
        trustee_user_id: trustee,
        project_id: projectId,
        impersonation: true,
        expires_at: null,
        remaining_uses: null,
        roles: [{ id: roleId }],
        allow_redelegation: false,
        redelegation_count: null,
        extra: {},
        ...attributes,
      },
      parentId,
      null,
    );

  it('tells of creation and deletion, and of everything that goes with a trust', async () => {
    const parent = await create({ allow_redelegation: true });
    const child = await create({ trustee_user_id: trustor, allow_redelegation: true }, parent.id);
    const grandchild = await create({ expires_at: Date.now() + 60_000 }, child.id);
    await cloud.providers.trust.deleteTrust(parent.id, null);
    await settled();
    expect(cloud.events).to.deep.equal([
      `identity.OS-TRUST:trust.created ${parent.id}`,
      `identity.OS-TRUST:trust.created ${child.id}`,
      `identity.OS-TRUST:trust.created ${grandchild.id}`,
      `identity.OS-TRUST:trust.deleted ${grandchild.id}`,
      `identity.OS-TRUST:trust.deleted ${child.id}`,
      `identity.OS-TRUST:trust.deleted ${parent.id}`,
    ]);
    const { revoke } = cloud.providers;
    const revoked = (await revoke.list(undefined)).flatMap(({ trustId }) => trustId ?? []);
    expect(revoked).to.include.members([parent.id, child.id, grandchild.id]);
  });

  it('takes a use for what was done, and none for what failed', async () => {
    const { id } = await create({ remaining_uses: 2 });
    const { trust } = cloud.providers;
    const failure = new Error('no');
    expect(await rejection(trust.consumeUse(id, () => Promise.reject(failure)))).to.equal(failure);
    expect(await trust.consumeUse(id, () => Promise.resolve('first'))).to.equal('first');
    expect(await trust.consumeUse(id, () => Promise.resolve('second'))).to.equal('second');
    const third = await rejection(trust.consumeUse(id, () => Promise.resolve('third')));
    expect(third).to.be.instanceOf(TrustUseLimitReached);
    expect(await rejection(trust.getTrust(id))).to.be.instanceOf(TrustNotFound);
  });

  it('knows no trust that has expired, nor one below an expired one', async () => {
    const parent = await create({ allow_redelegation: true, expires_at: Date.now() + 3_600_000 });
    const child = await create({ trustee_user_id: trustor }, parent.id);
    const { trust } = cloud.providers;
    expect(await trust.getTrust(child.id)).to.deep.equal({ ...child });
    const past = new Date(Date.now() - 1000);
    await cloud.database
      .table('trust')
      .update({ id: parent.id }, { expires_at: past, expires_at_int: past.getTime() * 1000 });
    expect(await rejection(trust.getTrust(parent.id))).to.be.instanceOf(TrustNotFound);
    expect(await rejection(trust.getTrust(child.id))).to.be.instanceOf(TrustNotFound);
  });

  it('knows no trust whose chain leads back to itself', async () => {
    const trust = await create({ allow_redelegation: true });
    await cloud.database.table('trust').update({ id: trust.id }, { redelegated_trust_id: trust.id });
    expect(await rejection(cloud.providers.trust.getTrust(trust.id))).to.be.instanceOf(TrustNotFound);
  });

  it('gives no role once the trustor has lost one, or one that it implies is not held', async () => {
    const trust = await create();
    const { trust: trusts, assignment } = cloud.providers;
    expect((await trusts.delegatedRoles(trust)).map(({ id }) => id)).to.deep.equal([roleId]);
    const grant = { roleId, userId: trustor, groupId: null, projectId, domainId: null, inherited: false };
    await assignment.deleteGrant(grant, null);
    expect(await rejection(trusts.delegatedRoles(trust))).to.be.instanceOf(Forbidden);
  });

  it('goes on when a role implies another from between two looks on', async () => {
    const { trust: trusts, role } = cloud.providers;
    const implied = (await role.createRole({ name: `implied-${roleId}`, domain_id: null }, null)).id;
    const trust = await create();
    // The moment in question: the trustor was seen to hold the one role.
    const expand = role.expandImplied.bind(role);
    role.expandImplied = async (ids) => {
      role.expandImplied = expand;
      await role.createImpliedRole(roleId, implied);
      return expand(ids);
    };
    try {
      const ids = (await trusts.delegatedRoles(trust)).map(({ id }) => id);
      expect(ids).to.have.members([roleId, implied]);
    } finally {
      role.expandImplied = expand;
    }
  });

  it('gives none of the roles when one is deleted while they are looked up', async () => {
    const { trust: trusts, assignment, role } = cloud.providers;
    const other = (await role.createRole({ name: `other-${roleId}`, domain_id: null }, null)).id;
    const grant = { userId: trustor, groupId: null, projectId, domainId: null, inherited: false };
    await assignment.createGrant({ ...grant, roleId: other }, null);
    const trust = await create({ roles: [{ id: roleId }, { id: other }] });
    // The moment in question: the trustor was seen to hold both.
    const list = role.listRolesFromIds.bind(role);
    role.listRolesFromIds = async (ids) => {
      role.listRolesFromIds = list;
      await role.deleteRole(other, null);
      return list(ids);
    };
    try {
      expect(await rejection(trusts.delegatedRoles(trust))).to.be.instanceOf(Forbidden);
    } finally {
      role.listRolesFromIds = list;
    }
  });
});
