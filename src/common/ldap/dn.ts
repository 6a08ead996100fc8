/** Distinguished names as text. Source: RFC 4514; what RFC 2253 allowed besides (quotes, `;`, blanks) is read too. */

/** One `type=value`; the value is unescaped. */
export interface Ava {
  readonly type: string;
  readonly value: string;
}
/** One component of a name; nearly always of one `type=value`. */
export type Rdn = readonly Ava[];
/** The nearest component first. */
export type Dn = readonly Rdn[];

export class DnError extends Error {}

const TYPE = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)$/;
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/;

/**
 * A value as it may stand in a name.
 * @example escapeDnValue(' a,b\\') === '\\ a\\,b\\\\'
 */
export function escapeDnValue(value: string): string {
  // NUL has no other form in RFC 4514.
  const escaped = value.replace(/["+,;<>\\=]/g, '\\$&').replaceAll('\0', '\\00');
  const begun = /^[ #]/.test(escaped) ? `\\${escaped}` : escaped;
  return value.length > 1 && value.endsWith(' ') ? `${begun.slice(0, -1)}\\ ` : begun;
}

export function formatDn(dn: Dn): string {
  return dn.map((rdn) => rdn.map(({ type, value }) => `${type}=${escapeDnValue(value)}`).join('+')).join(',');
}

/** @throws DnError telling what is wrong */
export function parseDn(text: string): Dn {
  if (text.trim() === '') return [];
  return new DnParser(text).parse();
}

/** Whether the name can be parsed. */
export function isDn(text: string): boolean {
  try {
    parseDn(text);
    return true;
  } catch (error) {
    if (error instanceof DnError) return false;
    throw error;
  }
}

/**
 * A form that is the same for equal names: types and values without regard to case and to repeated blanks. The
 * matching rules of single attributes are not known here; those of names of people and groups ignore case.
 * What is no name stands for itself.
 */
export function dnKey(text: string): string {
  try {
    return keyOf(parseDn(text));
  } catch (error) {
    if (error instanceof DnError) return `?${text}`;
    throw error;
  }
}

function keyOf(dn: Dn): string {
  return dn
    .map((rdn) => {
      const parts = rdn.map(({ type, value }) => `${type.toLowerCase()}=${escapeDnValue(comparable(value))}`);
      return (parts.length === 1 ? parts : parts.sort()).join('+');
    })
    .join(',');
}

/** A text as rules that ignore case compare it (RFC 4518, simplified). */
export function comparable(value: string): string {
  return value.trim().toLowerCase().replace(/\s+/g, ' ');
}

export function sameDn(one: string, other: string): boolean {
  return one === other || dnKey(one) === dnKey(other);
}

/** Whether a name lies somewhere beneath another one. */
export function isBelow(text: string, base: string): boolean {
  const dn = parseDn(text);
  const above = parseDn(base);
  return dn.length > above.length && keyOf(dn.slice(-above.length || dn.length)) === keyOf(above);
}

/**
 * The first `type=value` of a name, or, where its first component has several, that of a certain type.
 * Null when it is no name.
 */
export function firstAva(text: string, preferredType = ''): Ava | null {
  try {
    const rdn = parseDn(text)[0] ?? [];
    const wanted = preferredType.toLowerCase();
    return rdn.find(({ type }) => type.toLowerCase() === wanted) ?? rdn[0] ?? null;
  } catch (error) {
    if (error instanceof DnError) return null;
    throw error;
  }
}

class DnParser {
  private position = 0;

  constructor(private readonly text: string) {}

  parse(): Dn {
    const dn: Rdn[] = [];
    let rdn: Ava[] = [];
    for (;;) {
      rdn.push({ type: this.type(), value: this.value() });
      const separator = this.text[this.position];
      this.position += 1;
      if (separator === '+') continue;
      dn.push(rdn);
      rdn = [];
      if (separator === undefined) return dn;
    }
  }

  private type(): string {
    const equals = this.text.indexOf('=', this.position);
    const type = equals < 0 ? '' : this.text.slice(this.position, equals).trim();
    if (!TYPE.test(type)) throw this.error('expected ATTRIBUTE=VALUE');
    this.position = equals + 1;
    return type;
  }

  private value(): string {
    while (this.text[this.position] === ' ') this.position += 1;
    if (this.text[this.position] === '#') return this.hexValue();
    if (this.text[this.position] === '"') return this.quotedValue();
    const end = /[,;+\\"]/g;
    end.lastIndex = this.position;
    const found = end.exec(this.text);
    // Without escapes, which is nearly always, the value is a piece of the text.
    if (found?.[0] !== '\\' && found?.[0] !== '"') {
      const stop = found?.index ?? this.text.length;
      const plain = this.text.slice(this.position, stop).replace(/ +$/, '');
      this.position = stop;
      return plain;
    }
    return this.escapedValue();
  }

  private escapedValue(): string {
    const bytes: Buffer[] = [];
    let blanks = 0;
    for (; this.position < this.text.length; this.position += 1) {
      const character = this.text[this.position] as string;
      if (character === ',' || character === ';' || character === '+') break;
      if (character === '"') throw this.error('a quote must be escaped');
      if (character === ' ') {
        blanks += 1;
        continue;
      }
      if (blanks > 0) bytes.push(Buffer.alloc(blanks, 0x20));
      blanks = 0;
      bytes.push(character === '\\' ? this.escape() : this.plain());
    }
    return Buffer.concat(bytes).toString();
  }

  private quotedValue(): string {
    const bytes: Buffer[] = [];
    for (this.position += 1; this.text[this.position] !== '"'; this.position += 1) {
      const character = this.text[this.position];
      if (character === undefined) throw this.error('a quote is not closed');
      bytes.push(character === '\\' ? this.escape() : this.plain());
    }
    this.position += 1;
    while (this.text[this.position] === ' ') this.position += 1;
    if (!/^[,;+]?$/.test(this.text[this.position] ?? '')) throw this.error('text after a quote');
    return Buffer.concat(bytes).toString();
  }

  /** BER in hexadecimal: an octet string is decoded, anything else keeps its form. */
  private hexValue(): string {
    const [hex = ''] = /^[0-9A-Fa-f]*/.exec(this.text.slice(this.position + 1)) ?? [];
    this.position += 1 + hex.length;
    while (this.text[this.position] === ' ') this.position += 1;
    if (hex === '' || hex.length % 2 === 1 || !/^[,;+]?$/.test(this.text[this.position] ?? '')) {
      throw this.error('# must be followed by pairs of hexadecimal digits');
    }
    const bytes = Buffer.from(hex, 'hex');
    const isShortText = bytes.length >= 2 && bytes[0] === 0x04 && bytes[1] === bytes.length - 2;
    return isShortText ? bytes.subarray(2).toString() : `#${hex}`;
  }

  /** Leaves the position at the last character of the escape. */
  private escape(): Buffer {
    const pair = this.text.slice(this.position + 1, this.position + 3);
    if (HEX_PAIR.test(pair)) {
      this.position += 2;
      return Buffer.from(pair, 'hex');
    }
    this.position += 1;
    if (this.position >= this.text.length) throw this.error('a backslash at the end');
    return this.plain();
  }

  /** The character at the position; pairs of surrogates are taken together. */
  private plain(): Buffer {
    const character = String.fromCodePoint(this.text.codePointAt(this.position) ?? 0);
    this.position += character.length - 1;
    return Buffer.from(character);
  }

  private error(what: string): DnError {
    return new DnError(`"${this.text}" is no distinguished name: ${what}`);
  }
}
