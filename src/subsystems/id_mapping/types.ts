/** Public ids of users and groups whose own ids are not fit to be shown, or that lie in a domain's own backend. */

export type EntityType = 'user' | 'group';

/** An entity as its backend knows it. */
export interface LocalEntity {
  readonly domainId: string;
  readonly localId: string;
  readonly type: EntityType;
}

export interface Mapping extends LocalEntity {
  readonly publicId: string;
}

/** Which mappings: those that meet all that is given; nothing given means all. */
export interface MappingFilter {
  readonly domainId?: string;
  readonly publicId?: string;
  readonly localId?: string;
  readonly type?: EntityType;
}

/** Told how much is done so far. */
export type Progress = (done: number) => void;
