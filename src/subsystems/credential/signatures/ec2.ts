/**
 * EC2 request signatures, versions 0, 1, 2 and 4: the `credentials` object of `POST /v3/ec2tokens` describes a request
 * that somebody signed with the secret of an EC2 credential.
 */
import { createHash, createHmac } from 'node:crypto';
import { equalText } from '../../../common/crypto/constant_time.js';
import { signAws4 } from './aws4.js';
import type { Values } from './canonical.js';
import { byCodePoint, canonicalQuery, objectOf, parameterText, textOf } from './canonical.js';
import { SignatureFormatError } from './errors.js';

const AWS4_ALGORITHM = 'AWS4-HMAC-SHA256';
/** These sent the host with its port but signed it without. */
const OLD_BOTO = /^Boto\/2\.[0-9]\.[0-2]/;

/**
 * Whether the signature that comes with a request is right. A client that signed without the port of the host is
 * given a second try.
 *
 * @param secret of the credential whose access key the request names
 * @param credentials `params`, `verb`, `host`, `path`, `headers`, `body_hash` and `signature`, as they came
 * @returns false also for a request that cannot be signed at all
 */
export function checkEc2Signature(secret: string, credentials: Values): boolean {
  const { signature, host } = credentials;
  if (typeof signature !== 'string' || signature === '') return false;
  try {
    if (equalText(signature, ec2Signature(secret, credentials))) return true;
    const [name, port, ...rest] = typeof host === 'string' ? host.split(':') : [];
    if (port === undefined || rest.length > 0) return false;
    return equalText(signature, ec2Signature(secret, { ...credentials, host: name }));
  } catch (error) {
    if (error instanceof SignatureFormatError) return false;
    throw error;
  }
}

/**
 * The signature that the request should carry. The parameter `SignatureVersion` tells versions 0 to 2; version 4 is
 * recognised by its Authorization header or, without any, by its parameters.
 *
 * @throws SignatureFormatError
 */
export function ec2Signature(secret: string, credentials: Values): string {
  const params = objectOf(credentials['params'], 'params');
  const version = params['SignatureVersion'];
  if (version === '0') return signature0(secret, params);
  if (version === '1') return signature1(secret, params);
  if (version === '2') return signature2(secret, params, credentials);
  if (isVersion4(credentials, params)) return signature4(secret, params, credentials);
  throw new SignatureFormatError(
    version === undefined ? 'the request has no known form of signature' : 'unknown signature version',
  );
}

function signature0(secret: string, params: Values): string {
  const text = textOf(params['Action'], 'Action') + textOf(params['Timestamp'], 'Timestamp');
  return createHmac('sha1', secret).update(text, 'utf8').digest('base64');
}

function signature1(secret: string, params: Values): string {
  const hmac = createHmac('sha1', secret);
  const keys = Object.keys(params).sort((left, right) =>
    byCodePoint(left.toLowerCase(), right.toLowerCase()),
  );
  for (const key of keys) hmac.update(key, 'utf8').update(parameterText(params[key]), 'utf8');
  return hmac.digest('base64');
}

function signature2(secret: string, params: Values, credentials: Values): string {
  const head = ['verb', 'host', 'path'].map((name) => textOf(credentials[name], name));
  // Whatever method the request names, this one is meant: the weaker one was given up long ago.
  const query = canonicalQuery({ ...params, SignatureMethod: 'HmacSHA256' });
  return createHmac('sha256', secret)
    .update([...head, query].join('\n'), 'utf8')
    .digest('base64');
}

/**
 * When the request was signed (milliseconds since the epoch), or until when it is good where it says that instead.
 * Only what the signature covers is looked at: anything else could be added by whoever repeats the request.
 *
 * @returns null when it says neither, or not in a form that can be read
 */
export function ec2SignatureTime(credentials: Values): { signed: number } | { expires: number } | null {
  const params = objectOf(credentials['params'], 'params');
  const { SignatureVersion: version, Timestamp: timestamp, Expires: expires } = params;
  const isOlder = version === '0' || version === '1' || version === '2';
  if (!isOlder) {
    const headers = objectOf(credentials['headers'], 'headers');
    const signed = basicTime(headers['X-Amz-Date'] ?? params['X-Amz-Date']);
    return signed === null ? null : { signed };
  }
  const signed = extendedTime(timestamp);
  if (signed !== null) return { signed };
  // Version 0 does not sign it.
  const until = version === '0' || timestamp !== undefined ? null : extendedTime(expires);
  return until === null ? null : { expires: until };
}

/** `20150830T123600Z` */
function basicTime(value: unknown): number | null {
  const match = typeof value === 'string' ? /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(value) : null;
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  return instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** `2015-08-30T12:36:00Z`, in UTC also without its zone */
function extendedTime(value: unknown): number | null {
  const match =
    typeof value === 'string'
      ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?$/.exec(value)
      : null;
  return match === null ? null : instantOf(`${match[1]}${match[2] ?? 'Z'}`);
}

function instantOf(text: string): number | null {
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

function isVersion4(credentials: Values, params: Values): boolean {
  const headers = credentials['headers'];
  const authorization = headers === undefined ? undefined : objectOf(headers, 'headers')['Authorization'];
  if (authorization !== undefined) return textOf(authorization, 'Authorization').startsWith(AWS4_ALGORITHM);
  return params['X-Amz-Algorithm'] === AWS4_ALGORITHM;
}

function signature4(secret: string, params: Values, credentials: Values): string {
  // Not signed by itself (the Host header is), but part of every description of a request.
  textOf(credentials['host'], 'host');
  const headers = objectOf(credentials['headers'], 'headers');
  const authorization = headers['Authorization'];
  const parameter = (name: string): string =>
    authorization === undefined
      ? textOf(params[`X-Amz-${name}`], `X-Amz-${name}`)
      : after(textOf(authorization, 'Authorization'), `${name}=`);

  const verb = textOf(credentials['verb'], 'verb').toUpperCase();
  const signedHeaders = parameter('SignedHeaders');
  const request = [
    verb,
    textOf(credentials['path'], 'path'),
    // The parameters of a POST are in its body, and so in the hash of it.
    verb === 'POST' ? '' : canonicalQuery(params),
    `${canonicalHeaders(headers, signedHeaders).join('\n')}\n`,
    signedHeaders,
    textOf(credentials['body_hash'], 'body_hash'),
  ].join('\n');

  const [, ...scope] = parameter('Credential').split('/');
  const [scopeDate, region, service] = scope;
  if (scopeDate === undefined || region === undefined || service === undefined) {
    throw new SignatureFormatError('Credential must have the form key/date/region/service/aws4_request');
  }
  const date = textOf(headers['X-Amz-Date'] ?? params['X-Amz-Date'], 'X-Amz-Date');
  if (!date.startsWith(scopeDate))
    throw new SignatureFormatError('X-Amz-Date is not of the day of the scope');
  const digest = createHash('sha256').update(request, 'utf8').digest('hex');
  const stringToSign = [AWS4_ALGORITHM, date, scope.join('/'), digest].join('\n');
  return signAws4(secret, { date: scopeDate, region, service }, stringToSign);
}

/** `name:value` of the signed headers that the request has; the others are skipped. */
function canonicalHeaders(headers: Values, signedHeaders: string): string[] {
  const byName = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    byName.set(name.toLowerCase().trim(), textOf(value, name).trim());
  }
  const stripPort = OLD_BOTO.test(byName.get('user-agent') ?? '');
  const lines: string[] = [];
  for (const name of signedHeaders.split(';')) {
    const value = byName.get(name);
    if (value === undefined) continue;
    lines.push(`${name}:${name === 'host' && stripPort ? (value.split(':')[0] ?? '') : value}`);
  }
  return lines;
}

/** What follows a marker up to the next comma; nothing when there is no marker. */
function after(text: string, marker: string): string {
  const start = text.indexOf(marker);
  return start < 0 ? '' : (text.slice(start + marker.length).split(',')[0] ?? '');
}
