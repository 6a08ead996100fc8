/** The configuration of a single domain, for identity backends of its own. */
import { type ConfigSource, readSources, searchFolders } from '../common/config/locations.js';
import { PROJECT } from './load.js';
import { Loaded, orConfError } from './loaded.js';
import type { LoadedConf, StoredValue } from './types.js';

/**
 * Load the file of one domain (`keystone.DOMAIN.conf` in `[identity] domain_config_dir`). What it does not set has
 * its default: neither the main files nor the environment, which speak for the whole service, have a part in it.
 *
 * @throws ConfError
 */
export function loadDomainConf(file: string): LoadedConf {
  return orConfError(() => {
    const sources: ConfigSource[] = [{ kind: 'file', path: file }];
    const files = readSources(sources, process.env);
    return new Loaded({ files, env: {}, overrides: {} }, searchFolders(sources, PROJECT, process.env));
  });
}

function storedText(value: StoredValue): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? value.map(storedText).join(',') : JSON.stringify(value);
  }
  return String(value);
}

/**
 * The configuration of one domain from what the domain configuration API stored, over the defaults.
 *
 * @param values section to option to value; null leaves the default
 * @throws ConfError
 */
export function domainConfOf(values: {
  readonly [section: string]: { readonly [option: string]: StoredValue };
}): LoadedConf {
  const overrides = Object.fromEntries(
    Object.entries(values).map(([section, options]) => [
      section,
      Object.fromEntries(
        Object.entries(options).flatMap(([name, value]) =>
          value === null ? [] : [[name, storedText(value)]],
        ),
      ),
    ]),
  );
  return orConfError(
    () => new Loaded({ files: [], env: {}, overrides }, searchFolders([], PROJECT, process.env)),
  );
}
