/**
 * Whether a value has named members: an object of JSON, or an instance of a class. Arrays do not count, nor do `null`
 * and functions.
 */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
