/**
 * Substitutions in endpoint URLs: `$(project_id)s` and, in the same sense, `%(project_id)s`. Only the names of a fixed
 * list are ever filled in, so that an endpoint cannot make the service tell the values of its options.
 * Source: Identity API v3, Endpoints; Python's string formatting, from which the notation comes.
 */

const SAFE_KEYS = [
  'tenant_id',
  'project_id',
  'user_id',
  'public_bind_host',
  'admin_bind_host',
  'compute_host',
  'admin_port',
  'public_port',
  'public_endpoint',
  'admin_endpoint',
] as const;
export type SubstitutionKey = (typeof SAFE_KEYS)[number];

/** Values of the substitutions; a name without a value makes an endpoint unusable. */
export type Substitutions = Readonly<Partial<Record<SubstitutionKey, string | number | null>>>;

interface Substitution {
  readonly key: SubstitutionKey;
  /** `s` takes any value, `d` numbers only. */
  readonly conversion: 's' | 'd';
}
type Part = string | Substitution;

/** A URL taken apart: literal texts and substitutions. */
export interface EndpointUrl {
  readonly parts: readonly Part[];
}

const TOKEN = /[%$]\((\w+)\)([sd])|%%|[^%$]+|\$(?!\()/gy;

/** @returns null when the URL holds a substitution that is unknown or incomplete, or a lone percent sign */
export function parseEndpointUrl(url: string): EndpointUrl | null {
  const parts: Part[] = [];
  let end = 0;
  for (const match of url.matchAll(TOKEN)) {
    const [token, key, conversion] = match;
    end = match.index + token.length;
    if (key === undefined) {
      parts.push(token === '%%' ? '%' : token);
    } else {
      if (!isSafe(key)) return null;
      parts.push({ key, conversion: conversion === 'd' ? 'd' : 's' });
    }
  }
  return end === url.length ? { parts } : null;
}

function isSafe(key: string): key is SubstitutionKey {
  return (SAFE_KEYS as readonly string[]).includes(key);
}

/** Whether a new URL may be stored. Ports are text to the check, as they are to the API: `$(public_port)d` is not. */
export function isValidEndpointUrl(url: string): boolean {
  const parsed = parseEndpointUrl(url);
  return parsed?.parts.every((part) => typeof part === 'string' || part.conversion === 's') === true;
}

/** @returns the URL, or the name of the substitution that has no (fitting) value */
export function fillEndpointUrl(
  { parts }: EndpointUrl,
  values: Substitutions,
): { readonly url: string } | { readonly missing: SubstitutionKey } {
  let url = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      url += part;
      continue;
    }
    const value = values[part.key] ?? null;
    if (value === null || (part.conversion === 'd' && typeof value !== 'number'))
      return { missing: part.key };
    url += String(value);
  }
  return { url };
}
