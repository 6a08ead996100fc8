/** The textual form of keys, certificates and signed messages. Source: RFC 7468. */

/** Counts characters, not halves of them: tokens that are none are wrapped, too, before that is found out. */
const LINE = /[^]{1,64}/gu;
const LINE_LENGTH = 64;
/** Read as UTF-8, or as bytes. */
const BYTE_ORDER_MARK = /^(?:\ufeff|\u00ef\u00bb\u00bf)/;

export function toPem(label: string, bytes: Buffer): string {
  return wrapPem(label, bytes.toString('base64'));
}

/** Base64 text between the lines of its label. */
export function wrapPem(label: string, base64: string): string {
  const lines = base64.match(LINE) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * What stands between the lines of a label: one entry for each time that the label occurs.
 * @param text anything; what stands outside of the labels is passed over
 */
export function pemBodies(label: string, text: string): string[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const bodies: string[] = [];
  let body: string[] | null = null;
  for (const line of text.replace(BYTE_ORDER_MARK, '').split('\n')) {
    const marker = line.trimEnd();
    if (body === null) {
      if (marker === begin) body = [];
    } else if (marker === end) {
      bodies.push(body.join('\n'));
      body = null;
    } else {
      body.push(line);
    }
  }
  return bodies;
}

/**
 * Base64 over lines of any length, as OpenSSL reads it: none of them is empty. An empty line in front ends headers (of
 * which there are none); after such a one all lines but the last must be full.
 * @returns null when it is not complete or holds anything else
 */
export function decodePemBody(body: string): Buffer | null {
  const lines = body.split('\n').map((line) => line.trimEnd());
  if (lines[0] === '') {
    lines.shift();
    if (lines.slice(0, -1).some((line) => line.length < LINE_LENGTH)) return null;
  }
  if (lines.includes('')) return null;
  const base64 = lines.join('').replace(/[ \t]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  return Buffer.from(base64, 'base64');
}
