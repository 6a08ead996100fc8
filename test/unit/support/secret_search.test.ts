import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { isSearchable, SECRETS_FILE, searchLogs, secretsIn } from '../../support/secret_search.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

describe('the search of all logs for secrets', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'search-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('knows the secrets of requests and answers', () => {
    const request = { auth: { identity: { password: { user: { name: 'n', password: 'pass-1"x' } } } } };
    const credential = { credential: { blob: JSON.stringify({ access: 'a', secret: 'ec2-secret-1' }) } };
    const v2 = { access: { token: { issued_at: 'x', id: 'v2-token-1', tenant: { id: 't' } } } };
    expect(secretsIn(JSON.stringify(request))).to.include('pass-1"x');
    expect(secretsIn(JSON.stringify(credential))).to.include('ec2-secret-1');
    expect(secretsIn(JSON.stringify(v2))).to.include('v2-token-1');
    expect(secretsIn('oauth_token=x&oauth_token_secret=oauth-secret-1')).to.include('oauth-secret-1');
  });

  it('leaves out what would be found in any log', () => {
    const common = ['short-1', 'password', 'two words', 'line\nfeed-1', '0'.repeat(32)];
    expect(common.filter(isSearchable)).to.deep.equal([]);
    expect(isSearchable('Adm1n-secret')).to.equal(true);
  });

  it('finds a secret that was planted, plain or in a URL, and does not repeat it', async () => {
    const secrets = ['s3cret-planted', 'with/sl@sh-9', 'n0t-there-at-all'];
    await writeFile(join(folder, SECRETS_FILE), secrets.map((text) => `${JSON.stringify(text)}\n`).join(''));
    await writeFile(join(folder, 'a.log'), 'harmless\nGET /x?password=s3cret-planted 200\n');
    await writeFile(join(folder, 'b.log'), 'GET /with%2Fsl%40sh-9\n');
    const { findings, ...rest } = searchLogs(folder);
    expect(rest.secrets).to.equal(3);
    expect(rest.bytes).to.be.greaterThan(50);
    expect(findings.map((line) => line.replace(folder, ''))).to.deep.equal([
      '/a.log:2:GET /x?password=<SECRET> 200',
      '/b.log:1:GET /<SECRET>',
    ]);
  });

  it('notes what tests send and read, and keeps what deployments log, in a run of its own', async function run() {
    this.timeout(120_000);
    const script = join(folder, 'run.mts');
    await writeFile(
      script,
      `import { createServer } from 'node:http';
import { request } from 'node:http';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { getLogger } from '${ROOT}src/common/log/index.js';
import { createDeployment } from '${ROOT}test/support/deployment.js';
const server = createServer((incoming, answer) => {
  incoming.resume().on('end', () => answer.setHeader('X-Subject-Token', 'token-from-answer-1').end('{"secret": "body-of-answer-1"}'));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = 'http://127.0.0.1:' + server.address().port;
const response = await fetch(url, { method: 'POST', headers: { 'X-Auth-Token': 'token-by-fetch-1' }, body: '{"password": "sent-by-fetch-1"}' });
await response.text();
const outgoing = request(url, { method: 'POST', headers: { 'X-Auth-Token': 'token-by-http-1' } });
outgoing.end('{"password": "sent-by-http-1"}');
(await once(outgoing, 'response'))[0].resume();
server.close();
const deployment = await createDeployment({ until: 'files' });
getLogger('keystone.planted').info('here is sent-by-http-1 in the open');
writeFileSync(deployment.path('other.log'), 'and token-from-answer-1');
await deployment.remove();
`,
    );
    await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      cwd: ROOT,
      env: { ...process.env, TEST_LOG_DIR: folder, NODE_OPTIONS: '' },
    });
    const { findings, secrets } = searchLogs(folder);
    // Six of the requests, and the administrator's password.
    expect(secrets).to.equal(7);
    const seen = findings.map((line) => line.replace(/^.*\.log:\d+:/, '').replace(/^.*\[-\] /, ''));
    expect(seen).to.have.members(['here is <SECRET> in the open', 'and <SECRET>']);
  });
});
