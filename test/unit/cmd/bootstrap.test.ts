import { expect } from 'chai';
import { Hints } from '../../../src/common/hints.js';
import { createServices, type Services } from '../../../src/server/services.js';
import { createDeployment, type Deployment } from '../../support/deployment.js';
import { createSandbox, OWNER, type Ran, type Sandbox } from './support.js';

const PASSWORD = 'first-secret';
const ENDPOINTS = [
  '--bootstrap-region-id',
  'RegionOne',
  '--bootstrap-public-url',
  'http://public:5000/v3',
  '--bootstrap-internal-url',
  'http://internal:5000/v3',
  '--bootstrap-admin-url',
  'http://admin:35357/v3',
];

describe('bootstrap', () => {
  let deployment: Deployment;
  let sandbox: Sandbox;
  const run = (...args: string[]): Promise<Ran> => sandbox.run(...deployment.args, 'bootstrap', ...args);

  async function look<T>(what: (services: Services) => Promise<T>): Promise<T> {
    const services = await createServices(deployment.load());
    try {
      return await what(services);
    } finally {
      await services.close();
    }
  }
  const userNamed = (name: string): Promise<{ id: string; enabled: boolean }> =>
    look(({ providers }) => providers.identity.getUserByName(name, 'default'));
  const signsIn = (name: string, password: string): Promise<boolean> =>
    look(async ({ providers }) => {
      const { id } = await providers.identity.getUserByName(name, 'default');
      return providers.identity.authenticate(id, password, null).then(
        () => true,
        () => false,
      );
    });
  const endpoints = (): Promise<string[]> =>
    look(async ({ providers }) =>
      (await providers.catalog.listEndpoints(new Hints()))
        .map(({ interface: name, region_id: region, url }) => `${region} ${name} ${url}`)
        .sort(),
    );

  beforeEach(async () => {
    sandbox = await createSandbox();
    deployment = await createDeployment({ until: 'tables' });
    sandbox.env = { OS_BOOTSTRAP_PASSWORD: PASSWORD };
  });
  afterEach(async () => {
    await deployment.remove();
    await sandbox.remove();
  });

  it('makes domain, project, user, role, grant, region, service, endpoints and member role', async () => {
    const { status, err } = await run(...ENDPOINTS);
    expect(err).to.equal('');
    expect(status).to.equal(0);
    await look(async ({ providers, conf }) => {
      expect(await providers.resource.getDomain('default')).to.include({ name: 'Default', enabled: true });
      const project = await providers.resource.getProjectByName('admin', 'default');
      const user = await providers.identity.getUserByName('admin', 'default');
      const roles = await providers.assignment.effectiveRoles(user.id, { projectId: project.id }, []);
      expect(roles.map(({ name }) => name)).to.deep.equal(['admin']);
      expect(await providers.role.getRole(conf.DEFAULT.member_role_id)).to.include({ name: '_member_' });
      const [service] = await providers.catalog.listServices(new Hints());
      expect(service).to.include({ type: 'identity', name: 'keystone', enabled: true });
    });
    expect(await endpoints()).to.deep.equal([
      'RegionOne admin http://admin:35357/v3',
      'RegionOne internal http://internal:5000/v3',
      'RegionOne public http://public:5000/v3',
    ]);
    expect(await signsIn('admin', PASSWORD)).to.equal(true);
  });

  it('changes nothing the second time, and says so', async () => {
    await run(...ENDPOINTS);
    const { id } = await userNamed('admin');
    const again = await run(...ENDPOINTS);
    expect(again.status).to.equal(0);
    expect(again.out).to.not.match(/Created|Granted|Reset|Enabled/);
    expect((await userNamed('admin')).id).to.equal(id);
    expect(await endpoints()).to.have.length(3);
  });

  it('is the way back in: enables the user and resets a forgotten password', async () => {
    await run();
    const { id } = await userNamed('admin');
    await look(({ providers }) => providers.identity.updateUser(id, { enabled: false }, null));
    sandbox.env = { OS_BOOTSTRAP_PASSWORD: 'second-secret' };
    const { status, out } = await run();
    expect(status).to.equal(0);
    expect(out).to.contain('Enabled user admin').and.to.contain('Reset the password of user admin');
    expect(out).to.not.contain('second-secret');
    expect(await signsIn('admin', 'second-secret')).to.equal(true);
    expect(await signsIn('admin', PASSWORD)).to.equal(false);
  });

  it('lets the environment go before the command line', async () => {
    sandbox.env = { ...sandbox.env, OS_BOOTSTRAP_USERNAME: 'root', OS_BOOTSTRAP_PROJECT_NAME: '' };
    const { status } = await run('--bootstrap-username', 'ignored', '--bootstrap-project-name', 'ops');
    expect(status).to.equal(0);
    await look(async ({ providers }) => {
      await providers.identity.getUserByName('root', 'default');
      await providers.resource.getProjectByName('ops', 'default');
    });
  });

  it('keeps the URL of an endpoint that exists, and adds those of another region', async () => {
    await run(...ENDPOINTS);
    await run('--bootstrap-region-id', 'RegionOne', '--bootstrap-public-url', 'http://new:5000/v3');
    await run('--bootstrap-region-id', 'RegionTwo', '--bootstrap-public-url', 'http://two:5000/v3');
    expect(await endpoints())
      .to.include('RegionTwo public http://two:5000/v3')
      .and.to.have.length(4);
  });

  it('works with another default domain', async () => {
    await deployment.remove();
    deployment = await createDeployment({ until: 'tables', conf: { identity: ['default_domain_id = d0'] } });
    expect((await run()).status).to.equal(0);
    expect(await look(({ providers }) => providers.resource.getDomain('d0'))).to.include({ name: 'Default' });
  });

  it('says when the domain named Default is not the configured one', async () => {
    await run();
    const { status, err } = await sandbox.run(
      ...deployment.args,
      '--config-file',
      await sandbox.file('more.conf', '[identity]\ndefault_domain_id = d0\n'),
      'bootstrap',
    );
    expect(status).to.equal(1);
    expect(err).to.contain('default_domain_id is d0').and.to.contain('has the id default');
  });

  it('needs a password', async () => {
    sandbox.env = {};
    const { status, err } = await run();
    expect(status).to.equal(1);
    expect(err).to.equal(
      'error: a password is needed: set OS_BOOTSTRAP_PASSWORD or give --bootstrap-password\n',
    );
  });

  it('says that keys or tables are missing, and how to get them', async () => {
    await deployment.remove();
    deployment = await createDeployment({ until: 'files' });
    const keyless = await run();
    expect(keyless.status).to.equal(1);
    expect(keyless.err).to.contain(`key_repository ${deployment.path('fernet-keys')} does not exist`);
    await sandbox.run(...deployment.args, 'fernet_setup', ...OWNER);
    const tableless = await run();
    expect(tableless.status).to.equal(1);
    expect(tableless.err).to.equal(
      'error: the database of [database] connection has no tables yet: run "keystone-manage db_sync" first\n',
    );
  });

  it('may be run on several nodes at once', async () => {
    const others = await Promise.all([createSandbox(), createSandbox()]);
    const ran = await Promise.all(
      others.map((other) => {
        other.env = sandbox.env;
        return other.run(...deployment.args, 'bootstrap', ...ENDPOINTS);
      }),
    );
    await Promise.all(others.map((other) => other.remove()));
    expect(ran.map(({ status, err }) => `${status}${err}`)).to.deep.equal(['0', '0']);
    expect(await signsIn('admin', PASSWORD)).to.equal(true);
  });
});
