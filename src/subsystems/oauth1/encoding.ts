/** Percent-encoding as RFC 5849 section 3.6 wants it, and the parameters of queries, bodies and headers. */
import { OAuth1RequestError } from './errors.js';

export type Parameter = readonly [name: string, value: string];

/** Percent-encode everything but the unreserved characters of RFC 3986, in UTF-8. */
export function escape(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Undo percent-encoding; what is no escape stays, bytes that are no UTF-8 become replacement characters. */
export function unescape(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** Characters that a form-encoded text consists of; others mean that it is something else. */
const FORM_ENCODED = /^[A-Za-z0-9_.\-=&;:%+~,*@!()/?'$]*$/;
/** At the very end the original lets an incomplete escape pass. */
const BROKEN_ESCAPE = /%(?:[^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f])/;

/**
 * The parameters of a form-encoded text, such as a query, in order and with repetitions.
 *
 * @throws OAuth1RequestError when the text is not form-encoded
 */
export function parseForm(text: string): Parameter[] {
  if (!FORM_ENCODED.test(text) || BROKEN_ESCAPE.test(text)) {
    throw new OAuth1RequestError('The query or the body is not form-encoded.');
  }
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...rest] = pair.replaceAll('+', ' ').split('=');
      return [unescape(name), unescape(rest.join('='))] as const;
    });
}

/** The parameters of a query that are the application's own, not OAuth's; of repeated ones the last. */
export function nonOAuthParameters(query: string): Record<string, string> {
  return Object.fromEntries(parseForm(query).filter(([name]) => !name.startsWith('oauth_')));
}

const SCHEME = 'oauth ';

/**
 * The parameters of an `Authorization: OAuth …` header, still percent-encoded; of repeated ones the last.
 *
 * @throws OAuth1RequestError for another scheme or a malformed list
 */
export function parseAuthorizationHeader(header: string): Parameter[] {
  if (!header.toLowerCase().startsWith(SCHEME)) {
    throw new OAuth1RequestError('Malformed authorization header');
  }
  const parameters = new Map<string, string>();
  for (const item of splitList(header.slice(SCHEME.length))) {
    const equals = item.indexOf('=');
    const value = item.slice(equals + 1);
    if (equals < 0 || value === '') throw new OAuth1RequestError('Malformed authorization header');
    const quoted = value.startsWith('"') && value.endsWith('"');
    parameters.set(item.slice(0, equals), quoted ? value.slice(1, -1) : value);
  }
  return [...parameters];
}

/** Items between commas, where commas in quotes do not count and a backslash in quotes takes the next character. */
function splitList(text: string): string[] {
  const items: string[] = [];
  let item = '';
  let quoted = false;
  let escaped = false;
  for (const character of text) {
    if (escaped) {
      item += character;
      escaped = false;
    } else if (quoted && character === '\\') {
      escaped = true;
    } else if (!quoted && character === ',') {
      items.push(item.trim());
      item = '';
    } else {
      if (character === '"') quoted = !quoted;
      item += character;
    }
  }
  if (item !== '') items.push(item.trim());
  return items;
}
