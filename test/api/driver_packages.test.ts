/** Drivers of packages, section by section: with all that is asked of one the service works, with less it does not start. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { createServices } from '../../src/server/services.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { rejection } from '../support/rejection.js';
import { serve } from './cloud.js';

/** Sections whose driver may be a package, where the built-in one is, and what is asked of it among other things. */
const SECTIONS = [
  ['assignment', 'assignment', 'effectiveRoles'],
  ['catalog', 'catalog', 'catalogFor'],
  ['credential', 'credential', 'getCredential'],
  ['domain_config', 'domain_config', 'readRegistration'],
  ['endpoint_policy', 'endpoint_policy', 'deleteAssociationsOf'],
  ['identity', 'identity', 'users.summaries'],
  ['identity_mapping', 'id_mapping', 'purge'],
  ['oauth1', 'oauth1', 'exchangeRequestToken'],
  ['policy', 'policy', 'listPolicies'],
  ['resource', 'resource', 'projectSummary'],
  ['revoke', 'revoke', 'prune'],
  ['role', 'role', 'listRoleInferenceRules'],
  ['token', 'token', 'invalidateMatching'],
  ['trust', 'trust', 'takeUse'],
] as const;

const [WHOLE, LACKING] = ['keystone-whole-drivers', 'keystone-lacking-drivers'];

/** Beside the configuration: the built-in drivers under the name of a package, and the same less one method each. */
async function install(deployment: Deployment): Promise<void> {
  const make = async (name: string, textOf: (builtIn: string, method: string) => string): Promise<void> => {
    const home = deployment.path(join('node_modules', name));
    await mkdir(home, { recursive: true });
    const offered = SECTIONS.map(([section]) => [section, { driver: `./${section}.js` }]);
    const manifest = {
      name,
      version: '1.0.0',
      type: 'module',
      keystone: Object.fromEntries(offered) as object,
    };
    await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
    for (const [section, subsystem, method] of SECTIONS) {
      const path = join(import.meta.dirname, '../../src/subsystems', subsystem, 'backends/sql.ts');
      await writeFile(join(home, `${section}.js`), textOf(pathToFileURL(path).href, method));
    }
  };
  await make(WHOLE, (builtIn) => `export { createDriver } from '${builtIn}';\n`);
  await make(
    LACKING,
    (builtIn, method) => `
      import { createDriver as create } from '${builtIn}';
      const without = (whole, [name, ...rest]) =>
        Object.create(whole, { [name]: { value: rest.length > 0 ? without(whole[name], rest) : undefined } });
      export const createDriver = async (context) => without(await create(context), '${method}'.split('.'));
    `,
  );
}

describe('a driver of a package', function limited() {
  this.timeout(120_000);
  let deployment: Deployment;
  let text: string;

  before(async () => {
    deployment = await createDeployment({ conf: { DEFAULT: ['crypt_strength = 1000'] } });
    text = await readFile(deployment.conf, 'utf8');
    await install(deployment);
  });
  after(() => deployment?.remove());

  /** More of keystone.conf, after what is there in any case. @returns the number of its last line */
  const configure = async (...lines: string[]): Promise<number> => {
    const all = [...text.trimEnd().split('\n'), ...lines];
    await writeFile(deployment.conf, `${all.join('\n')}\n`);
    return all.length;
  };
  /** Tokens that say nothing themselves are those that `[token] driver` keeps. */
  const STORED = ['[token]', 'provider = uuid'];

  for (const [section, , method] of SECTIONS) {
    it(`of [${section}] that lacks a method stops the start, which names file, line, package and method`, async () => {
      const line = await configure(...STORED, `[${section}]`, `driver = ${LACKING}`);
      const { message } = await rejection(createServices(deployment.load()));
      expect(message).to.equal(
        `${deployment.conf}:${line}: [${section}] driver = ${LACKING}:` +
          ` the driver that the package makes cannot be used: it lacks ${method}()`,
      );
    });
  }

  it('answers with the errors of the service, which it is given', async () => {
    const home = deployment.path(join('node_modules', 'keystone-strict-roles'));
    await mkdir(home, { recursive: true });
    const manifest = {
      name: 'keystone-strict-roles',
      type: 'module',
      keystone: { role: { driver: './index.js' } },
    };
    await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
    const path = join(import.meta.dirname, '../../src/subsystems/role/backends/sql.ts');
    await writeFile(
      join(home, 'index.js'),
      `import { createDriver as create } from '${pathToFileURL(path).href}';
      export const createDriver = (context) => Object.assign(create(context), {
        async getRole(id) { throw new context.errors.RoleNotFound({ role_id: id }); },
        async createRole({ name }) { throw new context.errors.Conflict({ type: 'role', details: name + ' it is' }); },
      });`,
    );
    await configure('[role]', 'driver = keystone-strict-roles');
    const cloud = await serve({ ...deployment, remove: () => Promise.resolve() });
    try {
      const token = await cloud.adminToken();
      const shown = await cloud.request('GET', '/v3/roles/r1', token);
      expect([shown.status, shown.body]).to.deep.equal([
        404,
        { error: { code: 404, title: 'Not Found', message: 'Could not find role: r1' } },
      ]);
      const made = await cloud.request('POST', '/v3/roles', token, { role: { name: 'taken' } });
      expect(made.status).to.equal(409);
      expect(made.text).to.contain('taken it is');
    } finally {
      await cloud.stop();
    }
  });

  it('is described in the documentation, section by section', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/drivers.md'), 'utf8');
    const missing = SECTIONS.filter(([section]) => !page.includes(`| \`[${section}] driver\` |`));
    expect(missing).to.deep.equal([]);
  });

  it('serves when it has all that is asked of it, in every section', async () => {
    await configure(...STORED, ...SECTIONS.flatMap(([section]) => [`[${section}]`, `driver = ${WHOLE}`]));
    const cloud = await serve({ ...deployment, remove: () => Promise.resolve() });
    try {
      const token = await cloud.adminToken();
      for (const path of [
        'users',
        'projects',
        'roles',
        'role_assignments',
        'services',
        'credentials',
        'policies',
      ]) {
        expect((await cloud.request('GET', `/v3/${path}`, token)).status, path).to.equal(200);
      }
    } finally {
      await cloud.stop();
    }
  });
});
