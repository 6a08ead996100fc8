/**
 * Search filters as data. They are made by these functions, never by joining texts, so that a value is only ever a
 * value. Source: RFC 4511, section 4.5.1.7.
 */
import { type EncodableFilter, library } from './library.js';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'present'; readonly attribute: string }
  | {
      readonly kind: 'equals' | 'atLeast' | 'atMost' | 'approximately';
      readonly attribute: string;
      readonly value: Buffer;
    }
  | {
      readonly kind: 'parts';
      readonly attribute: string;
      readonly initial: string;
      readonly inner: readonly string[];
      readonly final: string;
    }
  | {
      readonly kind: 'rule';
      readonly attribute: string;
      /** Name or OID of a matching rule; empty for that of the attribute. */
      readonly rule: string;
      readonly value: string;
      readonly withDn: boolean;
    };

/** Every entry has an object class. */
export const ANYTHING: Filter = { kind: 'present', attribute: 'objectClass' };
export const NOTHING: Filter = { kind: 'not', of: ANYTHING };

export function and(...of: readonly Filter[]): Filter {
  return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'and', of };
}

export function or(...of: readonly Filter[]): Filter {
  return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'or', of };
}

export function present(attribute: string): Filter {
  return { kind: 'present', attribute };
}

/** A value with a NUL byte is nobody's: directories disagree on where it would end. */
export function equals(attribute: string, value: string): Filter {
  if (value.includes('\0')) return NOTHING;
  return { kind: 'equals', attribute, value: Buffer.from(value) };
}

export function contains(attribute: string, value: string): Filter {
  return parts(attribute, { inner: value });
}

export function startsWith(attribute: string, value: string): Filter {
  return parts(attribute, { initial: value });
}

export function endsWith(attribute: string, value: string): Filter {
  return parts(attribute, { final: value });
}

function parts(
  attribute: string,
  { initial = '', inner = '', final = '' }: { initial?: string; inner?: string; final?: string },
): Filter {
  const value = `${initial}${inner}${final}`;
  if (value === '') return present(attribute);
  if (value.includes('\0')) return NOTHING;
  return { kind: 'parts', attribute, initial, inner: inner === '' ? [] : [inner], final };
}

/** By a matching rule of its own, such as that of Active Directory for nested groups. */
export function byRule(attribute: string, rule: string, value: string): Filter {
  if (value.includes('\0')) return NOTHING;
  return { kind: 'rule', attribute, rule, value, withDn: false };
}

/** As ldapjs sends it. */
export function encodableFilter(filter: Filter): EncodableFilter {
  switch (filter.kind) {
    case 'and':
      return new library.AndFilter({ filters: filter.of.map(encodableFilter) });
    case 'or':
      return new library.OrFilter({ filters: filter.of.map(encodableFilter) });
    case 'not':
      return new library.NotFilter({ filter: encodableFilter(filter.of) });
    case 'present':
      return new library.PresenceFilter({ attribute: filter.attribute });
    case 'equals':
      // As bytes: its texts would be taken for escaped ones.
      return new library.EqualityFilter({ attribute: filter.attribute, raw: filter.value });
    case 'atLeast':
      return new library.GreaterThanEqualsFilter(asText(filter.attribute, filter.value));
    case 'atMost':
      return new library.LessThanEqualsFilter(asText(filter.attribute, filter.value));
    case 'approximately':
      return new library.ApproximateFilter(asText(filter.attribute, filter.value));
    case 'parts': {
      const { attribute, initial, inner, final } = filter;
      return new library.SubstringFilter({ attribute, initial, any: [...inner], final });
    }
    default: {
      const { attribute, rule, value, withDn } = filter;
      return new library.ExtensibleFilter({ attribute, rule, value, dnAttributes: withDn });
    }
  }
}

function asText(attribute: string, value: Buffer): { attribute: string; value: string } {
  return { attribute, value: value.toString() };
}

/** For logs: RFC 4515 text. */
export function filterText(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.kind === 'and' ? '&' : '|'}${filter.of.map(filterText).join('')})`;
    case 'not':
      return `(!${filterText(filter.of)})`;
    case 'present':
      return `(${filter.attribute}=*)`;
    case 'parts': {
      const { attribute, initial, inner, final } = filter;
      return `(${attribute}=${[initial, ...inner, final].map(escapeFilterValue).join('*')})`;
    }
    case 'rule': {
      const rule = filter.rule === '' ? '' : `:${filter.rule}`;
      const flag = filter.withDn ? ':dn' : '';
      return `(${filter.attribute}${flag}${rule}:=${escapeFilterValue(filter.value)})`;
    }
    default: {
      const sign = { equals: '=', atLeast: '>=', atMost: '<=', approximately: '~=' }[filter.kind];
      return `(${filter.attribute}${sign}${escapeFilterValue(filter.value.toString())})`;
    }
  }
}

function escapeFilterValue(value: string): string {
  return value.replace(
    /[\0\\*()]/g,
    (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
