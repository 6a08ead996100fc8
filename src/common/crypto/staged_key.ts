/** Whether the nodes of a deployment have the key that a rotation is about to make the primary one. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FernetKey } from './fernet.js';

export interface StagedKey {
  readonly fingerprint: string;
  /** Milliseconds since it was staged. */
  readonly age: number;
}

/** @returns null when there is no usable one: the rotation says so itself */
export async function stagedKey(directory: string): Promise<StagedKey | null> {
  const path = join(directory, '0');
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { fingerprint: new FernetKey(text).fingerprint, age: Date.now() - mtimeMs };
  } catch {
    return null;
  }
}

/** Milliseconds that a node may take to answer. */
const PATIENCE = 5000;

/** Why it is not known to be so that a node has a key; `lacks` when it has said that it has not. */
export interface PeerProblem {
  readonly peer: string;
  readonly problem: string;
  readonly lacks: boolean;
}

/**
 * Ask nodes for the fingerprints of their keys, in the health document.
 * @param peers addresses of nodes, `http://node2:5000`, or of their health documents
 * @returns a problem for each node that is not known to have the key
 */
export async function peersWithout(fingerprint: string, peers: readonly string[]): Promise<PeerProblem[]> {
  const problems = await Promise.all(
    peers.map(async (peer): Promise<PeerProblem | null> => {
      try {
        const known = await fingerprintsOf(peer);
        if (known.includes(fingerprint)) return null;
        return { peer, problem: 'it does not have the staged key', lacks: true };
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        const reason = cause instanceof Error ? cause.message : String(cause);
        return { peer, problem: `it cannot be asked: ${reason}`, lacks: false };
      }
    }),
  );
  return problems.filter((problem) => problem !== null);
}

async function fingerprintsOf(peer: string): Promise<readonly unknown[]> {
  const url = new URL(peer);
  if (url.pathname === '/') url.pathname = '/healthcheck';
  const response = await fetch(url, {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(PATIENCE),
  });
  // A node that is not ready still tells of its keys.
  const document = (await response.json()) as { readonly keys?: unknown };
  if (!Array.isArray(document.keys)) throw new Error('its health document does not tell of keys');
  return (document.keys as readonly { readonly repository?: unknown; readonly keys?: unknown }[])
    .filter(({ repository }) => repository === 'fernet_tokens')
    .flatMap(({ keys }) => (Array.isArray(keys) ? keys : []) as readonly { readonly fingerprint?: unknown }[])
    .map((key) => key.fingerprint);
}
