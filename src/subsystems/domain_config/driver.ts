/** What a store of domain configurations can do. */
import type { ShapeOf } from '../../common/shape.js';
import type { ConfigOption } from './types.js';

export interface DomainConfigDriver {
  /** Replace everything that the domain has. */
  replaceOptions(domainId: string, options: readonly ConfigOption[]): Promise<void>;
  /** Add options or overwrite their values. */
  mergeOptions(domainId: string, options: readonly ConfigOption[]): Promise<void>;
  listOptions(domainId: string): Promise<ConfigOption[]>;
  /** Without an option the whole group, without a group everything. */
  deleteOptions(domainId: string, group?: string, option?: string): Promise<void>;
  /** Ids of all domains that have options. */
  domainIds(): Promise<string[]>;

  /** Claim a type (`SQL`) for a domain; false when another domain has it. */
  obtainRegistration(domainId: string, type: string): Promise<boolean>;
  /** Domain that holds a type; null when it is free. */
  readRegistration(type: string): Promise<string | null>;
  /** Give up one type, or all that the domain holds. */
  releaseRegistration(domainId: string, type?: string): Promise<void>;
}

/** What is asked of drivers of packages. */
export const DOMAIN_CONFIG_DRIVER_SHAPE: ShapeOf<DomainConfigDriver> = {
  replaceOptions: 'method',
  mergeOptions: 'method',
  listOptions: 'method',
  deleteOptions: 'method',
  domainIds: 'method',
  obtainRegistration: 'method',
  readRegistration: 'method',
  releaseRegistration: 'method',
};
