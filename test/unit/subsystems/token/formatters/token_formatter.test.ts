import { expect } from 'chai';
import { encryptFernet, FernetKey } from '../../../../../src/common/crypto/fernet.js';
import { KeyRepository } from '../../../../../src/common/crypto/key_repository.js';
import { InvalidTokenError } from '../../../../../src/subsystems/token/formatters/errors.js';
import { MethodBits } from '../../../../../src/subsystems/token/formatters/methods.js';
import type { PackValue, Wire } from '../../../../../src/subsystems/token/formatters/msgpack.js';
import { Float64, pack } from '../../../../../src/subsystems/token/formatters/msgpack.js';
import type { TokenPayload } from '../../../../../src/subsystems/token/formatters/payloads.js';
import { assemble, chooseVersion } from '../../../../../src/subsystems/token/formatters/payloads.js';
import type { TokenKeys } from '../../../../../src/subsystems/token/formatters/token_formatter.js';
import { TokenFormatter } from '../../../../../src/subsystems/token/formatters/token_formatter.js';
import { KeyFolder } from '../../../common/crypto/key_folder.js';

const METHODS = ['external', 'password', 'token', 'oauth1'];
const OPTIONS = { authMethods: METHODS, defaultDomainId: 'default' };
const USER = '1d903d3b1aef266a166c7a2f7ad0ce09';
const PROJECT = 'db27e373c61f23ea256982015cfad709';
const TRUST = '9df0e69905941de8261ba560e2aed90f';
const FEDERATED = { groupIds: [USER, 'a group'], idpId: 'acme', protocolId: 'saml2' };

const UNSCOPED: TokenPayload = {
  userId: USER,
  methods: ['token', 'password'],
  auditIds: ['mTkWd6T2okO6A4ZrklkgIQ', 'QAmWR2TAXdsrrNYhiqqsnA'],
  expiresAt: '2037-12-31T23:59:59.000000Z',
  domainId: null,
  projectId: null,
  trustId: null,
  federatedInfo: null,
  accessTokenId: null,
  system: null,
  appCredId: null,
};

/** The facts that make each version. */
const BY_VERSION: readonly TokenPayload[] = [
  UNSCOPED,
  { ...UNSCOPED, domainId: 'default' },
  { ...UNSCOPED, userId: 'not a UUID, ü', projectId: PROJECT },
  { ...UNSCOPED, projectId: 'text project', trustId: TRUST },
  { ...UNSCOPED, federatedInfo: FEDERATED },
  { ...UNSCOPED, projectId: PROJECT, federatedInfo: { ...FEDERATED, groupIds: [] } },
  { ...UNSCOPED, domainId: 'any domain', federatedInfo: FEDERATED },
  { ...UNSCOPED, projectId: PROJECT, accessTokenId: TRUST },
  { ...UNSCOPED, system: 'all' },
  { ...UNSCOPED, projectId: PROJECT, appCredId: 'x'.repeat(64) },
];

const KEY = FernetKey.generate();

function keysOf(...all: [FernetKey, ...FernetKey[]]): TokenKeys {
  const set = { primary: all[0], all };
  return { keys: () => Promise.resolve(set), renewed: () => Promise.resolve(set) };
}

function formatter(
  options: { readonly wire?: Wire; readonly defaultDomainId?: string } = {},
): TokenFormatter {
  return new TokenFormatter(keysOf(KEY), { ...OPTIONS, ...options });
}

async function reasonOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    (value) => value,
    (reason: unknown) => reason,
  );
}

/** Small and repeatable: a failure can be looked into. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state % limit;
  };
}

describe('Fernet token formatter', () => {
  for (const wire of ['newton', 'zed'] as const) {
    it(`reads all versions written in the spelling of ${wire}, whatever its own spelling`, async () => {
      for (const [version, payload] of BY_VERSION.entries()) {
        expect(chooseVersion(payload)).to.equal(version);
        const { id, issuedAt } = await formatter({ wire }).createToken(payload, { now: 1_484_000_061 });
        expect(issuedAt).to.equal('2017-01-09T22:14:21.000000Z');
        for (const reader of [formatter({ wire: 'newton' }), formatter({ wire: 'zed' })]) {
          expect(await reader.validateToken(id), `version ${version}`).to.deep.equal({
            ...payload,
            issuedAt,
          });
        }
      }
    });
  }

  it('writes tokens without padding, not longer than 255 characters for UUIDs', async () => {
    for (const payload of [UNSCOPED, BY_VERSION[7], { ...UNSCOPED, projectId: PROJECT, trustId: TRUST }]) {
      const { id } = await formatter().createToken(payload ?? UNSCOPED);
      expect(id).to.match(/^gAAAA[A-Za-z0-9_-]+$/);
      expect(id.length).to.be.at.most(255);
    }
  });

  it('keeps the methods of EC2 tokens in the later spelling only', async () => {
    const payload = { ...UNSCOPED, methods: ['ec2credential'] };
    const read = async (wire: Wire): Promise<readonly string[]> =>
      (await formatter().validateToken((await formatter({ wire }).createToken(payload)).id)).methods;
    expect(await read('zed')).to.deep.equal(['ec2credential']);
    expect(await read('newton')).to.deep.equal([]);
  });

  it('has trusts without a project in the later spelling only', async () => {
    const payload = { ...UNSCOPED, trustId: TRUST };
    const { id } = await formatter({ wire: 'zed' }).createToken(payload);
    expect(await formatter().validateToken(id)).to.include({ trustId: TRUST, projectId: null });
    expect(await reasonOf(formatter().createToken(payload))).to.be.instanceOf(InvalidTokenError);
  });

  it('does not take a default domain of 16 characters for a UUID', async () => {
    const own = formatter({ defaultDomainId: 'sixteen-letters!' });
    const { id } = await own.createToken({ ...UNSCOPED, domainId: 'sixteen-letters!' });
    expect((await own.validateToken(id)).domainId).to.equal('sixteen-letters!');
  });

  it('takes every true value before an id for the mark of a UUID, true as Python has it', async () => {
    const uuid = Buffer.from(USER, 'hex');
    const read = async (mark: PackValue, id: PackValue): Promise<string> => {
      const elements = [0, [mark, id], 2, new Float64(2_145_916_799), []];
      const token = encryptFernet(KEY, pack(elements, 'zed'));
      return (await formatter().validateToken(token)).userId;
    };
    for (const mark of [true, 1, 2, 'x', [0]]) expect(await read(mark, uuid)).to.equal(USER);
    for (const mark of [false, 0, new Float64(0), null, '', []])
      expect(await read(mark, 'me')).to.equal('me');
  });

  it('reads booleans as the numbers that they are in Python', async () => {
    const elements = [0, [false, 'me'], true, false, []];
    const token = await formatter().validateToken(encryptFernet(KEY, pack(elements, 'zed')));
    expect(token).to.include({ expiresAt: '1970-01-01T00:00:00.000000Z' });
    expect(token.methods).to.deep.equal(['external']);
  });

  it('reads audit ids in either alphabet of base64, and shows them in the one of URLs', async () => {
    const { id } = await formatter().createToken({ ...UNSCOPED, auditIds: ['+/+/+w==', '-_-_-w'] });
    expect((await formatter().validateToken(id)).auditIds).to.deep.equal(['-_-_-w', '-_-_-w']);
  });

  it('refuses facts that do not fit into a token', async () => {
    const wrong: readonly Partial<TokenPayload>[] = [
      { expiresAt: 'tomorrow' },
      { expiresAt: '2017-02-30T00:00:00Z' },
      { auditIds: ['not base64!'] },
      { auditIds: ['\u00e9\u00e9'] },
      { expiresAt: '9999-12-31T23:59:59-01:00' },
      { auditIds: [''] },
      { domainId: 'another' },
      { projectId: PROJECT, trustId: 'not a UUID' },
      { accessTokenId: TRUST },
      { appCredId: TRUST },
    ];
    for (const facts of wrong) {
      const reason = await reasonOf(formatter().createToken({ ...UNSCOPED, ...facts }));
      expect(reason, JSON.stringify(facts)).to.be.instanceOf(InvalidTokenError);
    }
  });

  it('accepts no token with characters changed, and throws nothing else than its own error (2000 mutations)', async () => {
    const random = randomNumbers(1);
    const reader = formatter();
    const tokens = await Promise.all(BY_VERSION.map((payload) => reader.createToken(payload)));
    const alphabet = 'AZaz09-_+/=%3D \n\u00e9\ud83d\udd11';
    for (let turn = 0; turn < 2000; turn += 1) {
      const { id } = tokens[turn % tokens.length] ?? { id: '' };
      const place = random(id.length - 3);
      // Mutations that base64 itself does not notice are left out: those of unused bits, padding and blanks.
      const changed = [
        id.slice(0, place) + (id[place] === 'x' ? 'y' : 'x') + id.slice(place + 1),
        id.slice(0, place),
        id.slice(place + 1),
        id.slice(0, place) + alphabet.charAt(random(4)) + id.slice(place),
        Array.from(id).reverse().join(''),
        Array.from({ length: place }, () => alphabet.charAt(random(alphabet.length))).join(''),
      ][turn % 6];
      const reason = await reasonOf(reader.validateToken(changed ?? ''));
      expect(reason, `mutation ${turn}: ${changed}`).to.be.instanceOf(InvalidTokenError);
    }
  });

  it('throws nothing else than its own error for signed payloads of random content (4000 mutations)', async () => {
    const random = randomNumbers(2);
    const reader = formatter();
    const methods = new MethodBits(METHODS);
    let accepted = 0;
    for (let turn = 0; turn < 4000; turn += 1) {
      const payload = BY_VERSION[turn % BY_VERSION.length] ?? UNSCOPED;
      const wire = turn % 2 === 0 ? 'newton' : 'zed';
      const bytes = [...pack(assemble(payload, { methods, defaultDomainId: 'default', wire }), wire)];
      for (let count = random(3); count >= 0; count -= 1) {
        bytes.splice(
          random(bytes.length),
          random(3),
          ...Array.from({ length: random(3) }, () => random(256)),
        );
      }
      const outcome = await reasonOf(reader.validateToken(encryptFernet(KEY, Buffer.from(bytes))));
      if (!(outcome instanceof InvalidTokenError)) {
        // Only a payload that still says something sensible may pass.
        expect(outcome).not.to.be.instanceOf(Error);
        expect(outcome).to.have.property('userId').that.is.a('string');
        accepted += 1;
      }
    }
    expect(accepted).to.be.within(1, 2000);
  });

  it('refuses every token that is cut short, and text that never was one', async () => {
    const { id } = await formatter().createToken(UNSCOPED);
    for (let length = 0; length < id.length; length += 1) {
      expect(await reasonOf(formatter().validateToken(id.slice(0, length)))).to.be.instanceOf(
        InvalidTokenError,
      );
    }
    for (const text of ['%3D', '%', '=', '====', '\0', 'é'.repeat(9), '\ud800', 'A'.repeat(65_536)]) {
      expect(await reasonOf(formatter().validateToken(text))).to.be.instanceOf(InvalidTokenError);
    }
  });

  it('says nothing of the token in its errors', async () => {
    const { id } = await formatter().createToken(UNSCOPED);
    const reason = await reasonOf(
      new TokenFormatter(keysOf(FernetKey.generate()), OPTIONS).validateToken(id),
    );
    expect(String(reason)).not.to.include(id.slice(0, 20));
  });

  it('reads a token of a key that came after the keys were loaded', async () => {
    const folder = await KeyFolder.create();
    try {
      await folder.put('0');
      await folder.put('1');
      const open = (): KeyRepository =>
        new KeyRepository(folder.path, { kind: 'fernet_tokens', onNote: () => undefined });
      const [here, there] = [open(), open()];
      await here.keys();
      await there.rotate(3);
      await there.rotate(3);
      const { id } = await new TokenFormatter(there, OPTIONS).createToken(UNSCOPED);
      expect((await new TokenFormatter(here, OPTIONS).validateToken(id)).userId).to.equal(USER);
    } finally {
      await folder.remove();
    }
  });
});
