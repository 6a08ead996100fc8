/** Who provides what: all managers by name. Built in one place, `server/providers.ts`, and frozen. */
import type { RoleManager } from './role/manager.js';

export interface Providers {
  readonly role: RoleManager;
}
