/**
 * Tokens `kst_…`: scanners of source code and logs can tell them from other secrets. They are kept by their digests, so
 * that nobody who reads the database can use them.
 */
import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'kst_';
const FORM = /^kst_[A-Za-z0-9_-]{43}$/;

const digest = (token) => createHash('sha256').update(token).digest('hex');

export async function createDriver({ conf, openStore, unknown }) {
  const store = await openStore();
  return {
    supportsBind: true,
    issueTimeStep: 1,
    async issue(facts, body) {
      const token = PREFIX + randomBytes(32).toString('base64url');
      await store.create({ id: digest(token), facts, body });
      return token;
    },
    async read(token) {
      if (!FORM.test(token)) unknown();
      return store.read(digest(token));
    },
    async forget({ id: token }) {
      if (conf.token.revoke_by_id) await store.invalidate(digest(token));
    },
    async forgetMatching(criteria) {
      if (conf.token.revoke_by_id) await store.invalidateMatching(criteria);
    },
    listRevoked: () => store.listRevoked(),
  };
}
