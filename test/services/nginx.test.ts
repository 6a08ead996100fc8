/** The sample of httpd/nginx in a real nginx, in front of the service. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RunningServer, startServer } from '../../src/server/server.js';
import { ADMIN, createDeployment, type Deployment } from '../support/deployment.js';
import { passwordAuth, send, signIn } from '../support/http_client.js';
import { needed } from '../support/reference/python.js';
import { nginxMissing, type RunningNginx, startNginx } from '../support/services/nginx.js';
import { findProgram, freePort, serverAccount } from '../support/services/processes.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const EXTERNAL = JSON.stringify({ auth: { identity: { methods: ['external'], external: {} } } });
const linksOf = (text: string): string[] =>
  [...text.matchAll(/"href": ?"([^"]+)"/g)].map(([, link = '']) => link);

describe('nginx with the file of httpd/nginx', function withNginx() {
  this.timeout(120_000);
  let folder: string;
  let deployment: Deployment;
  let server: RunningServer;
  let nginx: RunningNginx;
  let ca: string;
  let at: Record<'public' | 'admin' | 'paths', string>;

  before(async function start() {
    this.timeout(120_000);
    const missing = nginxMissing() ?? (findProgram('openssl') === null ? 'openssl not found' : null);
    needed(this, missing === null ? true : null, missing ?? '');
    folder = await mkdtemp(join(tmpdir(), 'keystone-front-'));
    chmodSync(folder, 0o755);
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', certificate, ...names], {
      stdio: 'ignore',
    });
    const account = serverAccount('www-data', 'nginx');
    if (account !== null) chownSync(key, account.uid, account.gid);
    ca = readFileSync(certificate, 'utf8');

    deployment = await createDeployment({
      conf: {
        DEFAULT: ['crypt_strength = 1000'],
        auth: ['methods = external,password,token'],
        oslo_middleware: ['enable_proxy_headers_parsing = true'],
        keystone_koa: ['trusted_proxies = 127.0.0.1,unix'],
      },
    });
    const socket = join(folder, 'admin.sock');
    server = await startServer(deployment.load(), [
      { name: 'main', address: { kind: 'tcp', host: '127.0.0.1', port: 0 } },
      { name: 'admin', address: { kind: 'unix', path: socket } },
    ]);
    if (account !== null) chownSync(socket, 0, account.gid);
    const [main] = server.serving;
    const backEnd = main?.address.kind === 'tcp' ? main.address.port : 0;
    const [publicPort, adminPort, pathsPort] = [await freePort(), await freePort(), await freePort()];
    at = {
      public: `http://127.0.0.1:${publicPort}`,
      admin: `http://127.0.0.1:${adminPort}`,
      paths: `https://localhost:${pathsPort}/identity`,
    };
    nginx = await startNginx({
      port: publicPort,
      edits: {
        'server 127.0.0.1:5001 ': `server 127.0.0.1:${backEnd} `,
        // One of the two by a UNIX socket, as the comment says.
        'server 127.0.0.1:35358 ': `server unix:${socket} `,
        'listen 5000;': `listen 127.0.0.1:${publicPort};`,
        'listen 35357;': `listen 127.0.0.1:${adminPort};`,
        'listen 443 ssl;': `listen 127.0.0.1:${pathsPort} ssl;`,
        'keystone.example.com': 'localhost',
        '/etc/ssl/certs/keystone.pem': certificate,
        '/etc/ssl/private/keystone.key': key,
      },
    });
  });
  after(async () => {
    await nginx?.stop();
    await server?.stop();
    await deployment?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('serves the endpoints by TCP, UNIX socket and TLS, with links to where the client came', async () => {
    const spoofed = {
      'X-Forwarded-Proto': 'gopher',
      'X-Forwarded-Host': 'evil.example.com',
      'X-Forwarded-Prefix': '/evil',
      Forwarded: 'host=evil.example.com',
    };
    const adminPaths = at.paths.replace('/identity', '/identity_admin');
    for (const base of [at.public, at.admin, at.paths, adminPaths]) {
      const { status, text } = await send(`${base}/`, { headers: spoofed, ca });
      expect(status).to.equal(300);
      expect(linksOf(text)).to.include(`${base}/v3/`);
      expect(text).not.to.include('evil');
    }
    expect((await send(at.paths, { ca })).status).to.equal(300);
    for (const path of ['/identityx', '/v3'])
      expect((await send(at.paths.replace('/identity', path), { ca })).status, path).to.equal(404);
  });

  it('removes what a client says about who it is', async () => {
    const basic = `Basic ${Buffer.from('admin:anything').toString('base64')}`;
    for (const headers of [
      { 'X-Remote-User': 'admin' },
      { x_remote_user: 'admin' },
      { 'X-Remote-User': 'admin', 'X-Auth-Type': 'Negotiate', Connection: 'close, X-Remote-User' },
      // nginx takes its $remote_user from here without a look at the password.
      { Authorization: basic },
    ]) {
      for (const base of [at.public, at.admin, at.paths]) {
        const { status } = await send(`${base}/v3/auth/tokens`, {
          method: 'POST',
          headers: { ...JSON_TYPE, ...headers },
          body: EXTERNAL,
          ca,
        });
        expect(status, `${base} ${JSON.stringify(headers)}`).to.equal(401);
      }
    }
  });

  it('takes requests in chunks and names with a slash, and lets the service refuse what is too large', async () => {
    const auth = JSON.stringify(passwordAuth(ADMIN.name, ADMIN.password, ADMIN.project));
    const chunked = { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' };
    const sent = { method: 'POST', headers: chunked, ca };
    for (const base of [at.public, at.admin, at.paths]) {
      const got = await send(`${base}/v3/auth/tokens`, {
        ...sent,
        body: [auth.slice(0, 40), auth.slice(40)],
      });
      expect(got.status, got.text).to.equal(201);
    }
    const token = await signIn(at.public, ADMIN);
    const asAdmin = { ...JSON_TYPE, 'X-Auth-Token': token };
    await send(`${at.public}/v3/regions`, {
      method: 'POST',
      headers: asAdmin,
      body: JSON.stringify({ region: { id: 'here/there' } }),
    });
    for (const base of [at.public, at.admin, at.paths])
      expect((await send(`${base}/v3/regions/here%2Fthere`, { headers: asAdmin, ca })).status, base).to.equal(
        200,
      );
    const large = await send(`${at.public}/v3/auth/tokens`, { ...sent, body: ['x'.repeat(200_000)] });
    expect(large.status).to.equal(413);
    const long = await send(`${at.public}/v3/users`, { headers: { 'X-Auth-Token': 'a'.repeat(14_000) } });
    expect(long.status).to.equal(401);
  });

  it('keeps tokens of v2.0 out of the log', async () => {
    const token = await signIn(at.public, ADMIN);
    await send(`${at.public}/v2.0/tokens/${token}`, { headers: { 'X-Auth-Token': token } });
    await send(`${at.public}/v3/users?marker-of-this-test`);
    // A line is written after the answer was sent: that of a later request may come first.
    let log = '';
    const isWhole = (): boolean =>
      log.includes('marker-of-this-test') && (log.includes(token) || log.includes('GET (token of v2.0)'));
    while (!isWhole()) log = await nginx.log('keystone_public_access.log');
    expect(log).not.to.include(token);
  });
});
