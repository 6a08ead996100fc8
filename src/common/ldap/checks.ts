/** Options of `[ldap]` that must have a form, checked when they are read. */
import { isDn } from './dn.js';
import { LdapOptionError } from './errors.js';
import type { Filter } from './filter.js';
import { FilterError, parseFilter } from './filter_parser.js';

/** Name or OID of an attribute with options (RFC 4512, section 2.5). */
export const ATTRIBUTE_DESCRIPTION = /^(?:[A-Za-z][A-Za-z0-9_-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9_-]+)*$/;

/** @throws LdapOptionError when the value is no attribute's name */
export function checkedAttribute(option: string, value: string): string {
  if (ATTRIBUTE_DESCRIPTION.test(value)) return value;
  throw new LdapOptionError(`[ldap] ${option} = ${value}: this cannot be the name of an attribute`);
}

/** @throws LdapOptionError when the value is no distinguished name */
export function checkedDn(option: string, value: string): string {
  if (value.trim() !== '' && isDn(value)) return value;
  throw new LdapOptionError(`[ldap] ${option} = ${value}: this is no distinguished name`);
}

/** The filter that an operator wrote; null for none. @throws LdapOptionError saying what is wrong with it */
export function operatorFilter(option: string, text: string | null): Filter | null {
  if (text === null || text.trim() === '') return null;
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new LdapOptionError(`[ldap] ${option}: ${error.message}`, { cause: error });
  }
}
