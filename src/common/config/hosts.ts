/** Addresses, host names and URIs: the values that say where something is. */
import { isIPv4, isIPv6 } from 'node:net';
import { ValueProblem } from './errors.js';

export type IpVersion = 4 | 6;

function isAddress(text: string, version: IpVersion | undefined): boolean {
  // A zone (`fe80::1%eth0`) names an interface of one machine; an address alone is wanted.
  const is6 = isIPv6(text) && !text.includes('%');
  return (version !== 6 && isIPv4(text)) || (version !== 4 && is6);
}

/** An IP address, without zone, port or prefix length. */
export function readAddress(text: string, version?: IpVersion): string {
  if (!isAddress(text, version)) {
    throw new ValueProblem(`an IPv${version ?? '4 or IPv6'} address is needed`);
  }
  return text;
}

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i;
/** Some name services allow an underscore where a host name may not have one. */
const DOMAIN_LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

function hostName(text: string, label: RegExp): string {
  if (text === '' || text.length > 253) {
    throw new ValueProblem('a host name of 1 to 253 characters is needed');
  }
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const labels = name.split('.');
  if (!/[a-z-]/i.test(labels.at(-1) ?? '')) {
    throw new ValueProblem('the last part of a host name cannot be a number alone');
  }
  if (!labels.every((part) => label.test(part))) {
    throw new ValueProblem('a host name is needed: parts of letters, digits and inner hyphens between dots');
  }
  return name;
}

/** A DNS host name (RFC 1123); one final dot is taken off. */
export function readHostName(text: string): string {
  return hostName(text, LABEL);
}

/** An IP address or a host name; `domain` allows underscores in the name. */
export function readHost(text: string, version: IpVersion | undefined, domain: boolean): string {
  return isAddress(text, version) ? text : hostName(text, domain ? DOMAIN_LABEL : LABEL);
}

const URI = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^\\/?#]*))?([^?#]*)/i;
const AUTHORITY =
  /^(?:(?:[\w.~\-!$&'()*+,;=:]|%[0-9a-f]{2})+@)?(\[[^\]]*\]|(?:[\w.~\-!$&'()*+,;=]|%[0-9a-f]{2})*)(?::?[0-9]{1,5}|:)?$/i;
const DOTTED = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;
const LITERAL = /^\[(?:v[0-9a-f]+\.[\w.~\-!$&'()*+,;=:]+|([0-9a-f:.]+)(?:%25(?:[\w.~-]|%[0-9a-f]{2})+)?)\]$/i;

function isUriHost(host: string): boolean {
  if (host.startsWith('[')) {
    const literal = LITERAL.exec(host);
    return literal !== null && (literal[1] === undefined || isIPv6(literal[1]));
  }
  return !DOTTED.test(host) || host.split('.').every((part) => Number(part) <= 255);
}

/** A URI (RFC 3986) with a scheme and a host. The text is kept as it is. */
export function readUri(text: string, schemes?: readonly string[]): string {
  const [, scheme, authority = '', path = ''] = URI.exec(text) ?? [];
  const host = authority === '' ? undefined : AUTHORITY.exec(authority)?.[1];
  if (scheme === undefined || host === undefined || !isUriHost(host)) {
    throw new ValueProblem('a URI with a scheme and a host is needed, such as https://host.example.com/path');
  }
  if (/[[\]]/.test(path)) {
    throw new ValueProblem('brackets must be percent-encoded in the path of a URI');
  }
  if (schemes !== undefined && schemes.length > 0 && !schemes.includes(scheme)) {
    throw new ValueProblem(`the scheme of the URI must be one of ${schemes.join(', ')}`);
  }
  return text;
}
