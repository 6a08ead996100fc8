/** Keystone's driver for deployments without a policy API: every call answers 501. */
import { NotImplemented } from '../../../common/errors.js';
import type { PolicyDriver } from '../driver.js';
import type { Policy } from '../types.js';

export function createDriver(): PolicyDriver {
  return new RulesPolicyDriver();
}

class RulesPolicyDriver implements PolicyDriver {
  async createPolicy(): Promise<Policy> {
    throw new NotImplemented();
  }

  async listPolicies(): Promise<Policy[]> {
    throw new NotImplemented();
  }

  async getPolicy(): Promise<Policy> {
    throw new NotImplemented();
  }

  async updatePolicy(): Promise<Policy> {
    throw new NotImplemented();
  }

  async deletePolicy(): Promise<void> {
    throw new NotImplemented();
  }
}
