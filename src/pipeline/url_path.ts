/** The path with every run of slashes made one. */
export function collapsed(path: string): string {
  return path.includes('//') ? path.replace(/\/{2,}/g, '/') : path;
}

/**
 * The path of a request in the one form in which equal paths are equal text: runs of slashes are one, what need not be
 * escaped is not, other escapes are in upper case (RFC 3986, 6.2.2), and bytes beyond ASCII are escaped.
 *
 * The usual path is returned as it is. Nothing that has a meaning of its own when escaped (a slash, a percent sign) is
 * unescaped, so the path still says the same.
 */
export function canonicalPath(path: string): string {
  // Node hands the bytes of a request on as characters up to U+00FF.
  return isPlain(path) ? path : canonical(path, 'latin1');
}

/** A path that a person wrote, in the form of `canonicalPath`. */
export function canonicalMount(path: string): string {
  return isPlain(path) ? path : canonical(path, 'utf8');
}

/** Every path of every request is looked at in this way, and nearly all need nothing more. */
function isPlain(path: string): boolean {
  let before = 0;
  for (let at = 0; at < path.length; at += 1) {
    const unit = path.charCodeAt(at);
    if (unit > 0x7e || unit === 0x25 || (unit === 0x2f && before === 0x2f)) return false;
    before = unit;
  }
  return true;
}

function canonical(path: string, encoding: 'latin1' | 'utf8'): string {
  const ascii = path.replace(/[^\0-\u007e]+/g, (run) => escaped(Buffer.from(run, encoding)));
  return collapsed(
    ascii.replace(/%[0-9a-fA-F]{2}/g, (escape) => {
      const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
    }),
  );
}

function escaped(bytes: Buffer): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
