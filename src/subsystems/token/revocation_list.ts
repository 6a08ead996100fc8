/**
 * The list of stored tokens that were revoked, for services that check signed tokens themselves.
 * Source: `[token] revoke_by_id`; GET /v3/auth/tokens/OS-PKI/revoked.
 */
import { messageToPem, signMessage } from '../../common/crypto/cms/index.js';
import { Forbidden, Gone } from '../../common/errors.js';
import { getLogger } from '../../common/log/index.js';
import { isoTime } from '../../common/time.js';
import type { RevocationCriteria } from '../revoke/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { TokenProvider } from './driver.js';
import { readSigning, type Signing, SigningError } from './signing.js';
import type { RevokedToken, TokenCriteria } from './store.js';

const log = getLogger('keystone.token');

/** Users who lose the same. */
interface Lot {
  readonly criteria: Omit<TokenCriteria, 'userId'>;
  readonly userIds: string[];
}

export class RevocationList {
  constructor(
    private readonly provider: TokenProvider,
    private readonly conf: ManagerContext['conf'],
  ) {}

  /**
   * Mark the stored tokens invalid that events of revocation mean: those events hold for all tokens, the marks make
   * the list. Tokens that are revoked one by one are marked then.
   */
  async mark(events: readonly RevocationCriteria[]): Promise<void> {
    const { provider } = this;
    const lots = new Map<string, Lot>();
    for (const { auditId, auditChainId, expiresAt, userId, ...criteria } of events) {
      if (auditId !== undefined || auditChainId !== undefined || expiresAt !== undefined) continue;
      if (userId === undefined) {
        await provider.forgetMatching?.(criteria);
        continue;
      }
      const key = JSON.stringify(criteria, Object.keys(criteria).toSorted());
      const lot: Lot = lots.get(key) ?? { criteria, userIds: [] };
      lot.userIds.push(userId);
      lots.set(key, lot);
    }
    for (const { criteria, userIds } of lots.values()) {
      if (userIds.length > 1 && provider.forgetOfUsers !== undefined) {
        await provider.forgetOfUsers(userIds, criteria);
      } else {
        for (const userId of userIds) await provider.forgetMatching?.({ ...criteria, userId });
      }
    }
  }

  /**
   * The stored tokens that were revoked and have not expired; none where tokens are not stored.
   * @throws Gone when `[token] revoke_by_id` is off: there is no such list then
   */
  async read(): Promise<readonly RevokedToken[]> {
    if (!this.conf.token.revoke_by_id) throw new Gone();
    return (await this.provider.listRevoked?.()) ?? [];
  }

  /**
   * The same as a signed message (PEM).
   * @throws Gone as `read`; Forbidden when there is nothing to sign with
   */
  async signed(): Promise<string> {
    const revoked = await this.read();
    return messageToPem(await signMessage(listText(revoked), (await this.signing()).signer));
  }

  /** Read for each list: key and certificates may have been made or renewed since the start. */
  private async signing(): Promise<Signing> {
    try {
      return await readSigning(this.conf.signing);
    } catch (error) {
      if (!(error instanceof SigningError)) throw error;
      log.error(`The list of revoked tokens cannot be signed: ${error.message}`);
      throw new Forbidden('This server has no certificates to sign the list of revoked tokens with', {
        cause: error,
      });
    }
  }
}

/** Blanks as Newton writes them. */
function listText(tokens: readonly RevokedToken[]): string {
  const entries = tokens.map((token) => {
    const [id, expires, audit] = [token.id, isoTime(token.expiresAt), token.auditId].map((text) =>
      JSON.stringify(text),
    );
    return `{"id": ${id}, "expires": ${expires}, "audit_id": ${audit}}`;
  });
  return `{"revoked": [${entries.join(', ')}]}`;
}
