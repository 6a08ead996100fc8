/** A token provider of a package: installed beside keystone.conf, named in it, used by clients. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createServices } from '../../src/server/services.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { rejection } from '../support/rejection.js';
import { type Answer, type Cloud, serve } from './cloud.js';

const example = join(import.meta.dirname, '../../examples/prefixed-tokens');
const packageName = 'keystone-prefixed-tokens';

/** A deployment whose provider is `provider`, with the example installed under a name beside keystone.conf. */
async function install(provider: string, name = packageName): Promise<Deployment> {
  const deployment = await createDeployment({ conf: { DEFAULT: ['crypt_strength = 1000'] } });
  const text = await readFile(deployment.conf, 'utf8');
  await writeFile(deployment.conf, text.replace('provider = fernet', `provider = ${provider}`));
  await mkdir(deployment.path('node_modules'), { recursive: true });
  await cp(example, join(deployment.folder, 'node_modules', name), { recursive: true });
  return deployment;
}

describe('a token provider of a package', () => {
  let cloud: Cloud;
  let admin: string;
  before(async function start() {
    this.timeout(120_000);
    cloud = await serve(await install(packageName));
    admin = await cloud.adminToken();
  });
  after(() => cloud?.stop());

  const subject = (method: string, id: string): Promise<Answer> =>
    cloud.request(method, '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': id });

  it('makes the tokens that clients get, and knows them again', async () => {
    expect(admin).to.match(/^kst_[\w-]{43}$/);
    const shown = await subject('GET', admin);
    expect(shown.status).to.equal(200);
    expect(shown.body).to.have.nested.property('token.project.name', 'admin');
    expect((await cloud.request('GET', '/v3/users', admin)).status).to.equal(200);
  });

  it('knows no others, whatever they look like', async () => {
    for (const unknown of [
      '0'.repeat(32),
      `${admin.slice(0, -1)}${admin.endsWith('A') ? 'B' : 'A'}`,
      'kst_',
      'x',
    ]) {
      expect((await subject('GET', unknown)).status, unknown).to.equal(404);
      expect((await cloud.request('GET', '/v3/users', unknown)).status, unknown).to.equal(401);
    }
  });

  it('ends them, and lists them as revoked', async () => {
    const token = await cloud.adminToken();
    const { body } = await subject('GET', token);
    expect((await subject('DELETE', token)).status).to.equal(204);
    expect((await subject('GET', token)).status).to.equal(404);
    const list = await cloud.request('GET', '/v3/auth/tokens/OS-PKI/revoked?audit_id_only', admin);
    const { audit_ids: audits } = body['token'] as { audit_ids: string[] };
    expect((list.body['revoked'] as { audit_id: string }[]).map((entry) => entry.audit_id)).to.include(
      audits[0],
    );
  });
});

describe('[token] provider', () => {
  const failure = async (provider: string, name?: string): Promise<{ text: string; conf: string }> => {
    const deployment = await install(provider, name);
    try {
      const loaded = deployment.load();
      const error = await rejection(createServices(loaded));
      return { text: error.message, conf: deployment.conf };
    } finally {
      await deployment.remove();
    }
  };
  const lineOf = (conf: string): RegExp =>
    new RegExp(`^${conf.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}:\\d+: \\[token\\] provider = `);

  it('stops the start with file, line and the valid names when it names nothing', async () => {
    const { text, conf } = await failure('keystone-no-such-tokens');
    expect(text).to.match(lineOf(conf)).and.contain('valid names are: fernet, pki, pkiz, uuid');
  });

  it('stops the start when a package of the name of a built-in provider offers one too', async () => {
    const { text, conf } = await failure('fernet', 'fernet');
    expect(text).to.match(lineOf(conf)).and.contain('built-in').and.contain(join('node_modules', 'fernet'));
  });

  it('stops the start when the package has none to offer', async () => {
    const { text, conf } = await failure('chai', 'elsewhere');
    expect(text).to.match(lineOf(conf)).and.contain('offers no provider');
  });

  const offering = async (provider: string): Promise<Deployment> => {
    const deployment = await install(packageName);
    const module = join(deployment.folder, 'node_modules', packageName, 'index.js');
    await writeFile(
      module,
      `const given = new Map();\nexport const createDriver = ({ unknown }) => (${provider});\n`,
    );
    return deployment;
  };
  const GOOD = `{
    supportsBind: false,
    issueTimeStep: 1,
    async issue(facts) { const id = 'own-' + given.size; given.set(id, facts); return id; },
    async read(id) { return given.get(id) ?? unknown(); },
    async forget({ id }) { given.delete(id); },
  }`;

  for (const [what, provider, problem] of [
    ['gives nothing', 'undefined', 'the provider that the package makes cannot be used: it is no object'],
    ['cannot issue', `{ ...${GOOD}, issue: undefined }`, 'it lacks issue()'],
    ['cannot read', `{ ...${GOOD}, read: 'read' }`, 'read is no function'],
    ['cannot forget', `{ ...${GOOD}, forget: null }`, 'it lacks forget()'],
    ['has a foundation of stone', `{ ...${GOOD}, foundation: 'stone' }`, 'foundation is no function'],
    ['says nothing of binding', `{ ...${GOOD}, supportsBind: undefined }`, 'it lacks supportsBind'],
    ['counts in minutes', `{ ...${GOOD}, issueTimeStep: 60_000 }`, 'issueTimeStep of its provider'],
  ] as const) {
    it(`stops the start when the provider of the package ${what}`, async () => {
      const deployment = await offering(provider);
      try {
        const { message } = await rejection(createServices(deployment.load()));
        expect(message).to.match(lineOf(deployment.conf)).and.contain(problem);
      } finally {
        await deployment.remove();
      }
    });
  }

  const withProvider = async (provider: string, test: (cloud: Cloud) => Promise<void>): Promise<void> => {
    const cloud = await serve(await offering(provider));
    try {
      await test(cloud);
    } finally {
      await cloud.stop();
    }
  };

  it('takes a provider that keeps to what is asked of one', async function taken() {
    this.timeout(120_000);
    await withProvider(GOOD, async (cloud) => {
      const token = await cloud.adminToken();
      expect((await cloud.request('GET', '/v3/users', token)).status).to.equal(200);
    });
  });

  it('accepts no token of a package that says of it what cannot be', async function refused() {
    this.timeout(120_000);
    const spoilt = [
      `expiresAt: '2001-01-01T00:00:00Z'`,
      'expiresAt: undefined',
      'expiresAt: Infinity',
      'issuedAt: new Date()',
      'projectId: undefined',
      'methods: [1]',
      'auditIds: []',
      `userId: ''`,
      `federation: { groupIds: 'all' }`,
      'bind: { kerberos: 1 }',
    ];
    // A token with a number after it is read with what stands at this place.
    const read = `async read(id) {
      const [own, place] = id.split('~');
      const facts = given.get(own) ?? unknown();
      return place === '-' ? null : { ...facts, ...[${spoilt.map((facts) => `{ ${facts} }`).join()}][place] };
    }`;
    await withProvider(`{ ...${GOOD}, ${read} }`, async (cloud) => {
      const token = await cloud.adminToken();
      const statusOf = async (id: string): Promise<number> =>
        (await cloud.request('GET', '/v3/users', id)).status;
      expect(await statusOf(token)).to.equal(200);
      expect(await statusOf(`${token}~-`)).to.equal(500);
      for (const [place, facts] of spoilt.entries()) {
        expect(await statusOf(`${token}~${place}`), facts).to.equal(500);
      }
      expect(await statusOf('own-x')).to.equal(401);
    });
  });

  it('hands out nothing that is no token', async function none() {
    this.timeout(120_000);
    const offered = ['5', `'two words'`, `'line\\r\\nX-Other: 1'`, `''`, 'undefined'];
    const issue = `issue: async () => [${offered.join()}][given.set(given.size, null).size - 1]`;
    await withProvider(`{ ...${GOOD}, ${issue} }`, async (cloud) => {
      for (const token of offered) {
        expect((await rejection(cloud.adminToken())).message, token).to.contain('no token: 500');
      }
    });
  });
});
