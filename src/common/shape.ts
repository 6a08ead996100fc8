/**
 * What something from a package has to have. It comes from another compiler, or from none: it is held to its interface
 * when the service starts, so that no request is the first to find something missing.
 */
import { isRecord } from './record.js';

type Method = (...args: never[]) => unknown;

const KINDS = {
  method: 'no function',
  'optional method': 'no function',
  boolean: 'neither true nor false',
  'optional boolean': 'neither true nor false',
  number: 'no number',
} as const;

type Kind = keyof typeof KINDS;

/** Members by name, and those of what hangs on them. */
export interface Shape {
  readonly [name: string]: Kind | Shape;
}

type KindOf<Member> = Member extends Method
  ? 'method'
  : Member extends boolean
    ? 'boolean'
    : Member extends number
      ? 'number'
      : ShapeOf<Member>;

type OptionalKindOf<Member> = Member extends Method ? 'optional method' : 'optional boolean';

/** The shape of an interface: the compiler takes a list neither with one member less nor with one more. */
export type ShapeOf<Interface> = {
  readonly [Name in keyof Interface]-?: Partial<Pick<Interface, Name>> extends Pick<Interface, Name>
    ? OptionalKindOf<NonNullable<Interface[Name]>>
    : KindOf<Interface[Name]>;
};

/**
 * What is wrong with something, in words: `it lacks getRole(), users.list(); users.listFromIds is no function`.
 * @returns null when it has all that the shape asks for
 */
export function misfit(offered: unknown, shape: Shape): string | null {
  if (!isRecord(offered)) return 'it is no object';
  const { missing, wrong } = compare(offered, shape, '');
  const all = missing.length === 0 ? wrong : [`it lacks ${missing.join(', ')}`, ...wrong];
  return all.length === 0 ? null : all.join('; ');
}

interface Found {
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
}

const NOTHING: Found = { missing: [], wrong: [] };

function compare(offered: Readonly<Record<string, unknown>>, shape: Shape, path: string): Found {
  const found = Object.entries(shape).map(([name, wanted]) => look(offered[name], wanted, `${path}${name}`));
  return {
    missing: found.flatMap(({ missing }) => missing),
    wrong: found.flatMap(({ wrong }) => wrong),
  };
}

function look(value: unknown, wanted: Kind | Shape, name: string): Found {
  const isAbsent = value === undefined || value === null;
  if (typeof wanted === 'object') {
    if (isRecord(value)) return compare(value, wanted, `${name}.`);
    return isAbsent ? { missing: [name], wrong: [] } : { missing: [], wrong: [`${name} is no object`] };
  }
  const [type, isOptional] = [wanted.replace('optional ', ''), wanted.startsWith('optional ')];
  if (isAbsent && isOptional) return NOTHING;
  if (isAbsent) return { missing: [type === 'method' ? `${name}()` : name], wrong: [] };
  const isFit = typeof value === (type === 'method' ? 'function' : type);
  return isFit ? NOTHING : { missing: [], wrong: [`${name} is ${KINDS[wanted]}`] };
}
