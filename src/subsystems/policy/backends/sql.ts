/** Policies in the SQL table `policy`. */
import { PolicyNotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import type { Database, PolicyRow } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { PolicyDriver } from '../driver.js';
import type { Policy } from '../types.js';

const COLUMNS = ['id', 'type', 'blob'] as const;

export function createDriver({ database }: DriverContext): PolicyDriver {
  return new SqlPolicyDriver(database);
}

class SqlPolicyDriver implements PolicyDriver {
  constructor(private readonly database: Database) {}

  async createPolicy(policy: Policy): Promise<Policy> {
    await this.database.table('policy').insert(toRow(policy));
    return this.getPolicy(policy.id);
  }

  async listPolicies(hints: Hints): Promise<Policy[]> {
    return (await this.database.table('policy').find({ hints, order: ['id'] })).map(toPolicy);
  }

  async getPolicy(id: string): Promise<Policy> {
    const row = await this.database.table('policy').get(id);
    if (row === null) throw new PolicyNotFound({ policy_id: id });
    return toPolicy(row);
  }

  async updatePolicy(id: string, changes: Partial<Policy>): Promise<Policy> {
    const { id: _id, ...columns } = toRow({ ...(await this.getPolicy(id)), ...changes });
    await this.database.table('policy').update({ id }, columns);
    return this.getPolicy(id);
  }

  async deletePolicy(id: string): Promise<void> {
    if ((await this.database.table('policy').delete({ id })) === 0) {
      throw new PolicyNotFound({ policy_id: id });
    }
  }
}

/** The blob is kept as the JSON of its text, as Keystone keeps it. */
function toRow(policy: Policy): PolicyRow {
  const { id, type, blob } = policy;
  return { id, type, blob: JSON.stringify(blob), extra: packExtra(policy, COLUMNS).extra };
}

function toPolicy({ id, type, blob, extra }: PolicyRow): Policy {
  return { ...unpackExtra(extra), id, type, blob: JSON.parse(blob) as unknown };
}
