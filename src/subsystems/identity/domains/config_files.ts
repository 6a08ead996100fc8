/** The files `keystone.DOMAIN.conf` of `[identity] domain_config_dir`. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

const FILE_NAME = /^keystone\.(.+)\.conf$/;

export interface DomainConfigFile {
  readonly file: string;
  readonly domainName: string;
}

/**
 * All of a folder and those beneath, in the order of their paths. Files of other names are left out.
 * @throws Error when the folder cannot be read
 */
export async function domainConfigFiles(folder: string): Promise<DomainConfigFile[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .map((name) => ({ file: join(folder, name), domainName: FILE_NAME.exec(basename(name))?.[1] ?? '' }))
    .filter(({ domainName }) => domainName !== '')
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}
