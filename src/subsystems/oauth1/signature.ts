/** Signatures of OAuth 1.0 requests: RFC 5849 section 3.4, with HMAC over SHA-1 and its stronger successors. */
import { createHash, createHmac, randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Parameter } from './encoding.js';
import { escape, parseAuthorizationHeader, parseForm } from './encoding.js';
import { OAuth1RequestError } from './errors.js';

/** A request as far as its signature covers it. */
export interface SignedRequest {
  readonly method: string;
  /** Absolute, as the client called it: behind a proxy, the public one. */
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export type SignatureMethod = 'HMAC-SHA1' | 'HMAC-SHA256' | 'HMAC-SHA512' | 'PLAINTEXT';

const HMAC_DIGESTS: Readonly<Record<Exclude<SignatureMethod, 'PLAINTEXT'>, string>> = {
  'HMAC-SHA1': 'sha1',
  'HMAC-SHA256': 'sha256',
  'HMAC-SHA512': 'sha512',
};

const FORM_TYPE = 'application/x-www-form-urlencoded';
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

export function isSignatureMethod(name: string): name is SignatureMethod {
  return name === 'PLAINTEXT' || Object.hasOwn(HMAC_DIGESTS, name);
}

/** Secrets of consumer and token, as one key; a missing one is empty. */
export function signingKey(consumerSecret: string, tokenSecret: string | null): string {
  return `${escape(consumerSecret)}&${escape(tokenSecret ?? '')}`;
}

/**
 * The signature of a base string.
 *
 * @param key of `signingKey`
 * @returns base64, or the key itself for PLAINTEXT
 */
export function computeSignature(method: SignatureMethod, baseString: string, key: string): string {
  if (method === 'PLAINTEXT') return key;
  return createHmac(HMAC_DIGESTS[method], key).update(baseString, 'utf8').digest('base64');
}

/** RFC 5849 section 3.4.1.1: method, URI and parameters, each escaped. @throws OAuth1RequestError */
export function baseString(
  method: string,
  uri: string,
  parameters: readonly Parameter[],
  host?: string,
): string {
  return [method.toUpperCase(), baseStringUri(uri, host), normalizeParameters(parameters)]
    .map(escape)
    .join('&');
}

/** RFC 5849 section 3.4.1.3.2: escaped, sorted by name and then by value. */
export function normalizeParameters(parameters: readonly Parameter[]): string {
  return parameters
    .map(([name, value]) => [escape(name), escape(value)] as const)
    .sort(([leftName, leftValue], [rightName, rightValue]) => {
      // Escaped texts are ASCII: the order of code units is the order of bytes that the rule wants.
      const [left, right] = leftName === rightName ? [leftValue, rightValue] : [leftName, rightName];
      return left < right ? -1 : left > right ? 1 : 0;
    })
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/**
 * RFC 5849 section 3.4.1.2: scheme and host in lower case, without a default port, user or query.
 *
 * @param host of a Host header that differs from the URI's
 * @throws OAuth1RequestError
 */
export function baseStringUri(uri: string, host?: string): string {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)/i.exec(uri);
  if (match === null) throw new OAuth1RequestError('The URI of the request must be absolute.');
  const [, schemeText = '', authority = '', path = ''] = match;
  const scheme = schemeText.toLowerCase();
  const { hostname, port } = splitAuthority(host ?? authority);
  const shown = port === '' || port === DEFAULT_PORTS[scheme] ? hostname : `${hostname}:${port}`;
  return `${scheme}://${shown}${withoutEmptyParameters(path === '' ? '/' : path).replaceAll(' ', '%20')}`;
}

function splitAuthority(authority: string): { hostname: string; port: string } {
  const withoutUser = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(withoutUser);
  const [, hostname = '', digits = ''] = match ?? [];
  const port = digits === '' ? '' : String(Number(digits));
  if (hostname === '' || (port !== '' && (Number(port) < 1 || Number(port) > 65535))) {
    throw new OAuth1RequestError('The URI of the request has no usable host.');
  }
  return { hostname: hostname.startsWith('[') ? shortIPv6(hostname) : hostname, port };
}

/** IPv6 addresses have many spellings: the canonical one is signed. */
function shortIPv6(hostname: string): string {
  const address = hostname.slice(1, -1);
  return isIPv6(address) && !address.includes('%') ? new URL(`http://${hostname}/`).hostname : hostname;
}

/** A last segment that ends in a lone `;` loses it: the original takes the path apart there and joins it again. */
function withoutEmptyParameters(path: string): string {
  const semicolon = path.indexOf(';', path.lastIndexOf('/'));
  return semicolon >= 0 && semicolon === path.length - 1 ? path.slice(0, -1) : path;
}

/** Value of a header, whatever the case of its name. */
export function headerOf(request: SignedRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(request.headers).findLast(([key]) => key.toLowerCase() === wanted)?.[1];
}

export function queryOf(uri: string): string {
  return /^[^?#]*\?([^#]*)/.exec(uri)?.[1] ?? '';
}

/** The parameters of a form-encoded body; none for any other body. */
export function bodyParameters(request: SignedRequest): Parameter[] {
  if (request.body === null || !(headerOf(request, 'Content-Type') ?? '').includes(FORM_TYPE)) return [];
  try {
    return parseForm(request.body);
  } catch (error) {
    if (error instanceof OAuth1RequestError) return [];
    throw error;
  }
}

/** Who signs, and with what. */
export interface OAuth1Client {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token?: string;
  readonly tokenSecret?: string;
  readonly callback?: string;
  readonly verifier?: string;
  readonly realm?: string;
  readonly signatureMethod?: SignatureMethod;
  /** Random digits when absent. */
  readonly nonce?: string;
  /** Seconds since the epoch; now when absent. */
  readonly timestamp?: string;
}

export interface RequestSignature {
  readonly baseString: string;
  readonly signature: string;
  /** For the Authorization header. */
  readonly authorization: string;
}

/** Sign a request as a client does. @throws OAuth1RequestError when the request cannot be signed */
export function signRequest(client: OAuth1Client, request: SignedRequest): RequestSignature {
  const method = client.signatureMethod ?? 'HMAC-SHA1';
  const own = clientParameters(client, method, request);
  const all = [...parseForm(queryOf(request.uri)), ...bodyParameters(request), ...own];
  const text = baseString(request.method, request.uri, all, headerOf(request, 'Host'));
  const signature = computeSignature(
    method,
    text,
    signingKey(client.consumerSecret, client.tokenSecret ?? null),
  );
  const shown = [...own, ['oauth_signature', signature] as const].map(
    ([name, value]) => `${escape(name)}="${escape(value)}"`,
  );
  const realm = client.realm === undefined || client.realm === '' ? [] : [`realm="${client.realm}"`];
  return { baseString: text, signature, authorization: `OAuth ${[...realm, ...shown].join(', ')}` };
}

function clientParameters(
  client: OAuth1Client,
  method: SignatureMethod,
  request: SignedRequest,
): Parameter[] {
  const now = Math.floor(Date.now() / 1000);
  const parameters: Parameter[] = [
    ['oauth_nonce', client.nonce ?? `${randomInt(2 ** 48 - 1)}${now}`],
    ['oauth_timestamp', client.timestamp ?? String(now)],
    ['oauth_version', '1.0'],
    ['oauth_signature_method', method],
    ['oauth_consumer_key', client.consumerKey],
  ];
  const optional = [
    ['oauth_token', client.token],
    ['oauth_callback', client.callback],
    ['oauth_verifier', client.verifier],
    ['oauth_body_hash', bodyHash(request)],
  ] as const;
  for (const [name, value] of optional)
    if (value !== undefined && value !== '') parameters.push([name, value]);
  return parameters;
}

/** The extension "OAuth Request Body Hash": covers bodies that are not form-encoded. */
function bodyHash(request: SignedRequest): string | undefined {
  const type = headerOf(request, 'Content-Type') ?? '';
  if (request.body === null || type === '' || type.includes(FORM_TYPE)) return undefined;
  return createHash('sha1').update(request.body, 'utf8').digest('base64');
}

/** The parameters of the Authorization header; none when there is no such header. @throws OAuth1RequestError */
export function headerParameters(request: SignedRequest): Parameter[] {
  const header = headerOf(request, 'Authorization');
  return header === undefined ? [] : parseAuthorizationHeader(header);
}
