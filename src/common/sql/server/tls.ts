/** Certificates and keys that a database URL names. */
import { readFileSync } from 'node:fs';

export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
  /** Replaces the check of the server's name. */
  readonly checkServerIdentity?: () => undefined;
}

/**
 * @param check how the server's certificate is checked: not at all, its chain, or its chain and name
 * @throws Error of the file system when a file cannot be read
 */
export function tlsOptions(files: TlsFiles, check: 'none' | 'chain' | 'name'): TlsOptions {
  const read = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : readFileSync(path, 'utf8');
  const ca = read(files.ca);
  const cert = read(files.cert);
  const key = read(files.key);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: check !== 'none',
    ...(check === 'chain' && { checkServerIdentity: () => undefined }),
  };
}
