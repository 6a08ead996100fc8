/** The files of domains that a configuration puts in use, for commands that look at a deployment. */
import { type Conf, ConfError, type LoadedConf, loadDomainConf } from '../conf/index.js';
import { domainConfigFiles } from '../server/domain_config_files.js';
import { describeError } from '../server/output.js';

export interface DomainFiles {
  /** Files that can be used. */
  readonly loaded: readonly { readonly file: string; readonly conf: LoadedConf }[];
  /** What is wrong with the others, or with the folder; each with its place. */
  readonly problems: readonly string[];
}

/** Nothing where domains have no drivers of their own, or have their configuration in the database. */
export async function domainFilesInUse({ identity }: Conf): Promise<DomainFiles> {
  const loaded: { file: string; conf: LoadedConf }[] = [];
  const problems: string[] = [];
  if (identity.domain_specific_drivers_enabled && !identity.domain_configurations_from_database) {
    const folder = identity.domain_config_dir;
    try {
      for (const { file } of await domainConfigFiles(folder)) {
        const conf = load(file, problems);
        if (conf !== null) loaded.push({ file, conf });
      }
    } catch (error) {
      problems.push(`[identity] domain_config_dir = ${folder} cannot be read: ${describeError(error)}`);
    }
  }
  return { loaded, problems };
}

function load(file: string, problems: string[]): LoadedConf | null {
  try {
    return loadDomainConf(file);
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    problems.push(...error.problems.map(({ message }) => message));
    return null;
  }
}
