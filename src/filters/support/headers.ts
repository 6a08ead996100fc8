import type { IncomingHttpHeaders } from 'node:http';

/** A header by its lower-case name, without blanks around it; null when it is absent or empty. */
export function textHeader(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}
