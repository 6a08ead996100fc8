/** The package that this program was installed as. */
import { existsSync, readFileSync } from 'node:fs';

/** The program runs from `dist/src` when it is built, and from `src` in tests. */
function findRoot(): URL {
  const candidates = ['../../', '../../../'].map((up) => new URL(up, import.meta.url));
  const root = candidates.find((candidate) => existsSync(new URL('package.json', candidate)));
  if (root === undefined) throw new Error('package.json is missing: the installation is not complete');
  return root;
}

const root = findRoot();

/** A file of the package by its path in it, whether it exists or not. */
export function packageFile(path: string): URL {
  return new URL(path, root);
}

/** Version of the package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}
