/** Entries of one kind beneath one name: users, groups, and whatever else is found by an id attribute. */
import type { Hints } from '../hints.js';
import { getLogger } from '../log/index.js';
import type { LdapDirectory } from './directory.js';
import { comparable, dnKey, escapeDnValue, firstAva } from './dn.js';
import { apiError } from './errors.js';
import { and, contains, endsWith, equals, type Filter, or, present, startsWith } from './filter.js';
import type { Change, Entry, Values } from './messages.js';

const log = getLogger('keystone.common.ldap');

/** Ids or names that one search asks for. */
const BATCH = 100;

export interface TreeOptions {
  /** For messages: `user`. */
  readonly kind: string;
  readonly base: string;
  readonly scope: 'one' | 'sub';
  readonly idAttribute: string;
  readonly objectClass: string;
  /** Classes that new entries have beside it. */
  readonly structuralClasses: readonly string[];
  /** What entries must match besides. */
  readonly filter: Filter | null;
  /** LDAP attributes by the names that the API has for them; what is not mapped to any is left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** LDAP attributes that are read besides. */
  readonly also: readonly string[];
}

export class LdapTree {
  private readonly wanted: readonly string[];

  constructor(
    readonly directory: LdapDirectory,
    readonly options: TreeOptions,
  ) {
    const names = [options.idAttribute, ...options.attributes.values(), ...options.also];
    this.wanted = [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
  }

  /** First value of what the API calls `name`; undefined when there is none. */
  value(entry: Entry, name: string): string | undefined {
    const attribute = this.options.attributes.get(name);
    return attribute === undefined ? undefined : entry.texts(attribute)[0];
  }

  /** Where the attribute has several values, that of the entry's name decides; null when it has none. */
  idOf(entry: Entry): string | null {
    const { idAttribute, kind } = this.options;
    const ids = entry.texts(idAttribute);
    if (ids.length <= 1) return ids[0] ?? null;
    log.debug(`${kind} ${entry.dn} has several values of ${idAttribute}; its id is taken from its name`);
    return firstAva(entry.dn, idAttribute)?.value ?? null;
  }

  /** The name of a new entry. */
  newDn(id: string): string {
    return `${this.options.idAttribute}=${escapeDnValue(id)},${this.options.base}`;
  }

  /** @param filter instead of that of the options; null for none */
  async find(id: string, filter = this.options.filter): Promise<Entry | null> {
    if (!isPossible(id)) return null;
    return this.first(this.read(equals(this.options.idAttribute, id), filter));
  }

  /** The first that the API's attribute `name` fits exactly, as the directory compares. */
  async findBy(name: string, value: string): Promise<Entry | null> {
    const attribute = this.options.attributes.get(name);
    if (attribute === undefined || !isPossible(value)) return null;
    return this.first(this.search([equals(attribute, value)]));
  }

  /** Entries that have an id, as they come. @param limit most entries to find; 0 is all */
  async *search(terms: readonly Filter[] = [], limit = 0): AsyncGenerator<Entry, void, undefined> {
    const filter = and(present(this.options.idAttribute), ...terms);
    for await (const entry of this.read(filter, this.options.filter, limit)) {
      if (this.idOf(entry) !== null) yield entry;
    }
  }

  /** Entries by id, a hundred at a time; unknown ids are left out. */
  async findMany(ids: readonly string[], terms: readonly Filter[] = []): Promise<Entry[]> {
    const found = new Map<string, Entry>();
    const { idAttribute } = this.options;
    for (const batch of inBatches([...new Set(ids)].filter(isPossible))) {
      const any = or(...batch.map((id) => equals(idAttribute, id)));
      const asked = new Set(batch.map(comparable));
      for await (const entry of this.search([any, ...terms])) {
        const id = this.idOf(entry);
        if (id !== null && asked.has(comparable(id)) && !found.has(id)) found.set(id, entry);
      }
    }
    return [...found.values()];
  }

  /**
   * Entries by their names, a hundred at a time; those that are not of this kind, or gone, are left out.
   * They are searched by the first component of the name, which every server can, and told apart by the whole.
   */
  async *findByDns(
    dns: readonly string[],
    terms: readonly Filter[] = [],
  ): AsyncGenerator<Entry, void, undefined> {
    const named = dns.flatMap((dn) => {
      const ava = firstAva(dn);
      return ava === null || !isPossible(ava.value) ? [] : [{ key: dnKey(dn), ava }];
    });
    for (const batch of inBatches(named)) {
      const keys = new Set(batch.map(({ key }) => key));
      const any = or(...batch.map(({ ava }) => equals(ava.type, ava.value)));
      for await (const entry of this.search([any, ...terms])) {
        if (keys.delete(dnKey(entry.dn))) yield entry;
      }
    }
  }

  /** @throws Conflict, ForbiddenAction, ValidationError, ServiceUnavailable */
  async add(dn: string, attributes: ReadonlyMap<string, Values>): Promise<void> {
    const { structuralClasses, objectClass } = this.options;
    const classes = [...new Set([...structuralClasses, objectClass])];
    const all = new Map<string, Values>([['objectClass', classes], ...attributes]);
    await this.asked('create', () => this.directory.add(dn, all));
  }

  /** @throws ForbiddenAction, ValidationError, ServiceUnavailable */
  async modify(dn: string, changes: readonly Change[]): Promise<void> {
    if (changes.length > 0) await this.asked('update', () => this.directory.modify(dn, changes));
  }

  /**
   * Delete an entry.
   * @param withTree with all beneath it; otherwise there must be nothing
   * @throws ForbiddenAction, NotFound, ValidationError, ServiceUnavailable
   */
  async delete(dn: string, withTree: boolean): Promise<void> {
    await this.asked('delete', () => (withTree ? this.directory.deleteTree(dn) : this.directory.delete(dn)));
  }

  /** Delete the entries of the same class that lie directly beneath an entry. */
  async deleteBeneath(dn: string): Promise<void> {
    const filter = equals('objectClass', this.options.objectClass);
    await this.asked('delete', async () => {
      const children = await this.directory.searchAll({ base: dn, scope: 'one', filter });
      for (const child of children) await this.directory.delete(child.dn);
    });
  }

  /**
   * The filters that the directory can apply. Exact ones follow its rules on case and are satisfied by it, as are
   * those that ignore case; of others it finds too much, which leaves the rest to the caller.
   */
  terms(hints: Hints): Filter[] {
    const terms: Filter[] = [];
    for (const filter of hints.filters) {
      const attribute = this.options.attributes.get(filter.name);
      const { value, comparator, caseSensitive } = filter;
      if (filter.satisfied || attribute === undefined || filter.name === 'enabled') continue;
      if (typeof value !== 'string' || value.trim() === '') continue;
      const make = { equals, contains, startswith: startsWith, endswith: endsWith }[comparator];
      terms.push(make(attribute, value));
      filter.satisfied = comparator === 'equals' || !caseSensitive;
    }
    return terms;
  }

  /** @param action for the text of a refusal: `create` becomes `LDAP user create` */
  async asked<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw apiError(error, `LDAP ${this.options.kind} ${action}`);
    }
  }

  /** The search is read to its end, which is nearly always the next message. */
  private async first(search: AsyncIterable<Entry>): Promise<Entry | null> {
    let first: Entry | null = null;
    for await (const entry of search) {
      if (this.idOf(entry) !== null) first ??= entry;
    }
    return first;
  }

  private async *read(
    term: Filter,
    filter: Filter | null,
    limit = 0,
  ): AsyncGenerator<Entry, void, undefined> {
    const { base, scope, objectClass, kind } = this.options;
    const parts = [term, ...(filter === null ? [] : [filter]), equals('objectClass', objectClass)];
    try {
      yield* this.directory.search({ base, scope, filter: and(...parts), attributes: this.wanted, limit });
    } catch (error) {
      throw apiError(error, `LDAP ${kind} search`);
    }
  }
}

/** Directories disagree on what an empty value and a NUL byte mean; nothing is found by either. */
function isPossible(value: string): boolean {
  return value !== '' && !value.includes('\0');
}

function* inBatches<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += BATCH) yield list.slice(start, start + BATCH);
}
