import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import type { Database, ProjectRow } from '../../src/common/sql/index.js';
import { loadConf } from '../../src/conf/index.js';
import { createDriver } from '../../src/subsystems/assignment/backends/sql.js';
import { type AssignmentFixture, assignmentDriverSuite, grantOf } from './assignment.js';
import { onEveryDatabase } from './databases.js';

const ROOT = '<<keystone.domain.root>>';

describe('assignment drivers', function limited() {
  this.timeout(120_000);
  onEveryDatabase((databaseOf) => {
    before(async () => {
      await databaseOf()
        .table('project')
        .insert(projectRow('default', null, ROOT));
    });

    const fixture = sqlFixture(databaseOf);
    assignmentDriverSuite(() => fixture);

    it('takes away assignments on the whole system, of later releases, with their role or actor', async () => {
      const system = databaseOf().table('system_assignment');
      const [kept, userId, roleId] = [uuidHex(), uuidHex(), uuidHex()];
      const row = { type: 'UserSystem', target_id: 'system', inherited: false };
      await system.insert({ ...row, actor_id: userId, role_id: kept });
      await system.insert({ ...row, actor_id: kept, role_id: roleId });
      await system.insert({ ...row, actor_id: kept, role_id: kept });
      await fixture.driver().deleteAssignments({ actorId: userId });
      await fixture.driver().deleteAssignments({ roleId });
      await fixture.driver().deleteAssignments({ targetId: 'system' });
      const rest = await system.find();
      expect(rest.map(({ actor_id: actor, role_id: role }) => [actor, role])).to.deep.equal([[kept, kept]]);
    });

    it('stores them as Keystone does', async () => {
      const grant = grantOf({ roleId: await fixture.role(), groupId: 'g', domainId: 'd', inherited: true });
      await fixture.driver().createGrant(grant);
      expect(
        await databaseOf()
          .table('assignment')
          .find({ where: { actor_id: 'g' } }),
      ).to.deep.equal([
        { type: 'GroupDomain', actor_id: 'g', target_id: 'd', role_id: grant.roleId, inherited: true },
      ]);
    });
  });
});

function projectRow(id: string, parentId: string | null, domainId: string): ProjectRow {
  return {
    id,
    name: id,
    enabled: true,
    domain_id: domainId,
    parent_id: parentId,
    is_domain: parentId === null,
    description: '',
    extra: '{}',
  };
}

function sqlFixture(databaseOf: () => Database): AssignmentFixture {
  const drivers = new Map<string, ReturnType<typeof createDriver>>();
  return {
    driver({ inherit = true, infer = true } = {}) {
      const key = `${inherit} ${infer}`;
      const overrides = { os_inherit: { enabled: String(inherit) }, token: { infer_roles: String(infer) } };
      const made =
        drivers.get(key) ??
        createDriver({
          conf: loadConf({ sources: [], env: { HOME: tmpdir() }, overrides }).conf,
          database: databaseOf(),
          keys: new Map(),
        });
      drivers.set(key, made);
      return made;
    },
    async role(name, domainId) {
      const id = uuidHex();
      await databaseOf()
        .table('role')
        .insert({
          id,
          name: name ?? id,
          extra: '{}',
          ...(domainId !== undefined && { domain_id: domainId }),
        });
      return id;
    },
    async imply(prior, implied) {
      await databaseOf().table('implied_role').insert({ prior_role_id: prior, implied_role_id: implied });
    },
    async domain() {
      const id = uuidHex();
      await databaseOf()
        .table('project')
        .insert(projectRow(id, null, ROOT));
      return id;
    },
    async project(parentId) {
      const id = uuidHex();
      const parent = await databaseOf().table('project').get(parentId);
      if (parent === null) throw new Error(`no project ${parentId}`);
      const domainId = parent.is_domain ? parent.id : parent.domain_id;
      await databaseOf()
        .table('project')
        .insert(projectRow(id, parentId, domainId));
      return id;
    },
    async group() {
      const id = uuidHex();
      await databaseOf()
        .table('group')
        .insert({ id, name: id, domain_id: 'default', description: '', extra: '{}' });
      return id;
    },
    async user(...groupIds) {
      const id = uuidHex();
      await databaseOf().table('user').insert({ id, enabled: true, domain_id: 'default', extra: '{}' });
      for (const groupId of groupIds) {
        await databaseOf().table('user_group_membership').insert({ user_id: id, group_id: groupId });
      }
      return id;
    },
    transaction: (work) => databaseOf().transaction(work),
  };
}
