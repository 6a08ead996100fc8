/**
 * Secrets never reach a log. Callers do not put them there; this is the second lock: every line passes through here,
 * and whatever looks like a password or a token, or is one that we know from the configuration, is replaced.
 */

const MASK = '***';

/** Names whose value is a secret wherever it stands as `name: value`, `name=value` or in JSON. */
const NAMES = [
  String.raw`[\w-]*passw(?:or)?d[\w-]*`,
  String.raw`[\w-]*passphrase`,
  'admin_?pass',
  '(?:x-)?(?:auth|subject|service|admin|storage)[_-]token',
  '(?:access|refresh|request|oauth|id)_token',
  'token_?id',
  String.raw`[\w-]*secret(?:_key|_hash)?`,
  'oauth_signature',
  'x-amz-signature',
  'passcode',
  'hmac_keys?',
  'blob',
].join('|');

const QUOTED = new RegExp(
  String.raw`(["'])(${NAMES})\1(\s*[:=,]\s*)u?(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)`,
  'gi',
);
const ASSIGNED = new RegExp(
  String.raw`(^|[^\w-])(${NAMES})(\s*[:=]\s*)(?!\s|\*\*\*)(?:"[^"]*"?|'[^']*'?|[^\s&;,"'})\]]+)`,
  'gi',
);
const ARGUMENT = new RegExp(String.raw`(^|\s)(--(?:${NAMES}))(\s+)(?!-)\S+`, 'gi');
const HEADER = /\b(authorization|cookie|set-cookie)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi;
const XML = /<((?:\w+:)?(?:password|adminPass|token|secret))>[^<]*</gi;
const IN_URL = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@'"]*):[^\s'"/@]*@/gi;
const TOKEN_PATH = /(\/tokens\/)(?!OS-PKI\b|revoked\b)[^\s/?'"]+/g;
const FERNET = /gAAAA[\w-]{30,}(?:=|%3D){0,2}/gi;
const JWS = /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g;
const PKI = /(?<![\w+/-])(?:MII|PKIZ_)[\w+/-]{100,}=*/g;
const HASH = /\$(?:6|5|1|2[abxy]?|scrypt|bcrypt-sha256|pbkdf2(?:-\w+)?)\$[^\s'"]+/g;

/** What stands in every text that one of the forms above fits, and what in every name with a value behind it. */
const HAS_FORM = /gAAAA|eyJ|MII|PKIZ_|\$|\/tokens\/|:\/\//i;
const HAS_VALUE = /[:=,<]|--/;
const HAS_NAME = /pass|token|secret|blob|signature|hmac|authorization|cookie/i;

/** A shorter text would be found inside ordinary words. */
const SHORTEST_KNOWN = 6;
let known: RegExp | null = null;

/**
 * Texts that are secret in this process (the passwords of the configuration): masked wherever they appear. A new list
 * replaces the one before.
 */
export function rememberSecrets(secrets: Iterable<string>): void {
  const texts = new Set<string>();
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_KNOWN) texts.add(secret).add(encodeURIComponent(secret));
  }
  const longestFirst = [...texts].sort((left, right) => right.length - left.length);
  const pattern = longestFirst
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`))
    .join('|');
  known = longestFirst.length === 0 ? null : new RegExp(pattern, 'g');
}

/** The text with everything that is or looks like a secret replaced by `***`. */
export function maskSecrets(text: string): string {
  let masked = known === null ? text : text.replace(known, MASK);
  if (HAS_FORM.test(masked)) {
    masked = masked
      .replace(FERNET, MASK)
      .replace(JWS, MASK)
      .replace(PKI, MASK)
      .replace(HASH, MASK)
      .replace(TOKEN_PATH, `$1${MASK}`)
      .replace(IN_URL, `$1:${MASK}@`);
  }
  if (HAS_VALUE.test(masked) && HAS_NAME.test(masked)) {
    masked = masked
      .replace(HEADER, `$1$2${MASK}`)
      .replace(QUOTED, `$1$2$1$3"${MASK}"`)
      .replace(ARGUMENT, `$1$2$3${MASK}`)
      .replace(ASSIGNED, `$1$2$3${MASK}`)
      .replace(XML, `<$1>${MASK}<`);
  }
  return masked;
}

/** Control characters but line feed and tab: a client's text must not move the cursor or forge the end of a line. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g; // oxlint-disable-line no-control-regex

/** Most lines have none, and looking at codes one by one is quicker than the expression. */
function hasControls(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 ? code !== 0x0a && code !== 0x09 : code >= 0x7f && (code <= 0x9f || code >= 0x2028))
      return true;
  }
  return false;
}

/** The text with control characters written as `\xNN` (`\uNNNN`). */
export function escapeControls(text: string): string {
  if (!hasControls(text)) return text;
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
