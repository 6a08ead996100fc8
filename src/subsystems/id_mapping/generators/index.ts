/** The generator of public ids that `[identity_mapping] generator` names. */
import { packageExport } from '../../../common/package_export.js';
import { generatePublicId, type IdMapping } from './sha256.js';

/**
 * Makes the public id of an entity from `domain_id`, `local_id` and `entity_type`: at most 64 characters, and the
 * same for the same entity whenever it is asked.
 */
export type PublicIdGenerator = (mapping: IdMapping) => string;

const BUILT_IN: Readonly<Record<string, PublicIdGenerator>> = { sha256: generatePublicId };

/**
 * @param name a built-in generator, or an installed npm package that offers one:
 *   `"keystone": { "identity_mapping": { "generator": "./index.js:generatePublicId" } }`
 * @param folders where packages may be installed
 * @throws Error naming the option, the unknown generator and the valid names
 */
export async function loadGenerator(name: string, folders: readonly string[]): Promise<PublicIdGenerator> {
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (builtIn !== undefined) return builtIn;
  const installed = await packageExport(
    {
      option: '[identity_mapping] generator',
      packageName: name,
      kind: 'identity_mapping',
      name: 'generator',
      what: 'generator',
      defaultFunction: 'generatePublicId',
    },
    folders,
  );
  if (installed === null) {
    const valid = Object.keys(BUILT_IN).join(', ');
    throw new Error(
      `[identity_mapping] generator = ${name}: there is no such generator, and no npm package of that name is` +
        ` installed; built in is: ${valid}`,
    );
  }
  // What a package offers under this key is to be one.
  return installed as PublicIdGenerator;
}
