/**
 * keystone.conf: `loadConf()` reads it, `Conf` is what it says. The options are declared in `sections/`, one file
 * per section; their types, checks, the sample file and the reference come from there.
 */

export type { ConfigSource } from '../common/config/locations.js';
export type { Origin, Overrides } from '../common/config/resolver.js';
export { type CommandLine, parseCommandLine } from './arguments.js';
export { domainConfOf, loadDomainConf } from './domain.js';
export { loadConf } from './load.js';
export { SECTIONS } from './sections/index.js';
export {
  type Conf,
  ConfError,
  type LoadConfOptions,
  type LoadedConf,
  type OptionName,
  type SectionName,
  type StoredValue,
} from './types.js';
