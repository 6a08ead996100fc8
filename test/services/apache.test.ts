/** The site files of httpd/ in a real Apache, in front of the service. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type RunningServer, startServer } from '../../src/server/server.js';
import { type Client, startClient } from '../clients/client.js';
import { ADMIN, createDeployment, type Deployment } from '../support/deployment.js';
import { send, signIn } from '../support/http_client.js';
import { needed } from '../support/reference/python.js';
import { apacheMissing, type RunningApache, startApache } from '../support/services/apache.js';
import { findProgram, freePort, serverAccount } from '../support/services/processes.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const EXTERNAL = JSON.stringify({ auth: { identity: { methods: ['external'], external: {} } } });
/** What somebody would send who wants to be somebody else, or somewhere else. */
const SPOOFED = {
  'X-Remote-User': 'admin',
  'X-Remote-Domain': 'Default',
  'X-Auth-Type': 'Negotiate',
  x_remote_user: 'admin',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'evil.example.com',
  'X-Forwarded-Prefix': '/evil',
  Forwarded: 'proto=https;host=evil.example.com',
};

/** Links of a list of versions. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/"href": ?"([^"]+)"/g)].map(([, link = '']) => link);

describe('Apache with the files of httpd/', function withApache() {
  this.timeout(120_000);
  let folder: string;
  let deployment: Deployment;
  let server: RunningServer;
  let apache: RunningApache;
  let ca: string;
  /** Addresses through Apache, by what they show, and of the service itself. */
  let at: Record<'public' | 'admin' | 'paths' | 'tls' | 'tlsPaths' | 'socket' | 'itself', string>;
  let ports: Record<'public' | 'admin' | 'paths' | 'tls' | 'tlsAdmin' | 'tlsPaths' | 'socket', number>;

  function makeCertificate(): void {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...names], { stdio: 'ignore' });
    // Apache runs as an account of its own from the start here, where it would read the key as root.
    const account = serverAccount('www-data', 'apache');
    if (account !== null) chownSync(key, account.uid, account.gid);
    ca = readFileSync(certificate, 'utf8');
  }

  function tcp(name: string): number {
    const address = server.serving.find((each) => each.name === name && each.address.kind === 'tcp')?.address;
    return address?.kind === 'tcp' ? address.port : 0;
  }

  before(async function start() {
    this.timeout(120_000);
    const missing = apacheMissing() ?? (findProgram('openssl') === null ? 'openssl not found' : null);
    needed(this, missing === null ? true : null, missing ?? '');
    folder = await mkdtemp(join(tmpdir(), 'keystone-front-'));
    chmodSync(folder, 0o755);
    makeCertificate();
    deployment = await createDeployment({
      conf: {
        DEFAULT: ['crypt_strength = 1000'],
        auth: ['methods = external,password,token'],
        oslo_middleware: ['enable_proxy_headers_parsing = true'],
        keystone_koa: ['trusted_proxies = 127.0.0.1,unix'],
      },
    });
    const socket = join(folder, 'public.sock');
    const local = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
    server = await startServer(deployment.load(), [
      { name: 'main', address: local },
      { name: 'admin', address: local },
      { name: 'main', address: { kind: 'unix', path: socket } },
    ]);
    // As the operator does: the account of the web server belongs to the group of the socket.
    const account = serverAccount('www-data', 'apache');
    if (account !== null) chownSync(socket, 0, account.gid);

    const names = ['public', 'admin', 'paths', 'tls', 'tlsAdmin', 'tlsPaths', 'socket'] as const;
    ports = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
    ) as typeof ports;
    at = {
      public: `http://127.0.0.1:${ports.public}`,
      admin: `http://127.0.0.1:${ports.admin}`,
      paths: `http://localhost:${ports.paths}/identity`,
      tls: `https://localhost:${ports.tls}`,
      tlsPaths: `https://localhost:${ports.tlsPaths}/identity`,
      socket: `http://127.0.0.1:${ports.socket}`,
      itself: `http://127.0.0.1:${tcp('main')}`,
    };
    const passwords = join(folder, 'htpasswd');
    const hash = execFileSync('openssl', ['passwd', '-apr1', 'Web-secret'], { encoding: 'utf8' });
    await writeFile(passwords, `admin:${hash}`);
    apache = await startApache({
      port: ports.public,
      sites: ['keystone-ports.conf', 'keystone-paths.conf', 'keystone-paths-tls.conf'],
      defines: {
        KEYSTONE_PUBLIC_BACKEND: at.itself,
        KEYSTONE_ADMIN_BACKEND: `http://127.0.0.1:${tcp('admin')}`,
        KEYSTONE_PUBLIC_LISTEN: `127.0.0.1:${ports.public}`,
        KEYSTONE_ADMIN_LISTEN: `127.0.0.1:${ports.admin}`,
        KEYSTONE_PUBLIC_PORT: String(ports.public),
        KEYSTONE_ADMIN_PORT: String(ports.admin),
        KEYSTONE_HOST: 'localhost',
        KEYSTONE_HTTP_PORT: String(ports.paths),
        KEYSTONE_HTTPS_PORT: String(ports.tlsPaths),
        KEYSTONE_CERTIFICATE: join(folder, 'certificate.pem'),
        KEYSTONE_CERTIFICATE_KEY: join(folder, 'key.pem'),
        KEYSTONE_PASSWORDS: passwords,
      },
      lines: [
        `Listen 127.0.0.1:${ports.paths}`,
        `Listen 127.0.0.1:${ports.tlsPaths} https`,
        // The public endpoint as remote-user.conf says.
        `Listen 127.0.0.1:${ports.tls} https`,
        `<VirtualHost *:${ports.tls}>`,
        'Include keystone-koa/tls.conf',
        'Include keystone-koa/remote-user.conf',
        'Include keystone-koa/public.conf',
        '</VirtualHost>',
        // The public endpoint by a UNIX socket.
        `Listen 127.0.0.1:${ports.socket}`,
        `Define KEYSTONE_PUBLIC_BACKEND "unix:${socket}|http://keystone-public"`,
        `<VirtualHost *:${ports.socket}>`,
        'Include keystone-koa/public.conf',
        '</VirtualHost>',
        `Define KEYSTONE_PUBLIC_BACKEND "${at.itself}"`,
      ],
    });
  });
  after(async () => {
    await apache?.stop();
    await server?.stop();
    await deployment?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  describe('ports of their own', () => {
    it('serve the public and the admin endpoint, with links to where the client came', async () => {
      for (const base of [at.public, at.admin]) {
        const { status, text } = await send(`${base}/`);
        expect(status).to.equal(300);
        expect(linksOf(text)).to.include(`${base}/v3/`);
      }
    });

    it('go by UNIX sockets as well', async () => {
      const { text } = await send(`${at.socket}/`);
      expect(linksOf(text)).to.include(`${at.socket}/v3/`);
      expect(await signIn(at.socket, ADMIN)).to.be.a('string');
    });

    it('take requests in chunks', async () => {
      const auth = JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: ADMIN.name, password: ADMIN.password, domain: { id: 'default' } } },
          },
        },
      });
      for (const base of [at.public, at.socket]) {
        const answer = await send(`${base}/v3/auth/tokens`, {
          method: 'POST',
          headers: { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' },
          body: [auth.slice(0, 20), auth.slice(20, 60), auth.slice(60)],
        });
        expect(answer.status, answer.text).to.equal(201);
      }
    });

    it('hand names with a slash on as they are', async () => {
      const token = await signIn(at.public, ADMIN);
      const region = JSON.stringify({ region: { id: 'here/there' } });
      const made = await send(`${at.public}/v3/regions`, {
        method: 'POST',
        headers: { ...JSON_TYPE, 'X-Auth-Token': token },
        body: region,
      });
      expect(made.status, made.text).to.equal(201);
      for (const base of [at.public, at.socket, at.paths]) {
        const found = await send(`${base}/v3/regions/here%2Fthere`, { headers: { 'X-Auth-Token': token } });
        expect(found.status, found.text).to.equal(200);
        expect(found.text).to.include('here/there');
      }
    });

    it('let the service refuse bodies that are too large, announced or in chunks', async () => {
      const body = JSON.stringify({ auth: 'x'.repeat(200_000) });
      for (const sent of [{ body }, { body: [body], headers: { 'Transfer-Encoding': 'chunked' } }]) {
        const { status } = await send(`${at.public}/v3/auth/tokens`, {
          method: 'POST',
          ...sent,
          headers: { ...JSON_TYPE, ...('headers' in sent && sent.headers) },
        });
        expect(status).to.equal(413);
      }
    });

    it('carry tokens of 14 KB to the service, and refuse headers beyond all measure', async () => {
      const long = (length: number): Promise<{ status: number; text: string }> =>
        send(`${at.public}/v3/users`, { headers: { 'X-Auth-Token': 'a'.repeat(length) } });
      const answer = await long(14_000);
      expect(answer.status).to.equal(401);
      expect(answer.text).to.include('"error"');
      expect((await long(40_000)).status).to.equal(400);
    });

    it('keep tokens of v2.0 out of the log', async () => {
      const token = await signIn(at.public, ADMIN);
      await send(`${at.public}/v2.0/tokens/${token}`, { headers: { 'X-Auth-Token': token } });
      await send(`${at.public}/v2.0//tokens/${token}/endpoints`, { headers: { 'X-Auth-Token': token } });
      await send(`${at.public}/v3/users?marker-of-this-test`);
      // A line is written after the answer was sent: that of a later request may come first.
      let log = '';
      const isWhole = (): boolean =>
        log.includes('marker-of-this-test') &&
        (log.includes(token) || log.split('GET (token of v2.0)').length > 2);
      while (!isWhole()) log = await apache.log('keystone_public_access.log');
      expect(log).not.to.include(token);
    });
  });

  describe('headers', () => {
    it('that tell of the way count from the proxy, and from nobody behind it', async () => {
      // What makes the next lines mean something: the service believes its peer.
      const direct = await send(`${at.itself}/`, { headers: SPOOFED });
      expect(linksOf(direct.text)).to.include('https://evil.example.com/evil/v3/');
      for (const base of [at.public, at.socket]) {
        const { text } = await send(`${base}/`, { headers: SPOOFED });
        expect(linksOf(text)).to.include(`${base}/v3/`);
        expect(text).not.to.include('evil');
      }
      for (const base of [at.paths, at.tls, at.tlsPaths]) {
        const { text } = await send(`${base}/`, {
          headers: SPOOFED,
          ...(base.startsWith('https') && { ca }),
        });
        expect(linksOf(text)).to.include(`${base}/v3/`);
        expect(text).not.to.include('evil');
      }
    });

    it('that name a user are nothing when a client sends them, in any spelling and number', async () => {
      const ask = (url: string, headers: Record<string, string | string[]>): Promise<number> =>
        send(`${url}/v3/auth/tokens`, {
          method: 'POST',
          headers: { ...JSON_TYPE, ...headers },
          body: EXTERNAL,
          ...(url.startsWith('https') && { ca }),
        }).then(({ status }) => status);
      expect(await ask(at.itself, { 'X-Remote-User': 'admin' }), 'from the proxy').to.equal(201);
      const tries: Record<string, string | string[]>[] = [
        SPOOFED,
        { 'x-rEMOTE-uSER': 'admin' },
        { 'X-Remote-User': ['admin', 'admin'] },
        { x_remote_user: 'admin' },
        { 'X_Remote-User': 'admin' },
        { REMOTE_USER: 'admin' },
        { 'X-Remote-User': 'admin', Connection: 'close, X-Forwarded-Proto, X-Remote-User' },
      ];
      for (const headers of tries) {
        for (const url of [at.public, at.admin, at.paths, at.tls, at.tlsPaths, at.socket]) {
          expect(await ask(url, headers), `${url} ${JSON.stringify(headers)}`).to.equal(401);
        }
      }
    });
  });

  describe('users whom Apache signs in', () => {
    const basic = (name: string, password: string): Record<string, string> => ({
      ...JSON_TYPE,
      Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    });
    const ask = (path: string, headers: Record<string, string>) =>
      send(`${at.tls}${path}/v3/auth/tokens`, { method: 'POST', headers, body: EXTERNAL, ca });

    it('get their tokens, and nobody else’s', async () => {
      const answer = await ask('/basic', { ...basic('admin', 'Web-secret'), 'X-Remote-User': 'somebody' });
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.text).to.match(/"name": ?"admin"/);
    });

    it('must be who they say', async () => {
      expect((await ask('/basic', basic('admin', 'wrong'))).status).to.equal(401);
      expect((await ask('/basic', { ...JSON_TYPE, 'X-Remote-User': 'admin' })).status).to.equal(401);
    });

    it('are nobody where Apache did not ask', async () => {
      expect((await ask('', basic('admin', 'Web-secret'))).status).to.equal(401);
    });
  });

  describe('TLS', () => {
    it('shows the certificate, refuses what is outdated, and is named in links', async () => {
      const curl = findProgram('curl');
      const { text, headers } = await send(`${at.tls}/`, { ca });
      expect(linksOf(text)).to.include(`${at.tls}/v3/`);
      expect(headers['strict-transport-security']).to.include('max-age=');
      if (curl !== null) {
        const options = ['-s', '--cacert', join(folder, 'certificate.pem')];
        const { stdout } = await promisify(execFile)(curl, [...options, `${at.tlsPaths}/v3`]);
        expect(stdout).to.include(`${at.tlsPaths}/v3/`);
        const outdated = promisify(execFile)(curl, [...options, '--tls-max', '1.1', at.tls]);
        expect(await outdated.catch(() => 'refused')).to.equal('refused');
      }
    });
  });

  describe('beneath one host', () => {
    it('/identity and /identity_admin serve the two endpoints, and links carry them', async () => {
      const admin = at.paths.replace('/identity', '/identity_admin');
      for (const base of [at.paths, `${at.paths}/`, admin]) {
        const { status, text } = await send(base);
        expect(status).to.equal(300);
        for (const link of linksOf(text).filter((each) => each.includes('localhost')))
          expect(link).to.match(new RegExp(`^${base.replace(/\/$/, '')}/v(3|2\\.0)/$`));
      }
      const token = await signIn(admin, ADMIN);
      const { text } = await send(`${admin}/v3/users`, { headers: { 'X-Auth-Token': token } });
      expect(text).to.include(`"self":"${admin}/v3/users"`);
    });

    it('nothing else is taken for them', async () => {
      for (const path of ['/identityx', '/v3', '/identity/../v3']) {
        const { status } = await send(`http://localhost:${ports.paths}${path}`);
        expect(status, path).to.be.oneOf([400, 404]);
      }
    });
  });

  describe('python-openstackclient', () => {
    let client: Client;
    before(async function start() {
      client = await startClient(this);
    });
    after(() => client?.stop());

    for (const way of ['public', 'paths', 'tlsPaths'] as const) {
      it(`works by ${way === 'public' ? 'port' : way === 'paths' ? '/identity' : '/identity with TLS'}`, async () => {
        const token = await signIn(at.itself, ADMIN);
        const create = async (path: string, body: object): Promise<Record<string, { id: string }>> => {
          const answer = await send(`${at.itself}/v3/${path}`, {
            method: 'POST',
            headers: { ...JSON_TYPE, 'X-Auth-Token': token },
            body: JSON.stringify(body),
          });
          expect(answer.status, answer.text).to.equal(201);
          return JSON.parse(answer.text) as Record<string, { id: string }>;
        };
        const region = await create('regions', { region: { id: way } });
        const service = await create('services', { service: { name: `keystone-${way}`, type: 'identity' } });
        for (const face of ['public', 'internal', 'admin']) {
          const endpoint = { interface: face, service_id: service['service']?.id, region_id: way };
          await create('endpoints', { endpoint: { ...endpoint, url: `${at[way]}/v3` } });
        }
        expect(region['region']?.id).to.equal(way);
        const admin = client.as({
          AUTH_URL: `${at[way]}/v3`,
          IDENTITY_API_VERSION: '3',
          REGION_NAME: way,
          USERNAME: ADMIN.name,
          PASSWORD: ADMIN.password,
          USER_DOMAIN_ID: 'default',
          PROJECT_NAME: ADMIN.project,
          PROJECT_DOMAIN_ID: 'default',
          CACERT: join(folder, 'certificate.pem'),
        });
        expect(await admin.show('token issue')).to.include.keys('id', 'project_id');
        const user = await admin.show(['user', 'create', `of ${way}`, '--password', 'secret']);
        expect(user).to.include({ name: `of ${way}` });
        const names = (await admin.list('user list')).map((row) => row['Name']);
        expect(names).to.include(`of ${way}`);
        await admin.done(['user', 'set', `of ${way}`, '--email', 'a@example.com']);
        expect(await admin.show(['user', 'show', `of ${way}`])).to.include({ email: 'a@example.com' });
        await admin.done(['user', 'delete', `of ${way}`]);
        expect(await admin.list('versions show')).not.to.deep.equal([]);
      });
    }
  });
});
