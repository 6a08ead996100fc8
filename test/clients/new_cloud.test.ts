/**
 * The first day of a cloud, as it was before there was `keystone-manage bootstrap`: somebody with [DEFAULT] admin_token
 * makes everything from nothing, and then takes the filter for it out of the pipelines.
 */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { configureLogging, shutdownLogging } from '../../src/common/log/index.js';
import { V2Cloud } from '../api/v2_cloud.js';
import { withAdminToken } from '../support/paste.js';
import { type Client, type Login, type Person, startClient } from './client.js';

const ADMIN_TOKEN = 'ADMIN';
const REGION = 'RegionOne';

interface Steps {
  readonly path: string;
  endpoints(root: Person, service: string, urls: V2Cloud['urls']): Promise<void>;
  people(root: Person): Promise<void>;
  /** What the administrator's shell needs beside name, password and project. */
  readonly login: Login;
  /** An everyday command. */
  readonly later: string;
}

const VERSIONS: Readonly<Record<string, Steps>> = {
  '2.0': {
    path: 'v2.0',
    async endpoints(root, service, urls) {
      const faces = [
        `--publicurl ${urls.main}/v2.0`,
        `--internalurl ${urls.main}/v2.0`,
        `--adminurl ${urls.admin}/v2.0`,
      ];
      await root.show(`endpoint create --region ${REGION} ${faces.join(' ')} ${service}`);
    },
    async people(root) {
      await root.show('project create --enable admin');
      await root.show('user create --project admin --password secret admin');
      await root.show('role create admin');
      await root.show('role add --project admin --user admin admin');
    },
    login: { INTERFACE: 'admin' },
    later: 'project create another',
  },
  '3': {
    path: 'v3',
    async endpoints(root, service, urls) {
      for (const [face, url] of [
        ['public', urls.main],
        ['internal', urls.main],
        ['admin', urls.admin],
      ]) {
        await root.show(`endpoint create --region ${REGION} ${service} ${face} ${url}/v3`);
      }
    },
    async people(root) {
      const [user, project] = ['--user admin --user-domain cloud', '--project admin --project-domain cloud'];
      await root.show('domain create cloud');
      await root.show('project create --domain cloud admin');
      await root.show(`user create --domain cloud ${project} --password secret admin`);
      await root.show('role create admin');
      await root.done(`role add ${project} ${user} admin`);
      await root.done(`role add --domain cloud ${user} admin`);
    },
    login: { USER_DOMAIN_NAME: 'cloud', PROJECT_DOMAIN_NAME: 'cloud' },
    later: 'project create --domain cloud another',
  },
};

for (const [version, steps] of Object.entries(VERSIONS)) {
  describe(`a brand new cloud, made with the admin token through v${version}`, function limited() {
    this.timeout(120_000);
    let client: Client;
    let cloud: V2Cloud;
    let root: Person;
    const log = (): Promise<string> => readFile(cloud.deployment.path('keystone.log'), 'utf8');

    before(async function start() {
      client = await startClient(this);
      cloud = await V2Cloud.start(
        { DEFAULT: [`admin_token = ${ADMIN_TOKEN}`] },
        { until: 'tables', rearrange: withAdminToken },
      );
      configureLogging(cloud.deployment.load().conf.DEFAULT);
      root = client.as({
        AUTH_TYPE: 'admin_token',
        TOKEN: ADMIN_TOKEN,
        ENDPOINT: `${cloud.urls.admin}/${steps.path}`,
        IDENTITY_API_VERSION: version,
      });
    });
    after(async () => {
      await client?.stop();
      await cloud?.stop();
      shutdownLogging();
    });

    it('gets services, endpoints, projects, users, roles and grants from nothing', async function make() {
      this.timeout(120_000);
      await root.show('service create --name keystone identity');
      await steps.endpoints(root, 'keystone', cloud.urls);
      await steps.people(root);
    });

    it("is then the administrator's, without the admin token", async function use() {
      this.timeout(120_000);
      const admin = client.as({
        AUTH_URL: `${cloud.urls.main}/${steps.path}`,
        IDENTITY_API_VERSION: version,
        REGION_NAME: REGION,
        USERNAME: 'admin',
        PASSWORD: 'secret',
        PROJECT_NAME: 'admin',
        ...steps.login,
      });
      await admin.show(steps.later);

      expect(await cloud.rearrange((stock) => stock)).to.equal(true);
      expect(await root.refusal('user list')).to.contain('(HTTP 401)');
      for (const stack of ['main', 'admin'] as const) {
        const { status } = await cloud.call(stack, 'GET', '/v3/users', ADMIN_TOKEN);
        expect(status, stack).to.equal(401);
      }
      expect((await admin.list('user list')).map((row) => row['Name'])).to.deep.equal(['admin']);
    });

    it('was warned: of the filter when it is loaded, and of the token that is refused', async () => {
      expect(await cloud.rearrange(withAdminToken)).to.equal(true);
      const text = await log();
      expect(text).to.match(/WARNING keystone\.middleware\.admin_token_auth .*security risk/);
      expect(text).to.match(/WARNING keystone\.middleware\.auth .*admin_token was sent and refused/);
    });
  });
}
