/** Associations of policies in the SQL table `policy_association`. */
import { uuidHex } from '../../../common/crypto/random_ids.js';
import { PolicyAssociationNotFound } from '../../../common/errors.js';
import { type Database, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { EndpointPolicyDriver } from '../driver.js';
import type { PolicyAssociation, PolicyTarget } from '../types.js';

const COLUMNS = {
  policy_id: 'text',
  endpoint_id: 'text?',
  service_id: 'text?',
  region_id: 'text?',
} as const;

const OF_POLICY = prepareSql({
  text: `SELECT policy_id, endpoint_id, service_id, region_id FROM policy_association
    WHERE policy_id = ? ORDER BY id`,
  columns: COLUMNS,
});

const FOR_ENDPOINT = prepareSql({
  text: `SELECT policy_id, endpoint_id, service_id, region_id FROM policy_association
    WHERE endpoint_id = ? OR (endpoint_id IS NULL AND service_id = ?) ORDER BY id`,
  columns: COLUMNS,
});

export function createDriver({ database }: DriverContext): EndpointPolicyDriver {
  return new SqlEndpointPolicyDriver(database);
}

class SqlEndpointPolicyDriver implements EndpointPolicyDriver {
  constructor(private readonly database: Database) {}

  async associate(policyId: string, target: PolicyTarget): Promise<void> {
    const table = this.database.table('policy_association');
    const columns = columnsOf(target);
    // Unique keys do not see NULL: should two have been made at once, both get the new policy.
    const updated = await table.update(columns, { policy_id: policyId });
    if (updated === 0) await table.insert({ id: uuidHex(), policy_id: policyId, ...columns });
  }

  async checkAssociation(policyId: string, target: PolicyTarget): Promise<void> {
    const where = { policy_id: policyId, ...columnsOf(target) };
    if ((await this.database.table('policy_association').count(where)) === 0) {
      throw new PolicyAssociationNotFound();
    }
  }

  async deleteAssociation(policyId: string, target: PolicyTarget): Promise<void> {
    await this.database.table('policy_association').delete({ policy_id: policyId, ...columnsOf(target) });
  }

  listAssociationsOfPolicy(policyId: string): Promise<PolicyAssociation[]> {
    return this.database.query(OF_POLICY, [policyId]);
  }

  listAssociationsForEndpoint(endpointId: string, serviceId: string): Promise<PolicyAssociation[]> {
    return this.database.query(FOR_ENDPOINT, [endpointId, serviceId]);
  }

  async deleteAssociationsOf(kind: 'policy' | 'endpoint' | 'service' | 'region', id: string): Promise<void> {
    await this.database.table('policy_association').delete({ [`${kind}_id`]: id });
  }
}

function columnsOf(target: PolicyTarget): Omit<PolicyAssociation, 'policy_id'> {
  return 'endpointId' in target
    ? { endpoint_id: target.endpointId, service_id: null, region_id: null }
    : { endpoint_id: null, service_id: target.serviceId, region_id: target.regionId ?? null };
}
