/** Signed messages: what is refused, and why; what vectors cannot show. */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import {
  type Certificate,
  CertificateError,
  CmsError,
  checkChain,
  MAX_MESSAGE_BYTES,
  messageFromPem,
  messageFromPki,
  messageFromPkiz,
  messageToPem,
  messageToPki,
  messageToPkiz,
  readCertificates,
  type Signer,
  signMessage,
  type Trust,
  uncompressPkiz,
  verifyMessage,
} from '../../../../src/common/crypto/cms/index.js';
import { makeCertificates, SubjectError } from '../../../../src/common/crypto/cms/make_certificates.js';
import { EXPIRED_CA, RENEWED_CA, SIGNER, SIGNER_OF_ANYTHING } from '../../../support/chain_certificates.js';
import { rejection } from '../../../support/rejection.js';
import { newCertificates } from '../../../support/signing_files.js';

const DAY = 86_400_000;

describe('signed messages', () => {
  let signer: Signer;
  let trust: Trust;
  let message: Buffer;
  before(async () => {
    const made = await newCertificates();
    const certificates = readCertificates(made.certificate);
    signer = { certificate: certificates[0] as Certificate, key: createPrivateKey(made.key) };
    trust = { certificates, authorities: readCertificates(made.caCertificate) };
    message = await signMessage('{"token":{}}', signer);
  });

  const verify = (bytes: Buffer, now = Date.now()): string => verifyMessage(bytes, trust, now).toString();

  it('are read while the certificates are valid, and not before or afterwards', () => {
    expect(verify(message)).to.equal('{"token":{}}');
    expect(() => verify(message, Date.now() - DAY)).to.throw(CmsError, 'is not valid yet');
    expect(() => verify(message, Date.now() + 3 * DAY)).to.throw(CmsError, 'has expired');
  });

  it('are refused from whoever is not vouched for', async () => {
    const other = await newCertificates();
    const stranger = readCertificates(other.certificate);
    const authorities = readCertificates(other.caCertificate);
    expect(() => verifyMessage(message, { ...trust, certificates: stranger }, Date.now())).to.throw(
      'not known',
    );
    expect(() => verifyMessage(message, { ...trust, authorities }, Date.now())).to.throw(CmsError, 'issuer');
    // A certificate that is trusted as an authority is none for that.
    const pretender = { certificates: trust.certificates, authorities: trust.certificates };
    expect(() => verifyMessage(message, pretender, Date.now())).to.throw(CmsError);
  });

  it('hold for every byte: none can be changed, left out or added', () => {
    for (let at = 0; at < message.length; at += 1) {
      const changed = Buffer.from(message);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(() => verify(changed), `byte ${at}`).to.throw(CmsError);
      expect(() => verify(message.subarray(0, at)), `${at} bytes`).to.throw(CmsError);
    }
    expect(() => verify(Buffer.concat([message, Buffer.of(0)]))).to.throw(CmsError);
  });

  it('are bounded, compressed or not', async () => {
    const large = await signMessage('x'.repeat(MAX_MESSAGE_BYTES), signer);
    expect(() => verify(large)).to.throw(CmsError, 'too large');
    expect(() => messageFromPem(messageToPem(Buffer.concat([large, large])))).to.throw(CmsError, 'too large');
    const bomb = `PKIZ_${deflateSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64url')}`;
    const padded = bomb.padEnd(5 + Math.ceil((bomb.length - 5) / 4) * 4, '=');
    const before = process.memoryUsage().rss;
    expect(() => uncompressPkiz(padded)).to.throw(CmsError, 'cannot be uncompressed');
    expect(process.memoryUsage().rss - before).to.be.lessThan(32 * 1024 * 1024);
    expect(() => uncompressPkiz(`PKIZ_${'A'.repeat(1024 * 1024)}`)).to.throw(CmsError, 'too large');
  });

  it('come back from both forms of tokens', async () => {
    expect(messageFromPki(messageToPki(message))).to.deep.equal(message);
    expect(messageFromPkiz(await messageToPkiz(message))).to.deep.equal(message);
  });

  it('are read from PEM as OpenSSL reads it: labels on lines of their own, the older one as well', () => {
    const pem = messageToPem(message);
    const [begin = ''] = pem.split('\n');
    for (const good of [
      pem.replaceAll('CMS', 'PKCS7'),
      pem.replaceAll('\n', ' \r\n'),
      `\ufeff${pem}`,
      `text\n${pem}text`,
      pem.replace(begin, `${begin}\n`),
    ]) {
      expect(messageFromPem(good), good.slice(0, 40)).to.deep.equal(message);
    }
    for (const bad of [
      `text ${pem}`,
      `${pem.trimEnd()}text`,
      pem.replaceAll('\n', '\n '),
      pem.replaceAll('CMS', 'CERTIFICATE'),
      pem.replace('MII', 'MII\n\n'),
      pem.replace(`${begin}\nMII`, `${begin}\n\nMII\n`),
    ]) {
      expect(() => messageFromPem(bad), bad.slice(0, 40)).to.throw(CmsError);
    }
  });

  it('name MD5 with the empty parameters that it always had, and no other digest', async () => {
    const md5 = Buffer.from('300c06082a864886f70d02050500', 'hex');
    const sha1 = Buffer.from('300706052b0e03021a', 'hex');
    expect((await signMessage('{}', signer, 'md5')).includes(md5)).to.equal(true);
    expect((await signMessage('{}', signer, 'sha1')).includes(sha1)).to.equal(true);
  });

  it('are never quoted in errors', () => {
    const secret = messageToPki(message);
    for (const bad of [secret.slice(0, -9), `${secret}AAAA`, `PKIZ_${secret}`]) {
      for (const read of [messageFromPki, messageFromPkiz]) {
        expect(() => verify(read(bad)))
          .to.throw(Error)
          .with.property('stack')
          .that.does.not.contain(secret.slice(20, 60));
      }
    }
  });

  it('cannot be made with keys of other kinds', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const error = await rejection(signMessage('{}', { ...signer, key: privateKey }));
    expect(error).to.be.instanceOf(CmsError).with.property('message').that.contains('ed25519');
  });
});

describe('certificates for signatures', () => {
  it('are of the subject that is asked for, in the form of OpenSSL', async () => {
    const subject = String.raw`/C=DE/ST=Bavaria/L=Munich/O=A\/B/OU=Zoë/CN=a=b/emailAddress=a@example.com`;
    const made = await makeCertificates({ subject, validDays: 30, keySize: 2048 });
    for (const pem of [made.certificate, made.caCertificate]) {
      const certificate = new X509Certificate(pem);
      expect(certificate.subject.split('\n')).to.deep.equal([
        'C=DE',
        'ST=Bavaria',
        'L=Munich',
        'O=A/B',
        'OU=Zoë',
        'CN=a=b',
        'emailAddress=a@example.com',
      ]);
      const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / DAY;
      expect(days).to.equal(30);
    }
    expect(new X509Certificate(made.caCertificate).ca).to.equal(true);
    expect(new X509Certificate(made.certificate).ca).to.equal(false);
    expect(createPrivateKey(made.key).asymmetricKeyDetails?.modulusLength).to.equal(2048);
  });

  it('are not made of what is no subject', async () => {
    for (const [subject, problem] of [
      ['', 'form'],
      ['CN=a', 'form'],
      ['/CN=a/', 'form'],
      ['/CN=', 'empty'],
      ['/C=Germany', 'two letters'],
      ['/X=1', 'X is no part'],
      ['/toString=1', 'toString is no part'],
    ] as const) {
      const error = await makeCertificates({ subject, validDays: 1, keySize: 2048 }).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, subject).to.be.instanceOf(SubjectError);
      expect(String(error), subject).to.contain(problem);
    }
  });

  it('are found in bundles, and nothing else is', async () => {
    const made = await newCertificates();
    const bundle = `comment\n${made.certificate}\n\n${made.caCertificate}trailing`;
    expect(readCertificates(bundle)).to.have.length(2);
    expect(readCertificates(made.certificate.replaceAll('\n', '\r\n'))).to.have.length(1);
    for (const bad of ['', made.key, made.certificate.replace('MII', 'AAA'), '-----BEGIN CERTIFICATE-----']) {
      expect(() => readCertificates(bad)).to.throw(CertificateError);
    }
  });

  it('are vouched for by an authority that has renewed its own, while the old one is still there', () => {
    const [signer] = readCertificates(SIGNER) as [Certificate];
    const authorities = readCertificates(EXPIRED_CA + RENEWED_CA);
    checkChain(signer, [], authorities, Date.now());
    expect(() => checkChain(signer, [], authorities.slice(0, 1), Date.now())).to.throw('has expired');
  });

  it('must be made for messages by name: "any purpose" is not enough for OpenSSL', () => {
    const [signer] = readCertificates(SIGNER_OF_ANYTHING) as [Certificate];
    expect(() => checkChain(signer, [], readCertificates(RENEWED_CA), Date.now())).to.throw(
      CertificateError,
      'not made for signatures',
    );
  });

  it('must be made for signatures', async () => {
    const made = await newCertificates();
    const [ca] = readCertificates(made.caCertificate) as [Certificate];
    expect(() => checkChain(ca, [], [ca], Date.now())).to.throw(CertificateError, 'not made for signatures');
  });
});
