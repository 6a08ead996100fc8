import { createPrivateKey } from 'node:crypto';
import { expect } from 'chai';
import {
  CmsError,
  type DigestName,
  isPki,
  isPkiz,
  messageFromPki,
  messageFromPkiz,
  messageToPem,
  messageToPki,
  messageToPkiz,
  pemToPki,
  pkiToPem,
  readCertificates,
  type Signer,
  signMessage,
  uncompressPkiz,
  uniqueTokenId,
  verifyMessage,
} from '../../src/common/crypto/cms/index.js';
import { eachCase, type VectorCase, type VectorFile, vectorFile } from './support.js';

interface Classified {
  readonly token: string;
  readonly is_asn1_token: boolean;
  readonly is_pkiz: boolean;
  readonly hashes: Readonly<Partial<Record<DigestName, string>>>;
}

interface Signed {
  readonly text: string;
  readonly digest?: DigestName;
  readonly signer: string;
  readonly key: string;
}

type Case = VectorCase &
  (
    | (Signed & Classified & { readonly kind: 'pki'; readonly verified: string })
    | (Signed &
        Classified & { readonly kind: 'pkiz'; readonly uncompressed: string; readonly verified: string })
    | (Signed & { readonly kind: 'cms_sign_text'; readonly signed: string })
    | (Classified & { readonly kind: 'classify'; readonly hash_default: string })
    | {
        readonly kind: 'verify';
        readonly form: 'pki' | 'pkiz';
        readonly token: string;
        readonly signer: string;
        readonly ca: string;
        readonly verified?: string;
      }
    | { readonly kind: 'token_to_cms' | 'cms_to_token'; readonly token: string; readonly cms: string }
  );

interface File extends VectorFile<Case> {
  readonly material: Readonly<Record<string, string>>;
}

const NAME = 'pki_tokens.json';
const file = vectorFile<File>(NAME);

function material(name: string): string {
  const pem = file.material[name];
  if (pem === undefined) throw new Error(`no material ${name}`);
  return pem;
}

function signerOf({ signer, key }: Signed): Signer {
  const [certificate] = readCertificates(material(signer));
  if (certificate === undefined) throw new Error('no certificate');
  return { certificate, key: createPrivateKey(material(key)) };
}

/** What was signed for a vector is vouched for by one of the authorities of its file. */
const AUTHORITIES = Object.keys(file.material).filter((name) => name.endsWith('ca_cert'));

function verified(message: Buffer, signer: string, ...authorities: readonly string[]): string {
  const trust = {
    certificates: readCertificates(material(signer)),
    authorities: authorities.flatMap((name) => readCertificates(material(name))),
  };
  return verifyMessage(message, trust, Date.now()).toString('utf8');
}

function checkClass({ token, is_asn1_token, is_pkiz, hashes }: Classified): void {
  expect([isPki(token), isPkiz(token)]).to.deep.equal([is_asn1_token, is_pkiz]);
  for (const [digest, hash] of Object.entries(hashes)) {
    expect(uniqueTokenId(token, digest as DigestName)).to.equal(hash);
  }
}

describe('vectors: PKI tokens', () => {
  eachCase(NAME, file.cases, async (vector) => {
    switch (vector.kind) {
      case 'pki': {
        const message = await signMessage(vector.text, signerOf(vector), vector.digest);
        expect(messageToPki(message)).to.equal(vector.token);
        expect(verified(messageFromPki(vector.token), vector.signer, ...AUTHORITIES)).to.equal(
          vector.verified,
        );
        return checkClass(vector);
      }
      case 'pkiz': {
        const message = await signMessage(vector.text, signerOf(vector), vector.digest);
        expect(messageToPem(message)).to.equal(vector.uncompressed);
        expect(uncompressPkiz(await messageToPkiz(message)).toString()).to.equal(vector.uncompressed);
        expect(uncompressPkiz(vector.token).toString()).to.equal(vector.uncompressed);
        expect(verified(messageFromPkiz(vector.token), vector.signer, ...AUTHORITIES)).to.equal(
          vector.verified,
        );
        return checkClass(vector);
      }
      case 'cms_sign_text': {
        expect(messageToPem(await signMessage(vector.text, signerOf(vector), vector.digest))).to.equal(
          vector.signed,
        );
        return;
      }
      case 'classify': {
        expect(uniqueTokenId(vector.token, 'md5')).to.equal(vector.hash_default);
        return checkClass(vector);
      }
      case 'verify': {
        const read = vector.form === 'pki' ? messageFromPki : messageFromPkiz;
        const verify = (): string => verified(read(vector.token), vector.signer, vector.ca);
        if (vector.verified === undefined) expect(verify).to.throw(CmsError);
        else expect(verify()).to.equal(vector.verified);
        return;
      }
      case 'token_to_cms': {
        expect(pkiToPem(vector.token)).to.equal(vector.cms);
        return;
      }
      case 'cms_to_token': {
        expect(pemToPki(vector.cms)).to.equal(vector.token);
        return;
      }
    }
  });
});
