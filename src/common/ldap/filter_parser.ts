/**
 * The texts of `user_filter` and `group_filter`, read as generously as Keystone's library reads them: without the outer
 * parentheses, several beside each other, with blanks around everything, with empty values and empty sets.
 * Source: RFC 4515.
 */
import type { Filter } from './filter.js';

export class FilterError extends Error {}

const ATTRIBUTE = /^(?:[A-Za-z][A-Za-z0-9_-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9_-]+)*$/;

/**
 * @returns one filter; several beside each other must all match
 * @throws FilterError telling what is wrong, and where
 */
export function parseFilter(text: string): Filter {
  return new FilterParser(text).parse();
}

class FilterParser {
  private position = 0;

  constructor(private readonly text: string) {}

  parse(): Filter {
    this.skipBlanks();
    if (this.position >= this.text.length) throw this.error('it is empty');
    if (this.text[this.position] !== '(') {
      const bare = this.component(this.text.length);
      return bare;
    }
    const of = this.several();
    if (this.position < this.text.length) throw this.error('text after the last ")"');
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'and', of };
  }

  private several(): Filter[] {
    const of: Filter[] = [];
    for (this.skipBlanks(); this.text[this.position] === '('; this.skipBlanks()) of.push(this.one());
    return of;
  }

  private one(): Filter {
    this.position += 1;
    this.skipBlanks();
    const sign = this.text[this.position];
    let filter: Filter;
    if (sign === '&' || sign === '|') {
      this.position += 1;
      filter = { kind: sign === '&' ? 'and' : 'or', of: this.several() };
    } else if (sign === '!') {
      this.position += 1;
      const [of, ...others] = this.several();
      if (of === undefined || others.length > 0) throw this.error('"!" takes one filter');
      filter = { kind: 'not', of };
    } else if (sign === '(') {
      const [of, ...others] = this.several();
      if (of === undefined || others.length > 0) throw this.error('"(" where "&", "|" or "!" is missing');
      filter = of;
    } else {
      filter = this.component(this.endOfComponent());
    }
    if (this.text[this.position] !== ')') throw this.error('")" is missing');
    this.position += 1;
    return filter;
  }

  private endOfComponent(): number {
    const end = this.text.indexOf(')', this.position);
    if (end < 0) throw this.error('")" is missing');
    const open = this.text.slice(this.position, end).indexOf('(');
    if (open >= 0) {
      this.position += open;
      throw this.error('"(" in a value must be written \\28');
    }
    return end;
  }

  /** `attribute=value` with its variants, up to `end`. */
  private component(end: number): Filter {
    const text = this.text.slice(this.position, end);
    const match = /^([^=<>~:]*?)((?::[^=:]*)*)\s*(<=|>=|~=|:=|=)/s.exec(text);
    const [whole, name = '', rules = '', operator] = match ?? [];
    if (whole === undefined) throw this.error('"=" is missing');
    const attribute = name.trim();
    const isRule = operator === ':=' || rules !== '';
    if (!ATTRIBUTE.test(attribute) && !(isRule && attribute === '')) {
      throw this.error(`"${attribute}" is no attribute`);
    }
    const value = text.slice(whole.length).trim();
    this.position = end;
    if (isRule) return this.ruleFilter(attribute, rules, value);
    if (operator === '=') return this.equality(attribute, value);
    const kind = operator === '>=' ? 'atLeast' : operator === '<=' ? 'atMost' : 'approximately';
    return { kind, attribute, value: this.unescape(value) };
  }

  private equality(attribute: string, value: string): Filter {
    if (value === '*') return { kind: 'present', attribute };
    if (!value.includes('*')) return { kind: 'equals', attribute, value: this.unescape(value) };
    const [initial = '', ...rest] = value.split('*').map((part) => this.unescape(part).toString());
    const final = rest.pop() ?? '';
    return { kind: 'parts', attribute, initial, inner: rest.filter((part) => part !== ''), final };
  }

  private ruleFilter(attribute: string, rules: string, value: string): Filter {
    const names = rules
      .split(':')
      .map((rule) => rule.trim())
      .filter((rule) => rule !== '');
    const withDn = names[0]?.toLowerCase() === 'dn';
    const [rule = '', ...others] = withDn ? names.slice(1) : names;
    if (others.length > 0 || (attribute === '' && rule === '')) throw this.error('wrong matching rule');
    return { kind: 'rule', attribute, rule, value: this.unescape(value).toString(), withDn };
  }

  /** `\xx` are bytes; the escapes of names (`\,`), which people copy into filters, are taken for what they mean. */
  private unescape(value: string): Buffer {
    if (!value.includes('\\')) return Buffer.from(value);
    const pieces = value.split(/(\\(?:[0-9A-Fa-f]{2}|.))/su);
    return Buffer.concat(
      pieces.map((piece, position) => {
        // Every second piece is an escape.
        if (position % 2 === 1)
          return Buffer.from(piece.slice(1), /^\\[0-9A-Fa-f]{2}$/.test(piece) ? 'hex' : 'utf8');
        if (piece.includes('\\')) throw this.error('a backslash at the end of a value');
        return Buffer.from(piece);
      }),
    );
  }

  private skipBlanks(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position += 1;
  }

  private error(what: string): FilterError {
    return new FilterError(`"${this.text}" is no search filter: ${what} (character ${this.position + 1})`);
  }
}
