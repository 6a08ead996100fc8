/**
 * Token providers of packages, held to `docs/token_providers.md`: the service does not start with one that lacks
 * something, and what it gives is looked at before anything rests on it. A token whose end is no number would never
 * end.
 */
import { UnexpectedError } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { TokenProvider } from './driver.js';
import type { TokenFacts } from './types.js';

type Check = (value: unknown) => boolean;

/** What can stand in a header and in a path. */
const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isInstant: Check = (value) => Number.isFinite(value);
const areTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const FACTS: Readonly<Record<keyof TokenFacts, Check>> = {
  userId: isText,
  methods: areTexts,
  projectId: orNull(isText),
  domainId: orNull(isText),
  trustId: orNull(isText),
  accessTokenId: orNull(isText),
  federation: orNull(
    (value) =>
      isRecord(value) &&
      areTexts(value['groupIds']) &&
      isText(value['identityProviderId']) &&
      isText(value['protocolId']),
  ),
  auditIds: (value) => areTexts(value) && (value as readonly unknown[]).length > 0,
  issuedAt: isInstant,
  expiresAt: isInstant,
  bind: orNull((value) => isRecord(value) && Object.values(value).every(isText)),
};

/**
 * @param provider what the package's function returned
 * @param refuse fails with what is wrong with it
 */
export function adoptProvider(provider: TokenProvider, refuse: (problem: string) => never): TokenProvider {
  if (![1, 1000].includes(provider.issueTimeStep))
    refuse('issueTimeStep of its provider is neither 1 nor 1000');
  return checked(provider);
}

function checked(provider: TokenProvider): TokenProvider {
  return {
    supportsBind: provider.supportsBind,
    issueTimeStep: provider.issueTimeStep,
    async issue(facts, body) {
      const token: unknown = await provider.issue(facts, body);
      if (typeof token === 'string' && TOKEN.test(token)) return token;
      throw new UnexpectedError('issue() of the token provider gave no token');
    },
    async read(id) {
      const facts: unknown = await provider.read(id);
      if (!isRecord(facts)) throw new UnexpectedError('read() of the token provider gave no facts');
      const wrong = Object.entries(FACTS).find(([name, check]) => !check(facts[name]));
      if (wrong === undefined) return facts as unknown as TokenFacts;
      throw new UnexpectedError(`read() of the token provider gave facts with an unusable ${wrong[0]}`);
    },
    forget: async (token) => provider.forget(token),
    ...(provider.forgetMatching && { forgetMatching: provider.forgetMatching.bind(provider) }),
    ...(provider.forgetOfUsers && { forgetOfUsers: provider.forgetOfUsers.bind(provider) }),
    ...(provider.listRevoked && { listRevoked: provider.listRevoked.bind(provider) }),
    ...(provider.foundation && { foundation: provider.foundation.bind(provider) }),
    ...(provider.foundationAtHand && { foundationAtHand: provider.foundationAtHand.bind(provider) }),
  };
}
