/**
 * The keys of `[fernet_tokens] key_repository` and its kin, kept in memory and fresh without a restart.
 *
 * Nothing here blocks the event loop. Keys are looked at again when they are used and the last look is older than a
 * second, and at once when something could not be decrypted (`renewed`). Looks are shared by all waiting callers, so
 * that a flood of bad tokens costs one `stat` after the other and no more.
 */

import { KeysNotFound } from '../errors.js';
import { getLogger } from '../log/index.js';
import { FernetKey } from './fernet.js';
import type { KeyFiles } from './key_files.js';
import { MISSING, readKeyFiles, repositoryProblem, stampDirectory, stampKeyFiles } from './key_files.js';
import type { KeyOwner, Rotation } from './key_rotation.js';
import { rotateKeys, setupKeys } from './key_rotation.js';

/** The configuration section whose `key_repository` this is. */
export type KeyRepositoryKind = 'fernet_tokens' | 'fernet_receipts' | 'credential';

export interface KeyNote {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export interface KeyRepositoryOptions {
  readonly kind: KeyRepositoryKind;
  /** Oldest age, in milliseconds, at which keys are used without looking at the directory. */
  readonly recheckMs?: number;
  /** How long, in milliseconds, the last good keys serve while the directory or a file of it has none to offer. */
  readonly graceMs?: number;
  /** Receives what an operator should know, once per change; the log by default. */
  readonly onNote?: (note: KeyNote) => void;
}

/** The keys at one moment. */
export interface KeySet {
  /** Encrypts. */
  readonly primary: FernetKey;
  /** Decrypt, in this order; the primary comes first. */
  readonly all: readonly FernetKey[];
  /** Only when nothing but the well-known null key is there (kind `credential`). */
  readonly isNullKey: boolean;
}

/** For the health document: nothing secret in it. */
export interface KeyRepositoryHealth {
  readonly path: string;
  readonly kind: KeyRepositoryKind;
  /** Why the keys on disk are not the keys in use, or null. */
  readonly problem: string | null;
  readonly keys: readonly KeyFingerprint[];
}

export interface KeyFingerprint {
  readonly number: number;
  readonly role: 'primary' | 'secondary' | 'staged';
  readonly fingerprint: string;
}

const RECHECK_MS = 1_000;
const GRACE_MS = 10_000;

/**
 * Encrypts credentials where no repository was set up, and is always the last to decrypt them (32 zero bytes; the
 * value is the same in every Keystone since Newton).
 */
const NULL_KEY = new FernetKey(Buffer.alloc(32).toString('base64'));

const SETUP_COMMAND: Readonly<Record<KeyRepositoryKind, string>> = {
  fernet_tokens: 'fernet_setup',
  fernet_receipts: 'receipt_setup',
  credential: 'credential_setup',
};

interface State {
  readonly set: KeySet;
  readonly byNumber: ReadonlyMap<number, FernetKey>;
  /** Null when the state must not be trusted by signature alone. */
  readonly files: KeyFiles | null;
}

/** A staged key that was replaced, and when that was seen. */
interface Overtaken {
  readonly key: FernetKey;
  readonly since: number;
}

/** The repository offers no key to work with. */
class Unusable extends Error {}

export class KeyRepository {
  readonly path: string;
  readonly kind: KeyRepositoryKind;
  readonly #recheckMs: number;
  readonly #graceMs: number;
  readonly #onNote: (note: KeyNote) => void;
  #state: State | null = null;
  /** Start of the last look that succeeded, on the monotonic clock. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #failingSince: number | null = null;
  #problem: string | null = null;
  #look: Promise<void> | null = null;
  #nextLook: Promise<void> | null = null;
  /** By key number: when its file was first found damaged. */
  #damagedSince = new Map<number, number>();
  #overtaken: Overtaken | null = null;
  #noted = new Set<string>();

  constructor(path: string, options: KeyRepositoryOptions) {
    this.path = path;
    this.kind = options.kind;
    this.#recheckMs = options.recheckMs ?? RECHECK_MS;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#onNote = options.onNote ?? logNote;
  }

  /** The keys, when the last look is young enough; null: `keys`. */
  glance(): KeySet | null {
    const isYoung = performance.now() - this.#lookedAt < this.#recheckMs;
    return isYoung ? (this.#state?.set ?? null) : null;
  }

  /**
   * The keys, at most `recheckMs` old.
   *
   * @throws KeysNotFound
   */
  async keys(): Promise<KeySet> {
    if (performance.now() - this.#lookedAt >= this.#recheckMs) await (this.#look ?? this.#begin('all'));
    return this.current();
  }

  /**
   * The keys as they are on disk now, at a moment after this call. To be asked when keys failed to decrypt: a
   * rotation on another node, or by another process, may have brought new ones a moment ago.
   *
   * @throws KeysNotFound
   */
  async renewed(): Promise<KeySet> {
    if (this.#look === null) {
      await this.#begin('directory');
    } else {
      // The look under way may have begun before the keys came: wait for one that begins after it.
      const follow = (): Promise<void> => {
        this.#nextLook = null;
        return this.#begin('directory');
      };
      this.#nextLook ??= this.#look.then(follow, follow);
      await this.#nextLook;
    }
    return this.current();
  }

  /**
   * The keys of the last look, without looking.
   *
   * @throws KeysNotFound when there are none
   */
  current(): KeySet {
    if (this.#state === null) throw new KeysNotFound(this.#problem ?? `${this.#label} was not read yet`);
    return this.#state.set;
  }

  /** What to show of the keys in force, highest number first. */
  fingerprints(): readonly KeyFingerprint[] {
    const numbers = [...(this.#state?.byNumber ?? [])].sort(([left], [right]) => right - left);
    return numbers.map(([number, key], index) => ({
      number,
      role: index === 0 ? 'primary' : number === 0 ? 'staged' : 'secondary',
      fingerprint: key.fingerprint,
    }));
  }

  health(): KeyRepositoryHealth {
    return { path: this.path, kind: this.kind, problem: this.#problem, keys: this.fingerprints() };
  }

  /** Create directory and first keys. @returns whether there was something to do. @throws KeyRotationError */
  async setup(maxActiveKeys: number, owner?: KeyOwner): Promise<boolean> {
    return setupKeys(this.path, { maxActiveKeys, ...(owner === undefined ? {} : { owner }) });
  }

  /** Promote the staged key, stage a new one, drop the oldest. @throws KeyRotationError */
  async rotate(maxActiveKeys: number, owner?: KeyOwner): Promise<Rotation> {
    return rotateKeys(this.path, { maxActiveKeys, ...(owner === undefined ? {} : { owner }) });
  }

  /** Looks never overlap: an older one could otherwise undo what a newer one found. */
  #begin(depth: 'all' | 'directory'): Promise<void> {
    this.#look = this.#lookAtDisk(depth).finally(() => {
      if (this.#nextLook === null) this.#look = null;
    });
    return this.#look;
  }

  /** Never rejects: what is wrong with the directory becomes a note and, in the end, an absence of keys. */
  async #lookAtDisk(depth: 'all' | 'directory'): Promise<void> {
    const startedAt = performance.now();
    try {
      const files = await this.#changedFiles(depth);
      if (files !== null) this.#state = this.#accept(files, startedAt);
      this.#failingSince = null;
      this.#problem = null;
      // A look at the directory alone does not see files rewritten in place: it does not postpone the full one.
      if (depth === 'all' || files !== null) this.#lookedAt = startedAt;
    } catch (error) {
      await this.#cope(error, startedAt);
    }
  }

  /** The files, or null when they are those of the present state. */
  async #changedFiles(depth: 'all' | 'directory'): Promise<KeyFiles | null> {
    const known = this.#state?.files ?? null;
    if (known !== null) {
      const unchanged =
        depth === 'directory'
          ? (await stampDirectory(this.path)) === known.directorySignature
          : (await stampKeyFiles(this.path)).signature === known.signature;
      if (unchanged) return null;
    }
    return readKeyFiles(this.path);
  }

  #accept(files: KeyFiles, startedAt: number): State {
    const notes: KeyNote[] = [];
    if (files.worldReadable) notes.push(warning(`${this.#label} is world readable`));
    const byNumber = new Map<number, FernetKey>();
    const damagedSince = new Map<number, number>();
    for (const file of files.files) {
      if (file.worldReadable) notes.push(warning(`key file ${file.path} is world readable`));
      const key = parse(file.text);
      if (key === null) {
        damagedSince.set(file.number, this.#damagedSince.get(file.number) ?? startedAt);
        const what = file.isForbidden ? 'cannot be read by this process' : 'is empty or damaged';
        notes.push(warning(`key file ${file.path} ${what} and is ignored`));
      }
      const held =
        key ?? this.#heldKey(file.number, startedAt - (damagedSince.get(file.number) ?? startedAt));
      if (held !== null) byNumber.set(file.number, held);
    }
    // For credentials, too: no key that can be read is not the same as no keys.
    if (byNumber.size === 0 && files.files.some((file) => file.isForbidden)) {
      throw new Unusable('has no key that this process may read');
    }
    this.#damagedSince = damagedSince;
    this.#overtaken = this.#overtakenKey(byNumber, startedAt);
    const set = this.#keySet([...byNumber.values()], this.#overtaken === null ? [] : [this.#overtaken.key]);
    if (set.isNullKey) notes.push(this.#nullKeyNote('holds no usable key'));
    this.#note(notes);
    return {
      set,
      byNumber,
      files: damagedSince.size === 0 && this.#overtaken === null && files.settled ? files : null,
    };
  }

  /**
   * A staged key that another has replaced is the primary key of some node now. Where the files of that node are copied
   * one by one, it may come back under its new number a moment later: until then it decrypts.
   */
  #overtakenKey(byNumber: ReadonlyMap<number, FernetKey>, now: number): Overtaken | null {
    const [before, staged] = [this.#state?.byNumber.get(0), byNumber.get(0)];
    const isReplaced = before !== undefined && staged !== undefined && before.text !== staged.text;
    const overtaken = isReplaced ? { key: before, since: now } : this.#overtaken;
    if (overtaken === null || now - overtaken.since >= this.#graceMs) return null;
    return [...byNumber.values()].some(({ text }) => text === overtaken.key.text) ? null : overtaken;
  }

  /** A file that is being rewritten in place keeps the key it had, until its new content is whole or overdue. */
  #heldKey(number: number, damagedForMs: number): FernetKey | null {
    return damagedForMs < this.#graceMs ? (this.#state?.byNumber.get(number) ?? null) : null;
  }

  /** @throws Unusable when the repository has no usable key and may not do without */
  #keySet(found: readonly FernetKey[], overtaken: readonly FernetKey[] = []): KeySet {
    const [primary] = found;
    if (this.kind !== 'credential') {
      if (primary === undefined) throw new Unusable('holds no usable key');
      return { primary, all: [...found, ...overtaken], isNullKey: false };
    }
    // Keys that were there and have gone: to encrypt with the null key instead would be a silent loss of secrecy.
    if (primary === undefined && this.#hasRealKeys()) throw new Unusable('has lost its keys');
    return {
      primary: primary ?? NULL_KEY,
      all: [...found, ...overtaken, NULL_KEY],
      isNullKey: primary === undefined,
    };
  }

  #hasRealKeys(): boolean {
    return this.#state !== null && !this.#state.set.isNullKey;
  }

  /** The directory gave no keys: go on with the last ones for a while, or without any. */
  async #cope(error: unknown, startedAt: number): Promise<void> {
    const unusable =
      error instanceof Unusable ? error.message : await repositoryProblem(this.path, { write: false });
    const problem = unusable ?? `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    this.#lookedAt = startedAt;
    if (
      this.kind === 'credential' &&
      problem === MISSING &&
      this.#failingSince === null &&
      !this.#hasRealKeys()
    ) {
      this.#state = { set: this.#keySet([]), byNumber: new Map(), files: null };
      this.#note([this.#nullKeyNote(problem)]);
      return;
    }
    this.#failingSince ??= startedAt;
    this.#problem = `${this.#label} ${problem}`;
    if (this.#state === null || startedAt - this.#failingSince >= this.#graceMs) {
      this.#state = null;
      this.#lookedAt = Number.NEGATIVE_INFINITY;
      this.#note([{ level: 'error', message: `${this.#problem}; ${this.#advice}` }]);
    } else {
      this.#state = { ...this.#state, files: null };
      this.#note([{ level: 'error', message: `${this.#problem}; the last keys stay in force for now` }]);
    }
  }

  #nullKeyNote(problem: string): KeyNote {
    return warning(`${this.#label} ${problem}: credentials are encrypted with the null key; ${this.#advice}`);
  }

  /** Pass on what was not said at the last look. */
  #note(notes: readonly KeyNote[]): void {
    const previous = this.#noted;
    this.#noted = new Set(notes.map(({ message }) => message));
    for (const note of notes) if (!previous.has(note.message)) this.#onNote(note);
  }

  get #label(): string {
    return `[${this.kind}] key_repository ${this.path}`;
  }

  get #advice(): string {
    return `run "keystone-manage ${SETUP_COMMAND[this.kind]}"`;
  }
}

function parse(text: string | null): FernetKey | null {
  if (text === null) return null;
  try {
    return new FernetKey(text);
  } catch {
    return null;
  }
}

function warning(message: string): KeyNote {
  return { level: 'warn', message };
}

function logNote({ level, message }: KeyNote): void {
  getLogger('keystone.common.fernet_utils')[level](message);
}
