/** Bodies of Keystone's answers as shapes, and where an answer differs from one. */
import { readJson } from './tables.js';

/** Types of values by key; a list holds the shape of its members, and an empty one says nothing of them. */
export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

/** By version, method and path of the request: `/v3 GET /users`. */
export const SHAPES = readJson('response-shapes.json') as Readonly<Record<string, Shape>>;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int' : 'float';
}

/** Where the value differs from the shape, as `path: wanted, found`. */
export function differences(shape: Shape, value: unknown, path = ''): string[] {
  if (typeof shape === 'string') {
    const found = typeof value === 'object' && value !== null ? 'object' : typeOf(value);
    // Numbers of JSON do not tell 1 from 1.0.
    const same = found === shape || (shape === 'float' && found === 'int');
    return same ? [] : [`${path}: ${shape}, ${found}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path}: list, ${typeof value}`];
    const [member] = shape as readonly Shape[];
    if (member === undefined) return [];
    return value.length === 0
      ? [`${path}: members, none`]
      : value.flatMap((item: unknown, index) => differences(member, item, `${path}[${index}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [`${path}: object, ${typeof value}`];
  const [wanted, found] = [shape as Readonly<Record<string, Shape>>, value as Record<string, unknown>];
  return [
    ...Object.keys(found)
      .filter((key) => !Object.hasOwn(wanted, key))
      .map((key) => `${path}.${key}: absent, there`),
    ...Object.entries(wanted).flatMap(([key, inner]) =>
      Object.hasOwn(found, key)
        ? differences(inner, found[key], `${path}.${key}`)
        : [`${path}.${key}: there, absent`],
    ),
  ];
}
