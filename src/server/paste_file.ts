/** Which paste file counts. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedConf } from '../conf/index.js';
import { PipelineError } from '../pipeline/index.js';
import { packageFile } from './package_info.js';

/**
 * The file that `[paste_deploy] config_file` names. Where nothing is set and no such file lies beside the configuration,
 * it is the one that came with the package.
 *
 * @throws PipelineError when the named file is not there
 */
export function findPasteFile(loaded: LoadedConf): string {
  const name = loaded.conf.paste_deploy.config_file;
  const found = loaded.findFile(name);
  if (found !== null) return resolve(found);
  if (loaded.origin('paste_deploy', 'config_file') === 'default') {
    return fileURLToPath(packageFile('paste/keystone-paste.ini'));
  }
  throw new PipelineError([
    {
      kind: 'no-file',
      text: `[paste_deploy] config_file = ${name}: there is no such file, neither beside the configuration files nor in /etc/keystone`,
      name,
    },
  ]);
}
