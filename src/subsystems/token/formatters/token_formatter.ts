/** Fernet tokens: payloads packed, encrypted, and put into text without padding. */
import { decodeBase64Lenient, stripPadding } from '../../../common/crypto/base64.js';
import type { EncryptOptions, FernetKey, FernetMessage } from '../../../common/crypto/fernet.js';
import { decryptFernet, encryptFernet } from '../../../common/crypto/fernet.js';
import { InvalidTokenError } from './errors.js';
import { isotime } from './isotime.js';
import { MethodBits } from './methods.js';
import type { Wire } from './msgpack.js';
import { pack, unpackArray } from './msgpack.js';
import type { PayloadContext, TokenPayload } from './payloads.js';
import { assemble, disassemble } from './payloads.js';

/** What a valid token says. */
export interface TokenFields extends TokenPayload {
  /** From the envelope: `2017-01-09T22:14:21.000000Z`. */
  readonly issuedAt: string;
}

/** Where keys come from; `KeyRepository` is one. */
export interface TokenKeys {
  /** The keys when they are known to be fresh, null otherwise. */
  glance?(): TokenKeySet | null;
  keys(): Promise<TokenKeySet>;
  renewed(): Promise<TokenKeySet>;
}

interface TokenKeySet {
  readonly primary: FernetKey;
  readonly all: readonly FernetKey[];
}

export interface TokenFormatterOptions {
  /** `[auth] methods`, in order. */
  readonly authMethods: readonly string[];
  /** `[identity] default_domain_id` */
  readonly defaultDomainId: string;
  /** Spelling of new tokens; both are read. `newton` by default. */
  readonly wire?: Wire;
}

/** A new token and the time in its envelope, so that an answer can show it without decrypting. */
export interface IssuedToken {
  readonly id: string;
  readonly issuedAt: string;
}

export class TokenFormatter {
  readonly #keys: TokenKeys;
  readonly #context: PayloadContext;

  constructor(keys: TokenKeys, options: TokenFormatterOptions) {
    this.#keys = keys;
    const wire = options.wire ?? 'newton';
    this.#context = {
      methods: new MethodBits(options.authMethods, { writeFixed: wire === 'zed' }),
      defaultDomainId: options.defaultDomainId,
      wire,
    };
  }

  /**
   * Make a token with the primary key.
   *
   * @throws InvalidTokenError when the facts do not fit into a token
   * @throws KeysNotFound
   */
  async createToken(payload: TokenPayload, options: EncryptOptions = {}): Promise<IssuedToken> {
    const plaintext = pack(assemble(payload, this.#context), this.#context.wire);
    const { primary } = await this.#keys.keys();
    const now = options.now ?? Math.floor(Date.now() / 1000);
    const id = stripPadding(encryptFernet(primary, plaintext, { ...options, now }));
    return { id, issuedAt: issueTime(now) };
  }

  /**
   * Read a token. Neither its expiry nor its revocation is checked here.
   *
   * A token that no known key opens is tried again with the keys on disk at that moment: no token is lost to a
   * rotation that this process has not noticed yet.
   *
   * @throws InvalidTokenError
   * @throws KeysNotFound
   */
  async validateToken(id: string): Promise<TokenFields> {
    const text = restorePadding(id);
    const keys = await this.#keys.keys();
    const message = decryptFernet(keys.all, text) ?? decryptFernet((await this.#keys.renewed()).all, text);
    if (message === null) throw new InvalidTokenError('no key opens it');
    return this.#read(message);
  }

  /**
   * What `validateToken` says, for keys at hand that open the token; null: `validateToken`.
   *
   * @throws InvalidTokenError
   */
  readAtOnce(id: string): TokenFields | null {
    const keys = this.#keys.glance?.() ?? null;
    const message = keys && decryptFernet(keys.all, restorePadding(id));
    return message && this.#read(message);
  }

  #read(message: FernetMessage): TokenFields {
    const payload = disassemble(unpackArray(message.plaintext), this.#context);
    return { ...payload, issuedAt: issueTime(message.timestamp) };
  }
}

function issueTime(timestamp: number): string {
  const text = isotime(timestamp);
  if (text === null) throw new InvalidTokenError('the time of issue is out of range');
  return text;
}

/**
 * Tokens come without padding; those of the first releases came with it, URL-quoted. Newton read the time of issue
 * from the text as it came, so a quoted token counts only where that text can be read as well.
 */
function restorePadding(id: string): string {
  const padded = pad(id);
  if (!id.endsWith('%3D')) return padded;
  if (decodeBase64Lenient(padded) === null) throw new InvalidTokenError('its padding is wrong');
  return id.replace(/%([0-9a-fA-F]{2})/g, (_escape, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function pad(id: string): string {
  const rest = codePoints(id) % 4;
  return rest === 0 ? id : id + '='.repeat(4 - rest);
}

function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xdc00 && unit <= 0xdfff) count -= 1;
  }
  return count;
}
