/** Packages that only some backends need. */

/** @throws Error naming the package when it is not installed */
export async function optionalPackage<Module>(
  name: string,
  backend: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      `[cache] backend = ${backend} needs the npm package "${name}", which is not installed: npm install ${name}`,
      { cause: error },
    );
  }
}
