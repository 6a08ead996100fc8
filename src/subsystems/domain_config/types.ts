/** Configuration of a domain of its own. Source: Identity API v3, Domain configuration. */
import type { JsonObject, JsonValue } from '../../common/context.js';

/** `{group: {option: value}}` */
export type DomainConfig = Readonly<Record<string, JsonObject>>;

export interface ConfigOption {
  readonly group: string;
  readonly option: string;
  readonly value: JsonValue;
  /** Kept apart and never answered. */
  readonly sensitive: boolean;
}
