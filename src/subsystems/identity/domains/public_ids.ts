/**
 * Between the ids of drivers and those that clients see. Ids of the standard driver are shown as they are, unless it
 * has no ids of its own kind and `[identity_mapping] backward_compatible_ids` is off; all others have a row in the
 * table of mappings. Source: facts of Keystone 10.0.3.
 */
import { getLogger } from '../../../common/log/index.js';
import type { ManagerContext } from '../../subsystem.js';
import type { DomainDrivers, Selection } from './domain_drivers.js';

const log = getLogger('keystone.identity.domains');

export type EntityType = 'user' | 'group';

/** Where an entity lies. */
export interface Place {
  /** Domain whose driver it is; null: the standard driver. */
  readonly domainId: string | null;
  readonly localId: string;
  readonly publicId: string;
  /** Whether it has a row in the table of mappings. */
  readonly isMapped: boolean;
}

interface Entity {
  readonly id: string;
  readonly domain_id: string;
}

/**
 * Whether a driver is the one that a place was noted for. Drivers that make ids of their own show them as they are: a
 * local id that differs is from a directory that the domain had before, which may have named it after anybody.
 */
export function isOwn(
  { driver }: Selection,
  { localId, publicId }: Omit<Place, 'domainId' | 'isMapped'>,
): boolean {
  return !driver.traits.generatesUuids || localId === publicId;
}

/** The id that clients know an entity by, however they have spelled it: directories and some databases ignore case. */
export function publicIdOf({ isMapped, publicId }: Place, entity: { readonly id: string }): string {
  return isMapped ? publicId : entity.id;
}

export class PublicIds {
  /** Whether the ids of the standard driver need mappings. */
  private readonly mapsStandard: boolean;
  /** Whether a public id may have a mapping. */
  private readonly mayBeMapped: boolean;

  constructor(
    private readonly drivers: DomainDrivers,
    private readonly context: ManagerContext,
  ) {
    const { backward_compatible_ids: areCompatible } = context.conf.identity_mapping;
    this.mapsStandard = !drivers.standard.traits.generatesUuids && !areCompatible;
    this.mayBeMapped = drivers.isByDomain || this.mapsStandard;
  }

  /** Null when there cannot be such an entity; the driver may still not know it. */
  async find(publicId: string, type: EntityType): Promise<Place | null> {
    return (await this.findMany([publicId], type))[0] ?? null;
  }

  /** As `find`, for many at once; unknown ones are left out. */
  async findMany(publicIds: readonly string[], type: EntityType): Promise<Place[]> {
    const { idMapping } = this.context.providers;
    const [first] = publicIds;
    if (!this.mayBeMapped || first === undefined) return publicIds.map(unmapped);
    if (publicIds.length === 1) {
      const mapping = await idMapping.find(first, type);
      return mapping === null ? this.places([first]) : [this.mapped(mapping)];
    }
    const mappings = await idMapping.findMany(publicIds, type);
    return publicIds.flatMap((publicId) => {
      const mapping = mappings.get(publicId);
      return mapping === undefined ? this.places([publicId]) : [this.mapped(mapping)];
    });
  }

  /** Entities of a driver as clients see them. Those whose ids cannot be mapped are left out. */
  async publish<E extends Entity>(
    selection: Selection,
    type: EntityType,
    entities: readonly E[],
  ): Promise<E[]> {
    const own = selection.driver.traits.isDomainAware
      ? entities
      : entities.map((entity) => ({ ...entity, domain_id: selection.domainId }));
    if (!this.isMapped(selection)) {
      const free = await this.freeIds(
        selection,
        type,
        own.map(({ id }) => id),
      );
      return own.filter(({ id }) => free.has(id));
    }
    const byDomain = new Map<string, string[]>();
    for (const { id, domain_id: domainId } of own) {
      const ids = byDomain.get(domainId);
      if (ids === undefined) byDomain.set(domainId, [id]);
      else ids.push(id);
    }
    const publicIds = new Map<string, ReadonlyMap<string, string>>();
    for (const [domainId, ids] of byDomain) {
      publicIds.set(domainId, await this.publicIds(selection, domainId, type, ids));
    }
    return own.flatMap((entity) => {
      const id = publicIds.get(entity.domain_id)?.get(entity.id);
      return id === undefined ? [] : [{ ...entity, id }];
    });
  }

  /** Ids of a driver as clients see them. */
  async publishIds(selection: Selection, type: EntityType, localIds: readonly string[]): Promise<string[]> {
    const ids = await this.publishMap(selection, type, localIds);
    return localIds.flatMap((localId) => ids.get(localId) ?? []);
  }

  /** The same, by the ids of the driver. */
  async publishMap(
    selection: Selection,
    type: EntityType,
    localIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    if (!this.isMapped(selection)) {
      const free = await this.freeIds(selection, type, localIds);
      return new Map(localIds.flatMap((localId) => (free.has(localId) ? [[localId, localId]] : [])));
    }
    return this.publicIds(selection, selection.domainId, type, localIds);
  }

  /** Whether entities of a driver have rows in the table of mappings. */
  isMapped({ isStandard }: Selection): boolean {
    return !isStandard || this.mapsStandard;
  }

  /**
   * Ids that may be shown as they are. Those that already stand for an entity of some domain are left out: whoever runs
   * the directory could make somebody else's of them.
   */
  private async freeIds(
    { driver }: Selection,
    type: EntityType,
    localIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const free = new Set(localIds);
    if (!this.drivers.isByDomain || driver.traits.generatesUuids) return free;
    const taken = await this.context.providers.idMapping.findMany([...free], type);
    for (const id of taken.keys()) {
      log.warn(`The ${type} ${id} of the standard directory is left out: its id is that of another ${type}`);
      free.delete(id);
    }
    return free;
  }

  private publicIds(
    { driver }: Selection,
    domainId: string,
    type: EntityType,
    localIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const keepIds = driver.traits.generatesUuids;
    return this.context.providers.idMapping.publicIds(domainId, type, localIds, { keepIds });
  }

  private mapped(mapping: {
    readonly domainId: string;
    readonly localId: string;
    readonly publicId: string;
  }): Place {
    const { domainId, localId, publicId } = mapping;
    return { domainId: this.drivers.isByDomain ? domainId : null, localId, publicId, isMapped: true };
  }

  /** Places of ids without mappings: in the standard driver, if its ids are shown as they are. */
  private places(publicIds: readonly string[]): Place[] {
    return this.mapsStandard ? [] : publicIds.map(unmapped);
  }
}

function unmapped(publicId: string): Place {
  return { domainId: null, localId: publicId, publicId, isMapped: false };
}
