/** The work of the hashing threads. */
import { setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { bcrypt } from './bcrypt.js';
import { pbkdf2Sha512 } from './pbkdf2_sha512.js';
import type { HashCost, PasswordAlgorithm, Scheme } from './scheme.js';
import { scrypt } from './scrypt.js';
import { sha512Crypt } from './sha512_crypt.js';

const SCHEMES: Readonly<Record<PasswordAlgorithm, Scheme>> = {
  sha512_crypt: sha512Crypt,
  bcrypt,
  scrypt,
  pbkdf2_sha512: pbkdf2Sha512,
};

/** Identifiers of all stored hashes that are understood, whatever is configured for new ones. */
const BY_IDENTIFIER: Readonly<Record<string, Scheme>> = {
  $6$: sha512Crypt,
  $2$: bcrypt,
  $2a$: bcrypt,
  $2b$: bcrypt,
  $2y$: bcrypt,
  $scrypt$: scrypt,
  $7$: scrypt,
  '$pbkdf2-sha512$': pbkdf2Sha512,
};

/**
 * Behind the event loop, which has to answer everybody else while all processors are hashing: on Linux a priority is
 * that of the thread that sets it.
 */
if (!isMainThread && process.platform === 'linux') setPriority(19);

export interface HashTask {
  readonly kind: 'hash';
  readonly password: Uint8Array;
  readonly cost: HashCost;
}

export interface VerifyTask {
  readonly kind: 'verify';
  readonly password: Uint8Array;
  readonly hash: string;
  /** Work to do instead when the hash is none, so that the answer takes its usual time. */
  readonly cost: HashCost;
}

export type Task = HashTask | VerifyTask;

/** @returns the hash, or whether the password matches */
export default function run(task: Task): string | boolean {
  if (task.kind === 'hash') return SCHEMES[task.cost.algorithm].hash(task.password, task.cost);
  const identifier = /^\$[^$]*\$/.exec(task.hash)?.[0] ?? '';
  const scheme = Object.hasOwn(BY_IDENTIFIER, identifier) ? BY_IDENTIFIER[identifier] : undefined;
  const outcome = scheme?.verify(task.password, task.hash) ?? null;
  if (outcome !== null) return outcome;
  SCHEMES[task.cost.algorithm].hash(task.password, task.cost);
  return false;
}
