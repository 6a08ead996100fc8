/** What goes over the wire: requests are written by ldapjs, answers are read here. Source: RFC 4511. */
import { isUtf8 } from 'node:buffer';
import { BerError, BerReader } from './ber.js';
import { encodableFilter, type Filter } from './filter.js';
import { type Encodable, type EncodableControl, type EncodableDn, library } from './library.js';

export type Scope = 'base' | 'one' | 'sub';
export type Values = readonly (string | Buffer)[];

export interface Search {
  readonly base: string;
  readonly scope: Scope;
  readonly filter: Filter;
  /** Only these; `1.1` is none but the name. */
  readonly attributes: readonly string[];
  /** Most entries to send; 0 is all. */
  readonly limit: number;
  /** RFC 4511: 0 never, 1 in searching, 2 finding the base, 3 always. */
  readonly dereferencing: number;
}

export interface Change {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  /** None with `delete`: all values go. */
  readonly values: Values;
}

export interface Page {
  readonly size: number;
  /** Empty for the first page. */
  readonly cookie: Buffer;
}

const NO_DN: Entry['attributes'] = new Map();

/** An entry as it was found. */
export class Entry {
  constructor(
    readonly dn: string,
    /** By name in lower case. */
    readonly attributes: ReadonlyMap<string, readonly Buffer[]> = NO_DN,
  ) {}

  /** Values that are text; those that are no UTF-8 are left out. */
  texts(attribute: string): string[] {
    const values = this.attributes.get(attribute.toLowerCase()) ?? [];
    return values.filter((value) => isUtf8(value)).map((value) => value.toString());
  }
}

export interface Result {
  readonly kind: 'result';
  readonly id: number;
  readonly code: number;
  readonly diagnostic: string;
  readonly referrals: readonly string[];
  /** Cookie of the next page; null when the server did not page, empty after the last page. */
  readonly cookie: Buffer | null;
}

export type Answer =
  | Result
  | { readonly kind: 'entry'; readonly id: number; readonly entry: Entry }
  | { readonly kind: 'reference'; readonly id: number; readonly urls: readonly string[] }
  | { readonly kind: 'other'; readonly id: number };

const START_TLS = '1.3.6.1.4.1.1466.20037';
const TREE_DELETE = '1.2.840.113556.1.4.805';
const PAGED_RESULTS = '1.2.840.113556.1.4.319';

/** A request, still without the number that the connection gives it. */
export type Request = (messageId: number) => Buffer;

function bytes(message: Encodable): Buffer {
  return message.toBer().buffer;
}

function encodableDn(dn: string): EncodableDn {
  return { toString: () => dn, [Symbol.toStringTag]: 'LdapDn' };
}

export function bindRequest(dn: string, password: string): Request {
  return (messageId) =>
    bytes(new library.BindRequest({ messageId, name: dn, authentication: 'Simple', credentials: password }));
}

export const unbindRequest: Request = (messageId) => bytes(new library.UnbindRequest({ messageId }));

export function abandonRequest(abandonId: number): Request {
  return (messageId) => bytes(new library.AbandonRequest({ messageId, abandonId }));
}

export const startTlsRequest: Request = (messageId) =>
  bytes(new library.ExtendedRequest({ messageId, requestName: START_TLS }));

export function searchRequest(search: Search, page: Page | null): Request {
  const filter = encodableFilter(search.filter);
  const controls: EncodableControl[] =
    page === null ? [] : [new library.PagedResultsControl({ criticality: true, value: { ...page } })];
  return (messageId) =>
    bytes(
      new library.SearchRequest({
        messageId,
        controls,
        baseObject: encodableDn(search.base),
        scope: search.scope,
        derefAliases: search.dereferencing,
        sizeLimit: search.limit,
        timeLimit: 0,
        typesOnly: false,
        filter,
        attributes: search.attributes,
      }),
    );
}

export function addRequest(dn: string, attributes: ReadonlyMap<string, Values>): Request {
  const list = [...attributes].map(([type, values]) => new library.Attribute({ type, values }));
  return (messageId) =>
    bytes(new library.AddRequest({ messageId, entry: encodableDn(dn), attributes: list }));
}

export function modifyRequest(dn: string, changes: readonly Change[]): Request {
  const list = changes.map(
    ({ operation, attribute, values }) =>
      new library.Change({
        operation,
        modification: new library.Attribute({ type: attribute, values }),
      }),
  );
  return (messageId) =>
    bytes(new library.ModifyRequest({ messageId, object: encodableDn(dn), changes: list }));
}

/** @param withTree entries beneath go too, where the server knows the control */
export function deleteRequest(dn: string, withTree: boolean): Request {
  const controls = withTree ? [new library.Control({ type: TREE_DELETE, criticality: false })] : [];
  return (messageId) => bytes(new library.DeleteRequest({ messageId, controls, entry: encodableDn(dn) }));
}

const TAG = {
  integer: 0x02,
  octets: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
  entry: 0x64,
  reference: 0x73,
  intermediate: 0x79,
  controls: 0xa0,
  referral: 0xa3,
  boolean: 0x01,
} as const;
/** Answers to bind, search, modify, add, delete and extended requests. */
const RESULTS = new Set([0x61, 0x65, 0x67, 0x69, 0x6b, 0x78]);

/** @throws BerError when the message is malformed */
export function readAnswer(message: Buffer): Answer {
  const reader = new BerReader(message).inside(TAG.sequence);
  const id = reader.integer(TAG.integer);
  const { tag } = reader;
  if (tag === TAG.entry) return { kind: 'entry', id, entry: readEntry(reader.inside(tag)) };
  if (tag === TAG.reference) return { kind: 'reference', id, urls: readTexts(reader.inside(tag)) };
  if (tag === TAG.intermediate) return { kind: 'other', id };
  if (!RESULTS.has(tag)) throw new BerError(`an answer of kind 0x${tag.toString(16)}`);
  const result = reader.inside(tag);
  const code = result.integer(TAG.enumerated);
  result.octets(TAG.octets);
  const diagnostic = result.text(TAG.octets);
  const referrals = result.tag === TAG.referral ? readTexts(result.inside(TAG.referral)) : [];
  return { kind: 'result', id, code, diagnostic, referrals, cookie: readCookie(reader) };
}

function readEntry(reader: BerReader): Entry {
  const dn = reader.text(TAG.octets);
  const attributes = new Map<string, readonly Buffer[]>();
  for (const list = reader.inside(TAG.sequence); list.hasMore; ) {
    const attribute = list.inside(TAG.sequence);
    const name = attribute.text(TAG.octets).toLowerCase();
    const values: Buffer[] = [];
    for (const set = attribute.inside(TAG.set); set.hasMore; ) values.push(set.octets(TAG.octets));
    attributes.set(name, values);
  }
  return new Entry(dn, attributes);
}

function readTexts(reader: BerReader): string[] {
  const texts: string[] = [];
  while (reader.hasMore) texts.push(reader.text(TAG.octets));
  return texts;
}

function readCookie(message: BerReader): Buffer | null {
  if (message.tag !== TAG.controls) return null;
  for (const controls = message.inside(TAG.controls); controls.hasMore; ) {
    const control = controls.inside(TAG.sequence);
    if (control.text(TAG.octets) !== PAGED_RESULTS) continue;
    if (control.tag === TAG.boolean) control.skip();
    const value = new BerReader(control.octets(TAG.octets)).inside(TAG.sequence);
    value.integer(TAG.integer);
    return value.octets(TAG.octets);
  }
  return null;
}
