/** Policies that other services keep here. Source: Identity API v3, Policies; Keystone 10.0.3 behaviour. */
import { uuidHex } from '../../common/crypto/random_ids.js';
import type { Hints } from '../../common/hints.js';
import { limitList } from '../../common/http/list.js';
import type { Initiator } from '../../common/notifications/index.js';
import type { ManagerContext } from '../subsystem.js';
import type { PolicyDriver } from './driver.js';
import type { Policy } from './types.js';

export class PolicyManager {
  constructor(
    private readonly driver: PolicyDriver,
    private readonly context: ManagerContext,
  ) {}

  async createPolicy(attributes: Omit<Policy, 'id'>, initiator: Initiator | null): Promise<Policy> {
    const id = uuidHex();
    return this.context.transaction(async () => {
      const { type, blob } = attributes as Policy;
      const policy = await this.driver.createPolicy({ ...attributes, id, type, blob });
      await this.context.notifications.created('policy', id, initiator);
      return policy;
    });
  }

  /** @throws PolicyNotFound */
  getPolicy(id: string): Promise<Policy> {
    return this.driver.getPolicy(id);
  }

  async listPolicies(hints: Hints): Promise<Policy[]> {
    const { conf } = this.context;
    limitList(hints, conf.policy.list_limit, conf.DEFAULT.list_limit);
    return this.driver.listPolicies(hints);
  }

  /** @throws PolicyNotFound */
  async updatePolicy(id: string, changes: Partial<Policy>, initiator: Initiator | null): Promise<Policy> {
    return this.context.transaction(async () => {
      const policy = await this.driver.updatePolicy(id, changes);
      await this.context.notifications.updated('policy', id, initiator);
      return policy;
    });
  }

  /** @throws PolicyNotFound */
  async deletePolicy(id: string, initiator: Initiator | null): Promise<void> {
    await this.context.transaction(async () => {
      await this.driver.deletePolicy(id);
      await this.context.notifications.deleted('policy', id, initiator);
    });
  }
}
