/**
 * Public ids: which entity of which domain an id stands for, and the other way round. Ids are made for many entities
 * at once. Source: facts of Keystone 10.0.3, `[identity_mapping]`.
 */
import { getLogger } from '../../common/log/index.js';
import type { ManagerContext } from '../subsystem.js';
import type { IdMappingDriver } from './driver.js';
import { loadGenerator, type PublicIdGenerator } from './generators/index.js';
import { generatePublicId } from './generators/sha256.js';
import type { EntityType, Mapping, MappingFilter, Progress } from './types.js';

const log = getLogger('keystone.identity.id_mapping');

/** Longest local id that the table takes, in characters. */
const LOCAL_ID_LENGTH = 255;
const PUBLIC_ID_LENGTH = 64;

export interface PublicIdOptions {
  /** Whether the backend's ids become the public ones. */
  readonly keepIds: boolean;
  readonly progress?: Progress;
}

export class IdMappingManager {
  private generator: PublicIdGenerator = generatePublicId;

  constructor(
    private readonly driver: IdMappingDriver,
    private readonly context: ManagerContext,
  ) {}

  /** @throws Error naming an unknown generator and the valid ones */
  async loadGenerator(folders: readonly string[]): Promise<void> {
    this.generator = await loadGenerator(this.context.conf.identity_mapping.generator, folders);
  }

  /** The entity that a public id stands for; null when it is unknown, or one of the other kind. */
  async find(publicId: string, type: EntityType): Promise<Mapping | null> {
    const mapping = await this.driver.get(publicId);
    return mapping?.type === type ? mapping : null;
  }

  /** By public id; unknown ones, and those of the other kind, are left out. */
  async findMany(publicIds: readonly string[], type: EntityType): Promise<ReadonlyMap<string, Mapping>> {
    const mappings = publicIds.length === 0 ? [] : await this.driver.getMany(publicIds);
    return new Map(
      mappings.filter((mapping) => mapping.type === type).map((mapping) => [mapping.publicId, mapping]),
    );
  }

  /**
   * The public ids of entities, made where there are none yet. Entities whose ids cannot be stored are left out, with
   * a warning.
   * @returns public ids by local ids
   */
  async publicIds(
    domainId: string,
    type: EntityType,
    localIds: readonly string[],
    { keepIds, progress }: PublicIdOptions,
  ): Promise<ReadonlyMap<string, string>> {
    const usable = localIds.filter(isStorable);
    if (usable.length < localIds.length) {
      log.warn(
        `${localIds.length - usable.length} ${type}(s) of domain ${domainId} are left out: their ids are longer than` +
          ` ${LOCAL_ID_LENGTH} characters, or hold a NUL character`,
      );
    }
    if (usable.length === 0) return new Map();
    const known = await this.driver.publicIds(domainId, type, usable);
    const missing = [...new Set(usable.filter((localId) => !known.has(localId)))];
    progress?.(usable.length - missing.length);
    if (missing.length === 0) return known;
    const wanted = missing.map((localId) => this.newMapping({ domainId, localId, type }, keepIds));
    await this.driver.create(wanted, (done) => progress?.(usable.length - missing.length + done));
    // Another process may have been faster: what counts is what is stored now.
    const stored = await this.driver.publicIds(domainId, type, missing);
    const lost = wanted.filter(({ localId }) => !stored.has(localId));
    return new Map([...known, ...stored, ...(await this.settle(lost, stored, keepIds))]);
  }

  async delete(publicIds: readonly string[]): Promise<void> {
    if (publicIds.length > 0) await this.driver.delete(publicIds);
  }

  list(filter: MappingFilter): Promise<Mapping[]> {
    return this.driver.list(filter);
  }

  count(filter: MappingFilter): Promise<number> {
    return this.driver.count(filter);
  }

  /** Delete mappings; returns how many went. */
  purge(filter: MappingFilter, progress?: Progress): Promise<number> {
    return this.driver.purge(filter, progress);
  }

  private newMapping(entity: Omit<Mapping, 'publicId'>, keepIds: boolean): Mapping {
    if (keepIds) return { ...entity, publicId: entity.localId };
    const { domainId, localId, type } = entity;
    const publicId: unknown = this.generator({ domain_id: domainId, local_id: localId, entity_type: type });
    if (typeof publicId === 'string' && publicId !== '' && publicId.length <= PUBLIC_ID_LENGTH) {
      return { ...entity, publicId };
    }
    const { generator } = this.context.conf.identity_mapping;
    throw new Error(
      `[identity_mapping] generator = ${generator} gave no id of 1 to ${PUBLIC_ID_LENGTH} characters`,
    );
  }

  /** The ids of entities that were not stored, because something that counts as the same was there. */
  private async settle(
    lost: readonly Mapping[],
    stored: ReadonlyMap<string, string>,
    keepIds: boolean,
  ): Promise<ReadonlyMap<string, string>> {
    const settled = new Map<string, string>();
    if (lost.length === 0) return settled;
    // Some databases take names that differ only in case for the same, as directories do.
    const folded = new Map([...stored].map(([localId, publicId]) => [fold(localId), publicId]));
    for (const mapping of lost) {
      const same = folded.get(fold(mapping.localId));
      if (same !== undefined) {
        settled.set(mapping.localId, same);
      } else if (keepIds) {
        // The entity has come from another domain: its id goes with it.
        await this.driver.move(mapping);
        settled.set(mapping.localId, mapping.publicId);
      } else {
        const other = await this.driver.get(mapping.publicId);
        if (other !== null) throw this.takenId(mapping);
        // A transaction may not see what another process has stored, which is the same.
        settled.set(mapping.localId, mapping.publicId);
      }
    }
    return settled;
  }

  private takenId({ domainId, localId, type }: Mapping): Error {
    const { generator } = this.context.conf.identity_mapping;
    return new Error(
      `[identity_mapping] generator = ${generator} gave ${type} ${localId} of domain ${domainId} the public id of` +
        ' another entity',
    );
  }
}

function isStorable(localId: string): boolean {
  const short = localId.length <= LOCAL_ID_LENGTH || Array.from(localId).length <= LOCAL_ID_LENGTH;
  return short && !localId.includes('\0');
}

function fold(localId: string): string {
  return localId.toLowerCase().trimEnd();
}
