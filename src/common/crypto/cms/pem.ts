/** The textual form of keys, certificates and signed messages. Source: RFC 7468. */

const LINE = 64;

export function toPem(label: string, bytes: Buffer): string {
  return wrapPem(label, bytes.toString('base64'));
}

/** Base64 text between the lines of its label. */
export function wrapPem(label: string, base64: string): string {
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += LINE) lines.push(base64.slice(at, at + LINE));
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * What stands between the lines of a label: one entry for each time that the label occurs.
 * @param text anything; what stands outside of the labels is passed over
 */
export function pemBodies(label: string, text: string): string[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const bodies: string[] = [];
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
    const start = at + begin.length;
    const stop = text.indexOf(end, start);
    if (stop < 0) break;
    bodies.push(text.slice(start, stop));
    at = stop + end.length;
  }
  return bodies;
}

/**
 * Base64 over lines of any length, as OpenSSL reads it: none of them is empty, and the lines of the label stand alone.
 * @returns null when it is not complete or holds anything else
 */
export function decodePemBody(body: string): Buffer | null {
  const lines = body.split('\n').map((line) => line.trimEnd());
  const [first, last] = [lines.shift(), lines.pop()];
  if (first !== '' || last !== '' || lines.includes('')) return null;
  const base64 = lines.join('').replace(/[ \t]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  return Buffer.from(base64, 'base64');
}
