/** The key repositories in use, for the symptoms about them. */
import { readKeyFiles, repositoryProblem } from '../../common/crypto/key_files.js';
import type { Conf } from '../../conf/index.js';
import type { Findings } from './symptom.js';

export interface Repository {
  readonly section: 'credential' | 'fernet_tokens';
  readonly path: string;
}

/** That of credentials where their provider is fernet, null otherwise. */
export function credentialRepository({ credential }: Conf): Repository | null {
  return credential.provider.includes('fernet')
    ? { section: 'credential', path: credential.key_repository }
    : null;
}

/** That of tokens where their provider is fernet, null otherwise. */
export function tokenRepository({ token, fernet_tokens: tokens }: Conf): Repository | null {
  return token.provider.includes('fernet') ? { section: 'fernet_tokens', path: tokens.key_repository } : null;
}

export function repositoriesInUse(conf: Conf): readonly Repository[] {
  return [tokenRepository(conf), credentialRepository(conf)].filter((repository) => repository !== null);
}

/** Why a repository cannot be read and written. */
export async function accessProblem(repository: Repository | null): Promise<Findings> {
  if (repository === null) return [];
  const { section, path } = repository;
  const problem = await repositoryProblem(path, { write: true });
  return problem === null ? [] : [`[${section}] key_repository ${path} ${problem}`];
}

/** Whether a repository has no keys. One that cannot be read is another symptom. */
export async function keysMissing(repository: Repository | null): Promise<Findings> {
  if (repository === null) return [];
  const { section, path } = repository;
  const found = await readKeyFiles(path).catch(() => null);
  return found?.files.length === 0 ? [`[${section}] key_repository ${path} is empty`] : [];
}
