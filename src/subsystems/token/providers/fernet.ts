/** Fernet tokens: everything is in the token, nothing is stored. Source: `[token] provider = fernet`. */

import { KeyRepository, type KeySet } from '../../../common/crypto/key_repository.js';
import { TokenNotFound, ValidationError } from '../../../common/errors.js';
import type { MaybePromise } from '../../../common/maybe_promise.js';
import { isoTimeWithMicroseconds } from '../../../common/time.js';
import type { TokenModel, V3TokenBody } from '../../../common/token_model.js';
import type { DriverContext } from '../../subsystem.js';
import type { TokenProvider } from '../driver.js';
import { InvalidTokenError } from '../formatters/errors.js';
import { type TokenFields, TokenFormatter } from '../formatters/token_formatter.js';
import type { TokenFacts } from '../types.js';

const WHOLE_SECONDS = 1000;

/** @throws KeysNotFound when the key repository has no key to offer: the service does not start without */
export async function createDriver({ conf, keys }: DriverContext): Promise<TokenProvider> {
  const repository =
    keys.get('fernet_tokens') ??
    new KeyRepository(conf.fernet_tokens.key_repository, { kind: 'fernet_tokens' });
  await repository.keys();
  keys.set('fernet_tokens', repository);
  return new FernetProvider(
    new TokenFormatter(repository, {
      authMethods: conf.auth.methods,
      defaultDomainId: conf.identity.default_domain_id,
    }),
    repository,
  );
}

class FernetProvider implements TokenProvider {
  readonly supportsBind = false;
  readonly issueTimeStep = WHOLE_SECONDS;

  private known: KeySet | null = null;
  private generation = 0;

  constructor(
    private readonly formatter: TokenFormatter,
    private readonly repository: KeyRepository,
  ) {}

  /** @throws ValidationError for a trust without a project, for which the format has no room */
  async issue(facts: TokenFacts, body: V3TokenBody): Promise<string> {
    if (facts.trustId !== null && facts.projectId === null) {
      throw new ValidationError('A trust without a project cannot have a Fernet token');
    }
    const { id } = await this.formatter.createToken(
      {
        // With impersonation the token is the trustor's, as its body says.
        userId: body.user.id,
        methods: facts.methods,
        auditIds: facts.auditIds,
        expiresAt: isoTimeWithMicroseconds(facts.expiresAt),
        domainId: facts.domainId,
        projectId: facts.projectId,
        trustId: facts.trustId,
        federatedInfo: facts.federation && {
          groupIds: facts.federation.groupIds,
          idpId: facts.federation.identityProviderId,
          protocolId: facts.federation.protocolId,
        },
        accessTokenId: facts.accessTokenId,
        system: null,
        appCredId: null,
      },
      { now: Math.floor(facts.issuedAt / 1000) },
    );
    return id;
  }

  read(id: string): MaybePromise<TokenFacts> {
    let fields: TokenFields | null;
    try {
      fields = this.formatter.readAtOnce(id);
    } catch (error) {
      throw unrecognized(error);
    }
    return fields === null ? this.readWithNewKeys(id) : factsOf(fields);
  }

  private async readWithNewKeys(id: string): Promise<TokenFacts> {
    let fields: TokenFields;
    try {
      fields = await this.formatter.validateToken(id);
    } catch (error) {
      throw unrecognized(error);
    }
    return factsOf(fields);
  }

  /** A kept token goes with the key that it was made with. */
  foundation(): MaybePromise<string> {
    const keys = this.repository.glance();
    return keys === null ? this.repository.keys().then((read) => this.madeWith(read)) : this.madeWith(keys);
  }

  foundationAtHand(): string | undefined {
    const keys = this.repository.glance();
    return keys === null ? undefined : this.madeWith(keys);
  }

  private madeWith(keys: KeySet): string {
    if (keys !== this.known) {
      this.known = keys;
      this.generation += 1;
    }
    return `k${this.generation}`;
  }

  forget(_token: TokenModel): Promise<void> {
    return Promise.resolve();
  }
}

/** @throws TokenNotFound */
function factsOf(fields: TokenFields): TokenFacts {
  // Scopes that Newton does not know (system, application credentials) are refused rather than read as less.
  if (fields.system !== null || fields.appCredId !== null) {
    throw new TokenNotFound('Failed to validate token');
  }
  const { federatedInfo } = fields;
  return {
    userId: fields.userId,
    methods: fields.methods,
    projectId: fields.projectId,
    domainId: fields.domainId,
    trustId: fields.trustId,
    accessTokenId: fields.accessTokenId,
    federation: federatedInfo && {
      groupIds: federatedInfo.groupIds,
      identityProviderId: federatedInfo.idpId,
      protocolId: federatedInfo.protocolId,
    },
    auditIds: fields.auditIds,
    issuedAt: Date.parse(fields.issuedAt),
    expiresAt: Date.parse(fields.expiresAt),
    bind: null,
  };
}

/** What clients are told of a token that cannot be read; other errors as they are. */
function unrecognized(error: unknown): unknown {
  return error instanceof InvalidTokenError
    ? new TokenNotFound('This is not a recognized Fernet token', { cause: error })
    : error;
}
