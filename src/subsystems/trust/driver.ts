/** What a store of trusts can do. Suites in `test/conformance/trust.ts` hold every backend to this. */
import type { ShapeOf } from '../../common/shape.js';
import type { Trust } from './types.js';

/** Which trusts to list; what is absent is not looked at. */
export interface TrustQuery {
  readonly trustorUserId?: string;
  readonly trusteeUserId?: string;
  readonly projectId?: string;
}

export interface TrustDriver {
  /** @throws Conflict when there is one of the same parties, project, impersonation and expiry */
  createTrust(trust: Trust): Promise<void>;
  /** The trust, deleted ones only on request; null when there is none. Expiry and uses are the manager's. */
  getTrust(id: string, includeDeleted?: boolean): Promise<Trust | null>;
  /** Trusts that are not deleted, without their roles. */
  listTrusts(query: TrustQuery): Promise<Trust[]>;
  /** Ids of the trusts that were made from this one and are not deleted. */
  listRedelegatedIds(trust: Trust): Promise<string[]>;
  /** Note the time of deletion; the row stays. False when there was none left to delete. */
  deleteTrust(id: string): Promise<boolean>;
  /**
   * Take one use, if one is left; true when it was taken or uses are not limited. However many ask at once, no more
   * get one than there are.
   */
  takeUse(id: string): Promise<boolean>;
}

/** What is asked of drivers of packages. */
export const TRUST_DRIVER_SHAPE: ShapeOf<TrustDriver> = {
  createTrust: 'method',
  getTrust: 'method',
  listTrusts: 'method',
  listRedelegatedIds: 'method',
  deleteTrust: 'method',
  takeUse: 'method',
};
