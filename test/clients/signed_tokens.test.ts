/** Services that check signed tokens themselves: python-keystoneclient and the openssl command, with our certificates. */
import { execFile, execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  messageFromPem,
  messageFromPki,
  messageFromPkiz,
  messageToPem,
  messageToPki,
  readCertificates,
  signMessage,
  uniqueTokenId,
  verifyMessage,
} from '../../src/common/crypto/cms/index.js';
import { readSigning, type Signing } from '../../src/subsystems/token/signing.js';
import { type Json, tokenOf } from '../api/tenancy.js';
import { V2Cloud } from '../api/v2_cloud.js';
import { ADMIN } from '../support/deployment.js';
import { findPython, needed } from '../support/reference/python.js';
import { createSandbox, OWNER, type Sandbox } from '../unit/cmd/support.js';

interface Saw {
  readonly pki: Json;
  readonly pkiz: Json;
  readonly list: Json;
  readonly hashes: Readonly<Record<'md5' | 'sha256', string>>;
  readonly signed: readonly { readonly text: string; readonly pki: string; readonly pkiz: string }[];
  readonly changed: string;
}

const TEXTS = [
  '{}',
  '{"name":"Zoë","slash":"///"}',
  `{"long":"${'abc '.repeat(3000)}"}`,
  'two\nlines\r\nand a third\n',
  'no line\r',
  '',
];

/** Certificates made by keystone-manage pki_setup, by the names that clients are told. */
async function setUp(sandbox: Sandbox): Promise<Record<'certfile' | 'keyfile' | 'ca_certs', string>> {
  const files = {
    certfile: sandbox.path('ssl/certs/signing_cert.pem'),
    keyfile: sandbox.path('ssl/private/signing_key.pem'),
    ca_certs: sandbox.path('ssl/certs/ca.pem'),
  };
  const lines = Object.entries(files).map(([name, path]) => `${name} = ${path}`);
  const conf = await sandbox.file(
    'keystone.conf',
    ['[signing]', ...lines, `ca_key = ${sandbox.path('ssl/private/cakey.pem')}`, ''].join('\n'),
  );
  const { status, err } = await sandbox.run('--config-file', conf, 'pki_setup', ...OWNER);
  if (status !== 0) throw new Error(err);
  return files;
}

describe('clients that check signed tokens', function limited() {
  this.timeout(120_000);
  let sandbox: Sandbox;
  let files: Awaited<ReturnType<typeof setUp>>;
  before(async function start() {
    this.timeout(120_000);
    sandbox = await createSandbox();
    files = await setUp(sandbox);
  });
  after(() => sandbox?.remove());

  describe('keystoneclient.common.cms (python-keystoneclient)', () => {
    const answers: Record<string, Json> = {};
    const tokens: Record<string, string> = {};
    let revokedId: string;
    let saw: Saw;
    let signing: Signing;
    before(async function start() {
      const python = needed(
        this,
        findPython(['keystoneclient.common.cms']),
        'package python3-keystoneclient is not installed',
      );
      this.timeout(120_000);
      signing = await readSigning(files);
      let list = '';
      revokedId = '';
      for (const provider of ['pki', 'pkiz']) {
        const cloud = await V2Cloud.start({
          token: [`provider = ${provider}`],
          signing: Object.entries(files).map(([name, path]) => `${name} = ${path}`),
        });
        try {
          const admin = await cloud.adminToken();
          const user = { name: ADMIN.name, domain: { id: 'default' }, password: ADMIN.password };
          const auth = {
            identity: { methods: ['password'], password: { user } },
            scope: { project: { name: ADMIN.project, domain: { id: 'default' } } },
          };
          const answer = await cloud.call('main', 'POST', '/v3/auth/tokens', null, { auth });
          tokens[provider] = tokenOf(answer);
          answers[provider] = answer.body;
          const headers = { 'X-Subject-Token': tokenOf(answer) };
          await cloud.call('main', 'DELETE', '/v3/auth/tokens', admin, undefined, headers);
          revokedId = uniqueTokenId(tokenOf(answer), 'md5');
          const { body } = await cloud.call('main', 'GET', '/v3/auth/tokens/OS-PKI/revoked', admin);
          list = body['signed'] as string;
        } finally {
          await cloud.stop();
        }
      }
      const { pki = '', pkiz = '' } = tokens;
      const order = {
        certfile: files.certfile,
        keyfile: files.keyfile,
        ca: files.ca_certs,
        pki,
        pkiz,
        list,
        texts: TEXTS,
        changed: `${pki.slice(0, 300)}${pki[300] === 'A' ? 'B' : 'A'}${pki.slice(301)}`,
      };
      const out = execFileSync(python, [join(import.meta.dirname, 'cms_driver.py')], {
        input: JSON.stringify(order),
        env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' },
        maxBuffer: 16 * 1024 * 1024,
      });
      saw = JSON.parse(out.toString()) as Saw;
    });

    it('reads our tokens as the answers that they came with', () => {
      expect(saw.pki).to.deep.equal(answers['pki']);
      expect(saw.pkiz).to.deep.equal(answers['pkiz']);
      expect(saw.changed).to.equal('refused');
    });

    it('knows them by the same digests', () => {
      for (const mode of ['md5', 'sha256'] as const) {
        expect(uniqueTokenId(tokens['pki'] ?? '', mode)).to.equal(saw.hashes[mode]);
      }
    });

    it('reads our list of revoked tokens', () => {
      const [entry] = saw.list['revoked'] as Json[];
      expect(entry).to.have.all.keys('id', 'expires', 'audit_id');
      expect(entry?.['id']).to.equal(revokedId);
      expect(entry?.['expires']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    });

    it('signs as we do, to the byte, and we read what it signs', async () => {
      for (const { text, pki, pkiz } of saw.signed) {
        expect(messageToPki(await signMessage(text, signing.signer))).to.equal(pki);
        for (const message of [messageFromPki(pki), messageFromPkiz(pkiz)]) {
          const read = verifyMessage(message, signing.trust, Date.now()).toString();
          expect(read).to.equal(text.replace(/\r*\n/g, '\r\n').replace(/\r$/, ''));
        }
      }
    });
  });

  it('find the commands of docs/tokens.md to work', async function test() {
    this.timeout(120_000);
    const page = await readFile(join(import.meta.dirname, '../../docs/tokens.md'), 'utf8');
    const [, commands = ''] = /^```sh\n(.*?)^```$/ms.exec(page) ?? [];
    if ([...commands.matchAll(/^(?:curl|openssl)/gm)].length !== 3) throw new Error('not the commands');
    const cloud = await V2Cloud.start({
      token: ['provider = pki'],
      signing: Object.entries(files).map(([name, path]) => `${name} = ${path}`),
    });
    try {
      const env = { ...process.env, OS_AUTH_URL: `${cloud.urls.main}/v3`, TOKEN: await cloud.adminToken() };
      const { stdout } = await promisify(execFile)('sh', ['-ec', commands], { cwd: sandbox.folder, env });
      expect(JSON.parse(stdout)).to.have.nested.property('token.user.name', ADMIN.name);
    } finally {
      await cloud.stop();
    }
  });

  describe('the openssl command', () => {
    const openssl = (args: readonly string[], input = ''): string =>
      execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
    const sign = [
      'cms',
      '-sign',
      '-outform',
      'PEM',
      '-nosmimecap',
      '-nodetach',
      '-nocerts',
      '-noattr',
      '-md',
      'sha256',
    ];
    const verify = ['cms', '-verify', '-inform', 'PEM', '-nosmimecap', '-nodetach', '-nocerts', '-noattr'];
    before(function start() {
      try {
        openssl(['version']);
      } catch {
        needed(this, null, 'openssl is not installed');
      }
    });

    it('accepts the certificates of keystone-manage pki_setup', () => {
      expect(openssl(['verify', '-x509_strict', '-CAfile', files.ca_certs, files.certfile])).to.match(
        /: OK\n$/,
      );
      const purposes = openssl(['x509', '-in', files.certfile, '-noout', '-purpose']);
      expect(purposes).to.match(/^S\/MIME signing : Yes$/m);
      expect(purposes).to.match(/^S\/MIME signing CA : No$/m);
    });

    it('checks what keys of an authority of your own sign, elliptic curves too', async function test() {
      this.timeout(120_000);
      for (const kind of [
        ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
        ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ]) {
        const path = (name: string): string => sandbox.path(`${kind[0]}-${name}`);
        const [caKey, ca, key, cert, request] = ['cakey', 'ca', 'key', 'cert', 'request'].map(path) as [
          string,
          string,
          string,
          string,
          string,
        ];
        for (const file of [caKey, key]) openssl(['genpkey', '-algorithm', ...kind, '-out', file]);
        openssl([
          'req',
          '-x509',
          '-new',
          '-key',
          caKey,
          '-subj',
          '/O=Authority/CN=Zoë',
          '-utf8',
          '-days',
          '2',
          '-out',
          ca,
        ]);
        openssl(['req', '-new', '-key', key, '-subj', '/O=Cloud/CN=signing', '-out', request]);
        openssl([
          'x509',
          '-req',
          '-in',
          request,
          '-CA',
          ca,
          '-CAkey',
          caKey,
          '-CAcreateserial',
          '-days',
          '1',
          '-out',
          cert,
        ]);
        const { signer, trust } = await readSigning({ certfile: cert, keyfile: key, ca_certs: ca });
        const ours = messageToPem(await signMessage('{"a":"b"}', signer));
        expect(openssl([...verify, '-certfile', cert, '-CAfile', ca], ours)).to.equal('{"a":"b"}');
        const theirs = openssl([...sign, '-signer', cert, '-inkey', key], '{"c":"d"}');
        expect(verifyMessage(messageFromPem(theirs), trust, Date.now()).toString()).to.equal('{"c":"d"}');
      }
    });

    it('signs with certificates and attributes, which no token has: refused', async () => {
      const { trust } = await readSigning(files);
      const options = [...sign, '-signer', files.certfile, '-inkey', files.keyfile];
      for (const without of ['-nocerts', '-noattr', '-nodetach']) {
        const message = openssl(
          options.filter((option) => option !== without),
          '{}',
        );
        expect(() => verifyMessage(messageFromPem(message), trust, Date.now()), without).to.throw();
      }
    });

    it('reads keys that we cannot: protected by a password', async () => {
      const protectedKey = sandbox.path('protected.pem');
      for (const traditional of [[], ['-traditional']]) {
        openssl([
          'pkey',
          '-in',
          files.keyfile,
          '-aes256',
          '-passout',
          'pass:secret',
          ...traditional,
          '-out',
          protectedKey,
        ]);
        const text = readFileSync(protectedKey, 'utf8');
        expect(() => createPrivateKey(text)).to.throw();
        writeFileSync(protectedKey, text, { mode: 0o600 });
        const error = await readSigning({ ...files, keyfile: protectedKey }).then(
          () => null,
          (reason: unknown) => String(reason),
        );
        expect(error).to.contain('protected by a password').and.contain(protectedKey);
      }
      expect(readCertificates(readFileSync(files.certfile, 'utf8'))).to.have.length(1);
    });
  });
});
