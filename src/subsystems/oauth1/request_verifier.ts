/** Verification of signed OAuth 1.0 requests (RFC 5849 section 3.2), with Keystone's rules for keys and tokens. */
import { equalText } from '../../common/crypto/constant_time.js';
import type { Parameter } from './encoding.js';
import { parseForm, unescape } from './encoding.js';
import { OAuth1RequestError } from './errors.js';
import type { SignatureMethod, SignedRequest } from './signature.js';
import {
  baseString,
  bodyParameters,
  computeSignature,
  headerParameters,
  isSignatureMethod,
  queryOf,
  signingKey,
} from './signature.js';

/** Which of the three signed calls it is: for a request token, for an access token, or with an access token. */
export type OAuth1Flow = 'request_token' | 'access_token' | 'resource';

/** What the verifier asks about; null means unknown. */
export interface OAuth1Secrets {
  consumer(id: string): Promise<{ readonly secret: string } | null>;
  requestToken(id: string): Promise<{
    readonly secret: string;
    readonly verifier: string | null;
    readonly consumerId: string;
  } | null>;
  accessToken(id: string): Promise<{ readonly secret: string; readonly consumerId?: string } | null>;
}

export type OAuth1Verdict =
  | { readonly valid: true; readonly consumerKey: string; readonly token: string | null }
  | {
      readonly valid: false;
      /** 400: the request makes no sense. 401: it makes sense but is not from whom it says. */
      readonly status: 400 | 401;
      /** For the form-encoded body of a 400. */
      readonly error?: string;
      readonly description: string;
    };

const TIMESTAMP_LIFETIME_SECONDS = 600;
const KEY = /^[0-9a-f]{32}$/;
const NONCE = /^[0-9a-f]+$/;
const VERIFIER = /^[A-Za-z0-9]{8}$/;

/** The protocol parameters of a request that are needed to judge it. */
interface Claims {
  readonly signature: string;
  readonly method: SignatureMethod;
  readonly consumerKey: string;
  readonly token: string | null;
  readonly verifier: string | null;
  /** Everything that is signed. */
  readonly signed: readonly Parameter[];
}

/**
 * Judge a request. Keystone keeps no nonces: within the lifetime of its timestamp a request can be repeated.
 *
 * @param now seconds since the epoch
 */
export async function verifyRequest(
  flow: OAuth1Flow,
  request: SignedRequest,
  secrets: OAuth1Secrets,
  now: number,
): Promise<OAuth1Verdict> {
  try {
    const claims = readClaims(flow, request, now);
    const genuine = await isGenuine(flow, request, claims, secrets);
    return genuine
      ? { valid: true, consumerKey: claims.consumerKey, token: claims.token }
      : { valid: false, status: 401, description: 'The signature or the credentials are not valid.' };
  } catch (error) {
    if (!(error instanceof OAuth1RequestError)) throw error;
    return { valid: false, status: 400, error: error.code, description: error.message };
  }
}

/** @throws OAuth1RequestError when something is missing, malformed or out of date */
function readClaims(flow: OAuth1Flow, request: SignedRequest, now: number): Claims {
  const { all, oauth, headerHasRealm } = collectParameters(request);
  const { oauth_signature: signature, oauth_consumer_key: consumerKey, oauth_nonce: nonce } = oauth;
  const { oauth_timestamp: timestamp, oauth_signature_method: method } = oauth;
  if (!signature || !consumerKey || !nonce || !timestamp || !method) {
    throw new OAuth1RequestError('Missing mandatory OAuth parameters.');
  }
  if (!isSignatureMethod(method)) {
    throw new OAuth1RequestError('Invalid signature method.', 'invalid_signature_method');
  }
  if ((oauth['oauth_version'] ?? '1.0') !== '1.0') throw new OAuth1RequestError('Invalid OAuth version.');
  checkTimestamp(timestamp, now);
  if (!KEY.test(consumerKey)) throw new OAuth1RequestError('Invalid client key format.');
  if (!NONCE.test(nonce)) throw new OAuth1RequestError('Invalid nonce format.');
  const realm = all.findLast(([name]) => name === 'realm')?.[1];
  checkFlow(flow, oauth, realm);
  return {
    signature,
    method,
    consumerKey,
    token: oauth['oauth_token'] ?? null,
    verifier: oauth['oauth_verifier'] ?? null,
    signed: all.filter(([name]) => name !== 'oauth_signature' && !(headerHasRealm && name === 'realm')),
  };
}

type OAuthParameters = Readonly<Record<string, string | undefined>>;

interface Collected {
  readonly all: readonly Parameter[];
  /** OAuth's own, which may stand in one place only: header, body or query. */
  readonly oauth: OAuthParameters;
  /** A realm in the header is not signed. */
  readonly headerHasRealm: boolean;
}

function collectParameters(request: SignedRequest): Collected {
  const header = headerParameters(request);
  const places = [header, bodyParameters(request), parseForm(queryOf(request.uri))].map((parameters) =>
    // OAuth's own are escaped once more in the header, and unescaped wherever they come from.
    parameters.map(([name, value]): Parameter => [name, isOAuth(name) ? unescape(value) : value]),
  );
  const oauthByPlace = places
    .map((parameters) => parameters.filter(([name]) => isOAuth(name)))
    .filter((parameters) => parameters.length > 0);
  const [oauth] = oauthByPlace;
  if (oauth === undefined) throw new OAuth1RequestError('Missing mandatory OAuth parameters.');
  if (oauthByPlace.length > 1)
    throw new OAuth1RequestError('OAuth parameters must come from one place only.');
  const byName = new Map(oauth);
  if (byName.size !== oauth.length) throw new OAuth1RequestError('Duplicate OAuth1 entries.');
  return {
    all: places.flat(),
    oauth: Object.fromEntries(byName),
    headerHasRealm: header.some(([name]) => name === 'realm'),
  };
}

function isOAuth(name: string): boolean {
  return name.startsWith('oauth_');
}

function checkTimestamp(timestamp: string, now: number): void {
  if (!/^\d{10}$/.test(timestamp)) throw new OAuth1RequestError('The timestamp must have ten digits.');
  if (Math.abs(now - Number(timestamp)) > TIMESTAMP_LIFETIME_SECONDS) {
    throw new OAuth1RequestError(`The timestamp differs by over ${TIMESTAMP_LIFETIME_SECONDS} seconds.`);
  }
}

function checkFlow(flow: OAuth1Flow, oauth: OAuthParameters, realm: string | undefined): void {
  if (flow === 'request_token') {
    // No realm was ever defined, so none can be asked for.
    if (realm !== undefined && realm !== '') throw new OAuth1RequestError('Invalid realm.');
    if (!oauth['oauth_callback']) throw new OAuth1RequestError('Missing callback URI.');
    return;
  }
  if (!KEY.test(oauth['oauth_token'] ?? '')) throw new OAuth1RequestError('Invalid or missing token.');
  if (flow === 'access_token' && !VERIFIER.test(oauth['oauth_verifier'] ?? '')) {
    throw new OAuth1RequestError('Invalid or missing verifier.');
  }
}

/** Everything is looked up and computed in any case: which part was wrong must not show in the time taken. */
async function isGenuine(
  flow: OAuth1Flow,
  request: SignedRequest,
  claims: Claims,
  secrets: OAuth1Secrets,
): Promise<boolean> {
  const consumer = await secrets.consumer(claims.consumerKey);
  const token = await findToken(flow, claims, secrets);
  const key = signingKey(consumer?.secret ?? '', token?.secret ?? null);
  const { method, signed } = claims;
  // PLAINTEXT signs nothing of the request, so that its URI need not have a canonical form.
  const text = method === 'PLAINTEXT' ? '' : baseString(request.method, request.uri, signed);
  const matches = equalText(claims.signature, computeSignature(method, text, key));
  return matches && consumer !== null && token?.usable !== false;
}

/** The token's secret; null when the request names no token and needs none. */
async function findToken(
  flow: OAuth1Flow,
  { token, verifier, consumerKey }: Claims,
  secrets: OAuth1Secrets,
): Promise<{ readonly secret: string; readonly usable: boolean } | null> {
  if (token === null || token === '') return null;
  if (flow === 'access_token') {
    const found = await secrets.requestToken(token);
    const usable =
      found !== null && found.consumerId === consumerKey && equalText(verifier ?? '', found.verifier ?? '');
    return { secret: found?.secret ?? '', usable };
  }
  const found = await secrets.accessToken(token);
  return {
    secret: found?.secret ?? '',
    usable: found !== null && (found.consumerId ?? consumerKey) === consumerKey,
  };
}
