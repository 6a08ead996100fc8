import { resolve } from 'node:path';
import type { Conf, Context, Frame, ObjectType } from './context.js';
import type { Site } from './errors.js';

/** What a URI is resolved with. */
export interface UriOptions {
  /** Wins over the `#name` of the URI. */
  readonly name?: string | undefined;
  readonly globalConf?: Conf | undefined;
  /** The folder that a relative `config:` or `call:` starts from. */
  readonly relativeTo?: string | undefined;
}

/** Opens a URI that stands in the place of a name. */
export type OpenUri = (
  objectType: ObjectType,
  uri: string,
  options: UriOptions,
  site: Site,
  ancestry: readonly Frame[],
) => Context;

/** Does the name begin with a scheme, so that it is a URI? A digit before the colon makes it an ordinary name. */
export function isUri(name: string): boolean {
  return /^[a-zA-Z]+:/.test(name);
}

/** The `config:` URI of a file, whatever characters its path holds. */
export function configUri(file: string, name?: string): string {
  const path = resolve(file).replaceAll('\\', '/').replaceAll('%', '%25').replaceAll('#', '%23');
  return name === undefined ? `config:${path}` : `config:${path}#${name}`;
}
