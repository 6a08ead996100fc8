/** The decoders of tokens, each with good tokens, ways to spoil them, and what it may answer. */
import { createPrivateKey } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import {
  CmsError,
  messageFromPki,
  messageFromPkiz,
  messageToPem,
  messageToPki,
  readCertificates,
  signMessage,
  verifyMessage,
} from '../../src/common/crypto/cms/index.js';
import { makeCertificates } from '../../src/common/crypto/cms/make_certificates.js';
import { FernetKey } from '../../src/common/crypto/fernet.js';
import { InvalidTokenError } from '../../src/subsystems/token/formatters/errors.js';
import { MethodBits } from '../../src/subsystems/token/formatters/methods.js';
import { pack, unpackArray } from '../../src/subsystems/token/formatters/msgpack.js';
import { assemble, disassemble, type TokenPayload } from '../../src/subsystems/token/formatters/payloads.js';
import { TokenFormatter } from '../../src/subsystems/token/formatters/token_formatter.js';
import { mutate, mutateText, noise, type Random } from './mutations.js';

export interface Decoder<Input extends string | Buffer = string | Buffer> {
  readonly name: string;
  readonly good: readonly Input[];
  /** A bad input. */
  spoil(random: Random): Input;
  /** What the input says, as a text to compare by. @throws an error that `refuses` when it is refused */
  decode(input: Input): string | Promise<string>;
  /** Whether an error is a refusal, as opposed to an accident. */
  refuses(error: unknown): boolean;
  /** Whether what is read is proven to come from us: then nothing but what good inputs say may be read. */
  readonly authentic: boolean;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\n';
const OPTIONS = { authMethods: ['external', 'password', 'token', 'oauth1'], defaultDomainId: 'default' };
const WIRES = ['newton', 'zed'] as const;

const id = (digit: string): string => digit.repeat(32);

/** One of each kind. */
function payloads(): TokenPayload[] {
  const base: TokenPayload = {
    userId: id('1'),
    methods: ['password', 'token'],
    auditIds: ['AAAAAAAAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBBBBBBBA'],
    expiresAt: '2037-01-01T00:00:00.000000Z',
    domainId: null,
    projectId: null,
    trustId: null,
    federatedInfo: null,
    accessTokenId: null,
    system: null,
    appCredId: null,
  };
  const groupIds = Array.from({ length: 40 }, (_each, index) => index.toString(16).padStart(32, 'a'));
  const federatedInfo = { groupIds, idpId: 'idp', protocolId: 'mapped' };
  return [
    base,
    { ...base, userId: 'ann@directory.example', auditIds: ['AAAAAAAAAAAAAAAAAAAAAA'] },
    { ...base, domainId: 'default' },
    { ...base, projectId: id('2') },
    { ...base, projectId: id('2'), trustId: id('3') },
    { ...base, federatedInfo },
    { ...base, federatedInfo, projectId: id('2') },
    { ...base, federatedInfo, domainId: id('4') },
    { ...base, projectId: id('2'), accessTokenId: id('5') },
  ];
}

async function fernetDecoder(random: Random): Promise<Decoder<string>> {
  const keys = [1, 2].map(() => new FernetKey(random.bytes(32).toString('base64url').padEnd(44, '=')));
  const [primary] = keys;
  if (primary === undefined) throw new Error('no key');
  const set = { primary, all: keys };
  const repository = { keys: () => Promise.resolve(set), renewed: () => Promise.resolve(set) };
  const good: string[] = [];
  for (const wire of WIRES) {
    const formatter = new TokenFormatter(repository, { ...OPTIONS, wire });
    for (const payload of payloads()) good.push((await formatter.createToken(payload)).id);
  }
  const reader = new TokenFormatter(repository, OPTIONS);
  return {
    name: 'fernet',
    good,
    spoil(by) {
      const token = by.pick(good);
      const kind = by.below(8);
      if (kind < 4) return mutate(Buffer.from(token, 'base64url'), by).toString('base64url');
      return kind < 7 ? mutateText(token, by) : noise(by.pick(['', 'gAAAAA']), BASE64, by);
    },
    decode: async (input) => JSON.stringify(await reader.validateToken(input)),
    refuses: (error) => error instanceof InvalidTokenError,
    authentic: true,
  };
}

function msgpackDecoder(): Decoder<Buffer> {
  const methods = new MethodBits(OPTIONS.authMethods, {});
  const context = { methods, defaultDomainId: OPTIONS.defaultDomainId, wire: 'newton' } as const;
  const good = WIRES.flatMap((wire) =>
    payloads().map((payload) => pack(assemble(payload, { ...context, wire }), wire)),
  );
  return {
    name: 'msgpack',
    good,
    spoil(by) {
      if (by.below(8) > 0) return mutate(by.pick(good), by);
      const size = by.below(by.below(50) === 0 ? 30_000 : 300);
      // Nested without end, or announced larger than it is.
      const header = by.pick([
        Buffer.of(0x91),
        Buffer.of(0xdc, 0xff, 0xff),
        Buffer.of(0xdd, 1, 0xff, 0xff, 0xff),
      ]);
      return by.below(2) === 0 ? by.bytes(size) : Buffer.concat(Array<Buffer>(size).fill(header));
    },
    decode: (input) => JSON.stringify(disassemble(unpackArray(input), context)),
    refuses: (error) => error instanceof InvalidTokenError,
    authentic: false,
  };
}

async function signedDecoders(): Promise<readonly [Decoder<string>, Decoder<string>]> {
  const made = await makeCertificates({ subject: '/O=Fuzzing/CN=signing', validDays: 2, keySize: 2048 });
  const certificates = readCertificates(made.certificate);
  const trust = { certificates, authorities: readCertificates(made.caCertificate) };
  const [certificate] = certificates;
  if (certificate === undefined) throw new Error('no certificate');
  const signer = { certificate, key: createPrivateKey(made.key) };
  const texts = [
    '{}',
    JSON.stringify({ token: payloads() }),
    '{"revoked": []}',
    `{"a":"${'b'.repeat(9000)}"}`,
  ];
  const messages = await Promise.all(texts.map((text) => signMessage(text, signer)));
  const compress = (text: Buffer | string): string => `PKIZ_${deflateSync(text).toString('base64url')}`;
  const padded = (text: string): string => text.padEnd(5 + Math.ceil((text.length - 5) / 4) * 4, '=');
  const verify = (message: Buffer): string => verifyMessage(message, trust, Date.now()).toString();
  const common = { refuses: (error: unknown): boolean => error instanceof CmsError, authentic: true };
  const pki = messages.map(messageToPki);
  const pkiz = messages.map((message) => padded(compress(messageToPem(message))));
  const bombs = [1, 10].map((megabytes) => padded(compress(Buffer.alloc(megabytes * 1024 * 1024, 'A'))));
  return [
    {
      ...common,
      name: 'pki',
      good: pki,
      spoil(by) {
        const kind = by.below(8);
        if (kind < 5) return messageToPki(mutate(by.pick(messages), by));
        return kind < 7 ? mutateText(by.pick(pki), by) : noise(by.pick(['', 'MII']), BASE64, by);
      },
      decode: (input) => verify(messageFromPki(input)),
    },
    {
      ...common,
      name: 'pkiz',
      good: pkiz,
      spoil(by) {
        const kind = by.below(16);
        if (kind < 5) return padded(compress(messageToPem(mutate(by.pick(messages), by))));
        if (kind < 7) return padded(compress(mutateText(messageToPem(by.pick(messages)), by)));
        if (kind < 10) {
          const compressed = mutate(Buffer.from(by.pick(pkiz).slice(5), 'base64url'), by);
          return padded(`PKIZ_${compressed.toString('base64url')}`);
        }
        if (kind < 14) return mutateText(by.pick(pkiz), by);
        return by.below(20) === 0 ? by.pick(bombs) : noise(by.pick(['', 'PKIZ_']), BASE64, by);
      },
      decode: (input) => verify(messageFromPkiz(input)),
    },
  ];
}

/** All decoders. Keys are new each time; what is done to tokens follows from the seed. */
export async function decoders(random: Random): Promise<readonly Decoder[]> {
  return [await fernetDecoder(random), ...(await signedDecoders()), msgpackDecoder()];
}
