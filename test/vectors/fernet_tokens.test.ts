import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decryptFernet, encryptFernet, FernetKey } from '../../src/common/crypto/fernet.js';
import { readKeyFiles } from '../../src/common/crypto/key_files.js';
import { KeyRotationError, rotateKeys } from '../../src/common/crypto/key_rotation.js';
import { InvalidTokenError } from '../../src/subsystems/token/formatters/errors.js';
import { MethodBits } from '../../src/subsystems/token/formatters/methods.js';
import type { Wire } from '../../src/subsystems/token/formatters/msgpack.js';
import type { TokenPayload } from '../../src/subsystems/token/formatters/payloads.js';
import type { TokenFields } from '../../src/subsystems/token/formatters/token_formatter.js';
import { TokenFormatter } from '../../src/subsystems/token/formatters/token_formatter.js';
import type { VectorCase, VectorFile } from './support.js';
import { eachCase, vectorFile } from './support.js';

interface VectorFields {
  readonly user_id: string;
  readonly methods: readonly string[];
  readonly audit_ids: readonly string[];
  readonly expires_at: string;
  readonly issued_at?: string;
  readonly domain_id?: string | null;
  readonly project_id?: string | null;
  readonly trust_id?: string | null;
  readonly access_token_id?: string | null;
  readonly system?: string | null;
  readonly app_cred_id?: string | null;
  readonly federated_info?: {
    readonly group_ids: readonly { readonly id: string }[];
    readonly idp_id: string;
    readonly protocol_id: string;
  } | null;
}

interface Outcome {
  readonly expected?: VectorFields;
  readonly error?: string;
}

interface TokenCase extends VectorCase, Outcome {
  readonly kind: 'token';
  readonly wire: Wire;
  readonly auth_methods: readonly string[];
  readonly fields: VectorFields;
  readonly key: string;
  readonly iv_hex: string;
  readonly timestamp: number;
  readonly payload_hex: string;
  readonly token: string;
  readonly zed?: Outcome;
}

interface DecodeCase extends VectorCase, Outcome {
  readonly kind: 'decode';
  readonly auth_methods: readonly string[];
  readonly token: string;
  readonly zed?: Outcome;
}

interface AssembleCase extends VectorCase {
  readonly kind: 'assemble';
  readonly wire?: Wire;
  readonly auth_methods: readonly string[];
  readonly fields: VectorFields;
}

interface FernetCase extends VectorCase {
  readonly kind: 'fernet';
  readonly key_text: string;
  readonly iv_hex: string;
  readonly timestamp: number;
  readonly plaintext_hex: string;
  readonly fernet: string;
}

interface MethodsCase extends VectorCase {
  readonly kind: 'methods';
  readonly auth_methods: readonly string[];
  readonly methods?: readonly string[];
  readonly integer: number;
  readonly decoded: readonly string[];
}

interface LoadKeysCase extends VectorCase {
  readonly kind: 'load_keys';
  readonly files: Readonly<Record<string, string>>;
  readonly directories: readonly string[];
  readonly expected: readonly string[];
}

interface RotateKeysCase extends VectorCase {
  readonly kind: 'rotate_keys';
  readonly files: Readonly<Record<string, string>>;
  readonly max_active_keys: number;
  readonly times: number;
  readonly expected: Readonly<Record<string, string>>;
}

type Case = TokenCase | DecodeCase | AssembleCase | FernetCase | MethodsCase | LoadKeysCase | RotateKeysCase;

interface File extends VectorFile<Case> {
  readonly key_repository: Readonly<Record<string, string>>;
  readonly default_domain_id: string;
}

const NAME = 'fernet_tokens.json';
const file = vectorFile<File>(NAME);
const numbers = Object.keys(file.key_repository).sort((left, right) => Number(right) - Number(left));
const repositoryKeys = numbers.map((number) => new FernetKey(file.key_repository[number] ?? ''));

function formatter(authMethods: readonly string[], wire: Wire, primaryNumber?: string): TokenFormatter {
  const primary = repositoryKeys[primaryNumber === undefined ? 0 : numbers.indexOf(primaryNumber)];
  if (primary === undefined) throw new Error('the vector names a key that is not in its repository');
  const set = { primary, all: repositoryKeys };
  const keys = { keys: () => Promise.resolve(set), renewed: () => Promise.resolve(set) };
  return new TokenFormatter(keys, { authMethods, defaultDomainId: file.default_domain_id, wire });
}

function toPayload(fields: VectorFields): TokenPayload {
  const federated = fields.federated_info ?? null;
  return {
    userId: fields.user_id,
    methods: fields.methods,
    auditIds: fields.audit_ids,
    expiresAt: fields.expires_at,
    domainId: fields.domain_id ?? null,
    projectId: fields.project_id ?? null,
    trustId: fields.trust_id ?? null,
    federatedInfo: federated && {
      groupIds: federated.group_ids.map(({ id }) => id),
      idpId: federated.idp_id,
      protocolId: federated.protocol_id,
    },
    accessTokenId: fields.access_token_id ?? null,
    system: fields.system ?? null,
    appCredId: fields.app_cred_id ?? null,
  };
}

function toFields(fields: VectorFields): TokenFields {
  return { ...toPayload(fields), issuedAt: fields.issued_at ?? '' };
}

async function refused(
  attempt: Promise<unknown>,
  error: abstract new (...args: never) => Error,
): Promise<void> {
  const outcome = await attempt.then(
    () => 'accepted',
    (reason: unknown) => reason,
  );
  expect(outcome).to.be.instanceOf(error);
}

/**
 * This service reads the payloads of both releases: where Newton refuses what Zed reads, Zed is right, and where Zed
 * reads more out of its own wire, too.
 */
function outcomesOf(vector: TokenCase | DecodeCase): readonly Outcome[] {
  const zed = vector.zed ?? {};
  return vector.kind === 'token' && vector.wire === 'zed' ? [zed, vector] : [vector, zed];
}

async function checkDecoding(
  reader: TokenFormatter,
  token: string,
  outcomes: readonly Outcome[],
): Promise<void> {
  const accepted = outcomes.find(({ expected }) => expected !== undefined)?.expected;
  if (accepted === undefined) await refused(reader.validateToken(token), InvalidTokenError);
  else expect(await reader.validateToken(token)).to.deep.equal(toFields(accepted));
}

async function checkToken(vector: TokenCase): Promise<void> {
  const writer = formatter(vector.auth_methods, vector.wire, vector.key);
  const iv = Buffer.from(vector.iv_hex, 'hex');
  const writing = writer.createToken(toPayload(vector.fields), { now: vector.timestamp, iv });
  if (outcomesOf(vector).every(({ expected }) => expected === undefined)) {
    // What no release reads need not be written: times that no token can show are refused before.
    const outcome: unknown = await writing.catch((reason: unknown) => reason);
    if (outcome instanceof InvalidTokenError) return;
  }
  const { id } = await writing;
  const padded = id.padEnd(Math.ceil(id.length / 4) * 4, '=');
  expect(decryptFernet(repositoryKeys, padded)?.plaintext.toString('hex')).to.equal(vector.payload_hex);
  expect(id).to.equal(vector.token);
  await checkDecoding(writer, vector.token, outcomesOf(vector));
}

async function checkAssemble(vector: AssembleCase): Promise<void> {
  const writer = formatter(vector.auth_methods, vector.wire ?? 'newton');
  // Null where the types want a text is refused by whatever meets it first.
  await refused(writer.createToken(toPayload(vector.fields)), Error);
}

function checkFernet(vector: FernetCase): void {
  const key = new FernetKey(vector.key_text);
  const plaintext = Buffer.from(vector.plaintext_hex, 'hex');
  const iv = Buffer.from(vector.iv_hex, 'hex');
  expect(encryptFernet(key, plaintext, { now: vector.timestamp, iv })).to.equal(vector.fernet);
  expect(decryptFernet([key], vector.fernet)).to.deep.equal({ plaintext, timestamp: vector.timestamp });
}

function checkMethods(vector: MethodsCase): void {
  const bits = new MethodBits(vector.auth_methods);
  if (vector.methods !== undefined) expect(bits.toInteger(vector.methods)).to.equal(vector.integer);
  expect(bits.toMethods(vector.integer)).to.deep.equal(vector.decoded);
}

async function inRepository(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function checkLoadKeys(vector: LoadKeysCase): Promise<void> {
  await inRepository(vector.files, async (folder) => {
    for (const name of vector.directories) await mkdir(join(folder, name));
    const { files } = await readKeyFiles(folder);
    expect(files.map(({ text }) => text)).to.deep.equal(vector.expected);
  });
}

async function checkRotateKeys(vector: RotateKeysCase): Promise<void> {
  await inRepository(vector.files, async (folder) => {
    const rotate = async (): Promise<void> => {
      for (let turn = 0; turn < vector.times; turn += 1) {
        await rotateKeys(folder, { maxActiveKeys: vector.max_active_keys });
      }
    };
    if (vector.expected['error'] !== undefined) {
      await refused(rotate(), KeyRotationError);
      return;
    }
    await rotate();
    const origin = new Map(Object.entries(vector.files).map(([name, text]) => [text, `was ${name}`]));
    const outcome: Record<string, string> = {};
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      expect(() => new FernetKey(text)).not.to.throw();
      outcome[name] = origin.get(text) ?? 'new';
    }
    expect(outcome).to.deep.equal(vector.expected);
  });
}

describe('vectors: Fernet tokens', () => {
  eachCase(NAME, file.cases, async (vector) => {
    switch (vector.kind) {
      case 'token':
        return checkToken(vector);
      case 'decode':
        return checkDecoding(formatter(vector.auth_methods, 'newton'), vector.token, outcomesOf(vector));
      case 'assemble':
        return checkAssemble(vector);
      case 'fernet':
        return checkFernet(vector);
      case 'methods':
        return checkMethods(vector);
      case 'load_keys':
        return checkLoadKeys(vector);
      case 'rotate_keys':
        return checkRotateKeys(vector);
    }
  });
});
