/** What a store of trusts can do. */
import type { Trust } from './types.js';

export interface TrustDriver {
  /** The trust, deleted ones only on request; null when there is none. Expiry and uses are the manager's. */
  getTrust(id: string, includeDeleted?: boolean): Promise<Trust | null>;
  /** Take one use, if one is left; true when it was taken or uses are not limited. */
  takeUse(id: string): Promise<boolean>;
}
