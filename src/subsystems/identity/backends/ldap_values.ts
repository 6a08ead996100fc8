/** From attributes of the API to values in the directory. */
import { ValidationError } from '../../../common/errors.js';
import type { Change } from '../../../common/ldap/index.js';
import type { Mapping } from './ldap_mapping.js';

const ATTRIBUTE = /^[A-Za-z][A-Za-z0-9-]*$/;
/** What the API knows of entities and directories do not hold. */
const NOT_STORED = [
  'id',
  'domain_id',
  'password',
  'password_expires_at',
  'extra',
  'enabled',
  'options',
  // Names of API v2.0 for what has another one.
  'username',
  'tenantId',
];

/** A value as it is written; null for none. Directories know no empty values. @throws ValidationError */
export function ldapValue(name: string, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && !value.includes('\0')) return value;
  throw new ValidationError(`The directory cannot hold the value of the attribute "${name}"`);
}

/**
 * The attributes that a new entry gets, by LDAP name in the case that they were configured in. Names that are not
 * mapped are taken for those of the directory, as in Keystone.
 * @throws ValidationError
 */
export function newValues(
  mapping: Mapping,
  entity: Readonly<Record<string, unknown>>,
  reserved: readonly string[],
): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [attribute, value] of assignments(mapping, entity, reserved)) {
    if (value !== null) addValue(values, attribute, value);
  }
  return values;
}

/** Attributes of the same name in another case are the same attribute. */
export function addValue(values: Map<string, string[]>, attribute: string, value: string): void {
  const wanted = attribute.toLowerCase();
  const known = [...values.keys()].find((name) => name.toLowerCase() === wanted) ?? attribute;
  const list = values.get(known) ?? [];
  if (!list.includes(value)) list.push(value);
  values.set(known, list);
}

/**
 * What has to be changed in an entry.
 * @param current the first value that the entry has of a LDAP attribute
 * @throws ValidationError
 */
export function changesOf(
  mapping: Mapping,
  changes: Readonly<Record<string, unknown>>,
  current: (attribute: string) => string | undefined,
  reserved: readonly string[],
): Change[] {
  const list: Change[] = [];
  for (const [attribute, value, isMapped] of assignments(mapping, changes, reserved)) {
    const before = current(attribute);
    if (isMapped && (before ?? null) === value) continue;
    // Nobody knows whether an attribute that is not read has a value: nothing is deleted then.
    if (value === null && !isMapped) continue;
    list.push({ operation: 'replace', attribute, values: value === null ? [] : [value] });
  }
  return list;
}

function* assignments(
  { tree, ignored, additional }: Mapping,
  entity: Readonly<Record<string, unknown>>,
  reserved: readonly string[],
): Generator<[attribute: string, value: string | null, isMapped: boolean]> {
  const taken = new Set(
    ['objectclass', tree.idAttribute, ...reserved, ...tree.attributes.values()].map((name) =>
      name.toLowerCase(),
    ),
  );
  for (const [name, given] of Object.entries(entity)) {
    if (NOT_STORED.includes(name) || ignored.has(name)) continue;
    const value = ldapValue(name, given);
    const own = tree.attributes.get(name);
    if (own !== undefined) yield [own, value, true];
    const further = additional.get(name) ?? [];
    for (const attribute of further) yield [attribute, value, true];
    if (own !== undefined || further.length > 0 || value === null || isApiName(name)) continue;
    if (!ATTRIBUTE.test(name) || taken.has(name.toLowerCase())) {
      throw new ValidationError(`The directory has no attribute "${name}" that can be set`);
    }
    yield [name, value, false];
  }
}

/** Attributes of the API that an empty option keeps out of the directory. */
function isApiName(name: string): boolean {
  return ['name', 'description', 'email', 'default_project_id'].includes(name);
}
