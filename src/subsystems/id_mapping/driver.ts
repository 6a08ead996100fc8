/** What a store of public ids can do. The suite in `test/conformance/id_mapping.ts` holds every one to this. */
import type { ShapeOf } from '../../common/shape.js';
import type { EntityType, Mapping, MappingFilter, Progress } from './types.js';

export interface IdMappingDriver {
  /** Null when there is none. */
  get(publicId: string): Promise<Mapping | null>;
  /** Unknown ids are left out. */
  getMany(publicIds: readonly string[]): Promise<Mapping[]>;
  /**
   * Public ids by local ids, for those that have one, in a number of look-ups that hardly grows with the list. More
   * may be answered than were asked for.
   */
  publicIds(
    domainId: string,
    type: EntityType,
    localIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Store many mappings with few writes. What is there already (the public id, or the local entity) stays as it is,
   * without an error: another process may do the same at the same time.
   */
  create(mappings: readonly Mapping[], progress?: Progress): Promise<void>;
  /** Let an existing public id stand for another entity. */
  move(mapping: Mapping): Promise<void>;
  delete(publicIds: readonly string[]): Promise<void>;
  list(filter: MappingFilter): Promise<Mapping[]>;
  count(filter: MappingFilter): Promise<number>;
  /** Delete what meets the filter, in steps; returns how many went. */
  purge(filter: MappingFilter, progress?: Progress): Promise<number>;
}

/** What is asked of drivers of packages. */
export const ID_MAPPING_DRIVER_SHAPE: ShapeOf<IdMappingDriver> = {
  get: 'method',
  getMany: 'method',
  publicIds: 'method',
  create: 'method',
  move: 'method',
  delete: 'method',
  list: 'method',
  count: 'method',
  purge: 'method',
};
