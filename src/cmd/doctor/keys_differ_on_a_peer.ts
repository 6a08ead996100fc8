import { KeyRepository } from '../../common/crypto/key_repository.js';
import { isRecord } from '../../common/record.js';
import { tokenRepository } from './key_repositories.js';
import type { Symptom } from './symptom.js';

/** What the keys of tokens are called in a health document. */
function fingerprintsIn(document: unknown): ReadonlySet<string> {
  const repositories = isRecord(document) && Array.isArray(document['keys']) ? document['keys'] : [];
  const keys = repositories
    .filter((entry: unknown) => isRecord(entry) && entry['repository'] === 'fernet_tokens')
    .flatMap((entry: unknown) => (isRecord(entry) && Array.isArray(entry['keys']) ? entry['keys'] : []));
  return new Set(keys.map((key: unknown) => (isRecord(key) ? String(key['fingerprint']) : '')));
}

export const keysDifferOnAPeer: Symptom = {
  name: 'keys_differ_on_a_peer',
  what: 'Another node does not have the keys of this one.',
  why: 'It refuses tokens of this node: at once where the primary key is missing, after the next rotation where the staged one is.',
  advice: 'Copy the key repository to all nodes after each rotation and before the next one.',
  async look({ conf, peers, healthOf }) {
    const repository = tokenRepository(conf);
    if (repository === null || peers.length === 0) return [];
    const own = new KeyRepository(repository.path, { kind: 'fernet_tokens', onNote: () => undefined });
    if ((await own.keys().catch(() => null)) === null) return [];
    const findings: string[] = [];
    for (const peer of peers) {
      const document = await healthOf(peer).catch(() => null);
      // That it does not answer is another symptom.
      if (document === null) continue;
      const theirs = fingerprintsIn(document);
      if (theirs.size === 0) {
        findings.push(`${peer} has not used its keys yet: ask again when it has issued or checked a token`);
        continue;
      }
      for (const { number, role, fingerprint } of own.fingerprints()) {
        if (role !== 'secondary' && !theirs.has(fingerprint)) {
          findings.push(`${peer} lacks the ${role} key (${number}, ${fingerprint})`);
        }
      }
    }
    return findings;
  },
};
