/** Files of domains, from the command line's point of view: at the start, and when they change. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeystoneError } from '../../../src/common/errors.js';
import { shutdownLogging } from '../../../src/common/log/index.js';
import { type Service, serve } from '../../../src/server/serve.js';
import { createServices } from '../../../src/server/services.js';
import { createDeployment, type Deployment } from '../../support/deployment.js';
import { DIRECTORY_PACKAGE, installDirectoryDriver } from '../../support/directory_driver.js';
import { rejection } from '../../support/rejection.js';

describe('keystone-serve with files of domains', () => {
  let deployment: Deployment;
  let service: Service | null = null;

  beforeEach(async () => {
    deployment = await createDeployment();
    await installDirectoryDriver(deployment.folder);
    await mkdir(deployment.path('domains'));
    const lines = [
      'domain_specific_drivers_enabled = true',
      `domain_config_dir = ${deployment.path('domains')}`,
    ];
    const text = await readFile(deployment.conf, 'utf8');
    await writeFile(deployment.conf, `${text}\n[identity]\n${lines.join('\n')}\n`);
    const services = await createServices(deployment.load());
    await services.providers.resource.createDomain({ name: 'Staff' }, null, 'staff');
    await services.providers.resource.createDomain({ name: 'Partners' }, null, 'partners');
    await services.close();
    await writeFile(
      deployment.path('people.json'),
      JSON.stringify({ users: [{ id: 'a', name: 'ann', password: 'secret' }], groups: [] }),
    );
  });
  afterEach(async () => {
    await service?.stop();
    service = null;
    shutdownLogging();
    await deployment.remove();
  });

  const start = async (): Promise<Service> => {
    service = await serve([...deployment.args, 'main@127.0.0.1:0'], { env: deployment.env });
    return service;
  };
  const file = (domain: string, ...lines: string[]): Promise<void> =>
    writeFile(join(deployment.folder, 'domains', `keystone.${domain}.conf`), lines.join('\n'));
  const directoryFile = (domain: string): Promise<void> =>
    file(
      domain,
      '[identity]',
      `driver = ${DIRECTORY_PACKAGE}`,
      '[ldap]',
      `url = ${deployment.path('people.json')}`,
    );
  const log = (): Promise<string> => readFile(deployment.path('keystone.log'), 'utf8');

  async function signIn({ serving }: Service, domain: string): Promise<number> {
    const address = serving[0]?.address;
    const port = address?.kind === 'tcp' ? address.port : 0;
    const user = { name: 'ann', domain: { id: domain }, password: 'secret' };
    const { status } = await fetch(`http://127.0.0.1:${port}/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
    });
    return status;
  }

  it('reads them at the start, and again on reload', async () => {
    await directoryFile('Staff');
    const running = await start();
    expect(await signIn(running, 'staff')).to.equal(201);
    expect(await signIn(running, 'partners')).to.equal(401);
    await directoryFile('Partners');
    expect(await signIn(running, 'partners')).to.equal(401);
    await running.reload();
    expect(await signIn(running, 'partners')).to.equal(201);
  });

  it('does not start with two that are for SQL, and says which', async () => {
    await file('Staff', '[ldap]', 'url = ldap://nowhere');
    const error = await rejection(start());
    expect(error).to.be.instanceOf(KeystoneError);
    expect((error as KeystoneError).detail)
      .to.contain('keystone.Staff.conf')
      .and.contain('main configuration');
  });

  it('goes on with what it has when the new ones cannot be used together, and tells why', async () => {
    await directoryFile('Staff');
    const running = await start();
    await file('Partners', '[identity]', 'driver = sql');
    await running.reload();
    expect(await signIn(running, 'staff')).to.equal(201);
    expect(await log()).to.match(
      /identity backends of domains stay as they were: .*keystone\.Partners\.conf/,
    );
  });

  it('starts with one that cannot be used, and says in the log what is wrong with it', async () => {
    await directoryFile('Staff');
    await file(
      'Partners',
      '[identity]',
      `driver = ${DIRECTORY_PACKAGE}`,
      '[ldap]',
      'password = not to be told',
      'page_size = many',
    );
    const running = await start();
    expect(await signIn(running, 'staff')).to.equal(201);
    expect(await signIn(running, 'partners')).to.equal(500);
    expect(await log())
      .to.match(/ERROR .*keystone\.Partners\.conf:5: .*page_size/)
      .and.not.contain('not to be told');
  });
});
