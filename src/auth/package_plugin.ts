/**
 * Authentication methods by npm package: `[auth] <method> = PACKAGE`. The package says in its package.json what it
 * offers: `"keystone": { "auth": { "<method>": "./index.js:createMethod" } }`.
 */
import { packageExport } from '../common/package_export.js';
import type { CreateAuthMethod } from './auth_method.js';

/**
 * The plugin that an installed package offers for a method.
 * @param folders where packages may be installed: the nearest `node_modules` from each of them upwards, in order
 * @returns null when no such package is installed
 * @throws Error saying what is wrong with the package
 */
export async function packagePlugin(
  method: string,
  packageName: string,
  folders: readonly string[],
): Promise<CreateAuthMethod | null> {
  const exported = await packageExport(
    {
      option: `[auth] ${method}`,
      packageName,
      kind: 'auth',
      name: method,
      what: `authentication method ${method}`,
      defaultFunction: 'createMethod',
    },
    folders,
  );
  // What the package exports under this key is to be one, see docs/auth_methods.md.
  return exported as CreateAuthMethod | null;
}
