/** A method of a package: installed beside keystone.conf, named in it, used by a client. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packagePlugin } from '../../src/auth/package_plugin.js';
import { createServices } from '../../src/server/services.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { rejection } from '../support/rejection.js';
import { type Cloud, serve } from './cloud.js';

const example = join(import.meta.dirname, '../../examples/recovery-code-auth');
const packageName = 'keystone-recovery-code-auth';

async function install(folder: string): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await cp(example, join(folder, 'node_modules', packageName), { recursive: true });
}

describe('an authentication method of a package', () => {
  let deployment: Deployment;
  let cloud: Cloud;

  before(async () => {
    deployment = await createDeployment({
      conf: { DEFAULT: ['crypt_strength = 1000'], auth: [`recovery_code = ${packageName}`] },
    });
    const text = await readFile(deployment.conf, 'utf8');
    await writeFile(
      deployment.conf,
      text.replace('methods = password,token', 'methods = password,token,recovery_code'),
    );
    await install(deployment.folder);
    cloud = await serve(deployment);
  });

  after(async () => {
    await cloud?.stop();
  });

  const signIn = (payload: object): ReturnType<Cloud['request']> =>
    cloud.request('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods: ['recovery_code'], recovery_code: payload } },
    });

  it('signs users in with what they have, and nobody else', async () => {
    const admin = await cloud.adminToken();
    const created = await cloud.request('POST', '/v3/users', admin, { user: { name: 'loser' } });
    const { id } = created.body['user'] as { id: string };
    const blob = createHash('sha256').update('correct horse').digest('hex');
    const stored = await cloud.request('POST', '/v3/credentials', admin, {
      credential: { user_id: id, type: 'recovery_code', blob },
    });
    expect(stored.status).to.equal(201);

    const { status, body } = await signIn({ user: { id }, code: 'correct horse' });
    expect(status).to.equal(201);
    expect(body).to.have.nested.property('token.user.id', id);
    expect(body).to.have.nested.property('token.methods').that.deep.equals(['recovery_code']);
    expect((await signIn({ user: { id }, code: 'wrong' })).status).to.equal(401);
    expect((await signIn({ user: { id: 'nobody' }, code: 'correct horse' })).status).to.equal(401);
    expect((await signIn({ user: { id } })).status).to.equal(400);

    await cloud.request('PATCH', `/v3/users/${id}`, admin, { user: { enabled: false } });
    expect((await signIn({ user: { id }, code: 'correct horse' })).status).to.equal(401);
  });
});

describe('an authentication method of a package that is none', function limited() {
  this.timeout(120_000);
  for (const [what, method, problem] of [
    ['cannot authenticate', '{}', 'it lacks authenticate()'],
    ['is nothing', 'null', 'it is no object'],
    [
      'is not sure whether it may be asked twice',
      `{ repeatable: 'yes', authenticate: async () => ({}) }`,
      'repeatable is neither true nor false',
    ],
  ] as const) {
    it(`stops the start, which names file and line, when it ${what}`, async () => {
      const name = 'keystone-no-method';
      const deployment = await createDeployment({ conf: { auth: [`token = ${name}`] }, until: 'tables' });
      try {
        const home = deployment.path(join('node_modules', name));
        await mkdir(home, { recursive: true });
        const offered = { auth: { token: './index.js' } };
        const manifest = { name, version: '1.0.0', type: 'module', keystone: offered };
        await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
        await writeFile(join(home, 'index.js'), `export const createMethod = async () => (${method});\n`);
        const lines = (await readFile(deployment.conf, 'utf8')).split('\n');
        const { message } = await rejection(createServices(deployment.load()));
        expect(message).to.equal(
          `${deployment.conf}:${lines.indexOf(`token = ${name}`) + 1}: [auth] token = ${name}:` +
            ` the method that the package makes cannot be used: ${problem}`,
        );
      } finally {
        await deployment.remove();
      }
    });
  }
});

describe('what a package offers', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystone-plugin-'));
    await install(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is taken by the name of the method', async () => {
    expect(await packagePlugin('recovery_code', packageName, [folder])).to.be.a('function');
  });

  it('is nothing where no such package is installed, or the name is no package', async () => {
    expect(await packagePlugin('recovery_code', 'keystone-no-such-package', [folder])).to.equal(null);
    expect(await packagePlugin('recovery_code', '../outside', [folder])).to.equal(null);
  });

  it('must be offered in package.json', async () => {
    const error = await rejection(packagePlugin('pin', packageName, [folder]));
    expect(String(error)).to.contain('[auth] pin').and.contain('offers no authentication method pin');
  });
});
