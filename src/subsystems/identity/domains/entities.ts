/** What users and groups of several drivers have in common: finding the driver of an entity, and its errors. */
import { DomainNotFound, GroupNotFound, NotFound, UserNotFound } from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { limitList } from '../../../common/http/list.js';
import type { ManagerContext } from '../../subsystem.js';
import type { DomainDrivers, Selection } from './domain_drivers.js';
import { type EntityType, isOwn, type Place, type PublicIds } from './public_ids.js';

export class Entities {
  constructor(
    readonly drivers: DomainDrivers,
    readonly publicIds: PublicIds,
    private readonly context: ManagerContext,
  ) {}

  /**
   * Do something with one user or group in its driver.
   * @throws UserNotFound, GroupNotFound with the public id
   */
  async withOne<T>(
    type: EntityType,
    publicId: string,
    work: (selection: Selection, localId: string, place: Place) => Promise<T>,
  ): Promise<T> {
    const place = await this.publicIds.find(publicId, type);
    if (place === null) throw notFound(type, publicId);
    try {
      return await this.drivers.use(place.domainId, async (selection) => {
        if (!isOwn(selection, place)) throw notFound(type, publicId);
        return work(selection, place.localId, place);
      });
    } catch (error) {
      throw withPublicIds(error, { [type]: publicId });
    }
  }

  /**
   * Do something with the entities of many ids, once for each driver that has some of them, all at the same time.
   * What belongs to a domain without a driver is left out.
   * @returns the results of all drivers together, with public ids
   */
  async withMany<E extends { readonly id: string; readonly domain_id: string }>(
    type: EntityType,
    publicIds: readonly string[],
    work: (selection: Selection, localIds: readonly string[]) => Promise<readonly E[]>,
  ): Promise<E[]> {
    const found: E[] = [];
    await this.withPlaces(type, publicIds, async (selection, places) => {
      for (const entity of inDomain(selection, await work(selection, [...places.keys()]))) {
        const id = places.get(entity.id);
        if (id !== undefined) found.push({ ...entity, id });
      }
    });
    return found;
  }

  /** As `withMany`; `places` are public ids by the ids of the driver. */
  async withPlaces(
    type: EntityType,
    publicIds: readonly string[],
    work: (selection: Selection, places: ReadonlyMap<string, string>) => Promise<void>,
  ): Promise<void> {
    const byDomain = new Map<string | null, Map<string, string>>();
    for (const { domainId, localId, publicId } of await this.publicIds.findMany(publicIds, type)) {
      const places = byDomain.get(domainId);
      if (places === undefined) byDomain.set(domainId, new Map([[localId, publicId]]));
      else places.set(localId, publicId);
    }
    await Promise.all(
      [...byDomain].map(async ([domainId, places]) => {
        try {
          await this.drivers.use(domainId, async (selection) => {
            const own = [...places].filter(([localId, publicId]) => isOwn(selection, { localId, publicId }));
            if (own.length > 0) await work(selection, new Map(own));
          });
        } catch (error) {
          if (!(error instanceof DomainNotFound)) throw error;
        }
      }),
    );
  }

  /** Lists of a driver: what its choice has settled is settled, and its own limit holds, if the caller set none. */
  prepareHints(hints: Hints, { driver, listLimit }: Selection): void {
    if (!driver.traits.isDomainAware) {
      for (const filter of hints.filters) {
        if (filter.name === 'domain_id' && filter.comparator === 'equals') filter.satisfied = true;
      }
    }
    if (hints.limit === null) limitList(hints, listLimit, this.context.conf.DEFAULT.list_limit);
  }

  /** The domain whose driver a list is of; null: the standard driver. */
  domainOfList(hints: Hints): string | null {
    const domainId = this.drivers.isByDomain ? hints.exact('domain_id')?.value : undefined;
    return typeof domainId === 'string' ? domainId : null;
  }
}

function inDomain<E extends { readonly domain_id: string }>(
  { driver, domainId }: Selection,
  entities: readonly E[],
): readonly E[] {
  if (driver.traits.isDomainAware) return entities;
  return entities.map((entity) => ({ ...entity, domain_id: domainId }));
}

export function notFound(type: EntityType, id: string, options?: ErrorOptions): Error {
  return type === 'user'
    ? new UserNotFound({ user_id: id }, options)
    : new GroupNotFound({ group_id: id }, options);
}

/** An error of a driver, which speaks of its own ids, as one that clients understand. */
export function withPublicIds(
  error: unknown,
  ids: { readonly user?: string; readonly group?: string },
): unknown {
  const options = { cause: error };
  if (error instanceof UserNotFound && ids.user !== undefined) return notFound('user', ids.user, options);
  if (error instanceof GroupNotFound && ids.group !== undefined) return notFound('group', ids.group, options);
  if (error instanceof DomainNotFound) {
    // The domain of the entity has no driver any more.
    return ids.user === undefined
      ? notFound('group', ids.group ?? '', options)
      : notFound('user', ids.user, options);
  }
  const isEntity = error instanceof UserNotFound || error instanceof GroupNotFound;
  if (!isEntity && error instanceof NotFound && ids.user !== undefined && ids.group !== undefined) {
    return new NotFound(`User '${ids.user}' not found in group '${ids.group}'`, options);
  }
  return error;
}
