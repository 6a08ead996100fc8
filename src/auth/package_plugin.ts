/**
 * Authentication methods by npm package: `[auth] <method> = PACKAGE`. The package says in its package.json what it
 * offers: `"keystone": { "auth": { "<method>": "./index.js:createMethod" } }`.
 */
import { packageExport } from '../common/package_export.js';
import { misfit } from '../common/shape.js';
import { AUTH_METHOD_SHAPE, type CreateAuthMethod } from './auth_method.js';

/**
 * The plugin that an installed package offers for a method. It fails when what it makes is no method.
 * @param option the option that names the package, for messages
 * @param folders where packages may be installed: the nearest `node_modules` from each of them upwards, in order
 * @returns null when no such package is installed
 * @throws Error saying what is wrong with the package
 */
export async function packagePlugin(
  method: string,
  packageName: string,
  folders: readonly string[],
  option = `[auth] ${method}`,
): Promise<CreateAuthMethod | null> {
  const exported = await packageExport(
    {
      option,
      packageName,
      kind: 'auth',
      name: method,
      what: `authentication method ${method}`,
      defaultFunction: 'createMethod',
    },
    folders,
  );
  if (exported === null) return null;
  // What the package exports under this key is to be one, see docs/auth_methods.md.
  const create = exported as CreateAuthMethod;
  return async (context) => {
    const made = await create(context);
    const problem = misfit(made, AUTH_METHOD_SHAPE);
    if (problem === null) return made;
    throw new Error(
      `${option} = ${packageName}: the method that the package makes cannot be used: ${problem}`,
    );
  };
}
