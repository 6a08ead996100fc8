/** A cloud that is in its own catalog, and people who work with it through python-openstackclient. */
import { cloudAt, type RemoteCloud, startCloud } from '../api/cloud.js';
import { ADMIN } from '../support/deployment.js';
import { type Client, type Login, type Person, startClient } from './client.js';

/** A cloud of a suite's own; one that runs already reads no files anew. */
export interface SiteCloud extends RemoteCloud {
  reloadDomains(): Promise<void>;
}

export interface Site {
  readonly cloud: SiteCloud;
  /** The first user, scoped to the first project. */
  readonly admin: Person;
  /** @param project unscoped without one; a login adds to or replaces what else the person's shell sets */
  person(name: string, password: string, project?: string, login?: Login): Person;
  /** Somebody with a token instead of a password. @param project unscoped without one */
  bearer(token: string, project?: string): Person;
  stop(): Promise<void>;
}

/** The address of the service in its own catalog; the port is known only after the start. */
export async function register(cloud: RemoteCloud): Promise<void> {
  const token = await cloud.adminToken();
  const create = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await cloud.request('POST', path, token, body);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.text}`);
    return answer.body;
  };
  await create('/v3/regions', { region: { id: 'RegionOne' } });
  const { service } = await create('/v3/services', { service: { name: 'keystone', type: 'identity' } });
  const about = {
    service_id: (service as { id: string }).id,
    region_id: 'RegionOne',
    url: `${cloud.url}/v3`,
  };
  for (const face of ['public', 'internal', 'admin']) {
    await create('/v3/endpoints', { endpoint: { interface: face, ...about } });
  }
}

/**
 * Skips the caller's tests when the client is not installed. With TEST_SITE_URL, a service that is its own catalog's
 * runs there already, with the first user of `support/deployment.ts` and nobody else.
 * @param context `this` of the mocha hook
 * @param conf lines of keystone.conf by section
 */
export async function startSite(
  context: Mocha.Context,
  conf: Readonly<Record<string, readonly string[]>> = {},
): Promise<Site> {
  const client: Client = await startClient(context);
  const stop: (() => Promise<void>)[] = [() => client.stop()];
  const stopAll = async (): Promise<void> => void (await Promise.all(stop.map((each) => each())));
  let cloud: SiteCloud;
  try {
    const given = process.env['TEST_SITE_URL'];
    if (given === undefined) {
      const own = await startCloud(conf);
      stop.push(() => own.stop());
      await register(own);
      cloud = own;
    } else {
      cloud = { ...cloudAt(given), reloadDomains: () => Promise.reject(new Error('not ours')) };
    }
  } catch (error) {
    await stopAll();
    throw error;
  }
  const somebody = (login: Login, project: string | undefined): Person =>
    client.as({
      AUTH_URL: `${cloud.url}/v3`,
      IDENTITY_API_VERSION: '3',
      REGION_NAME: 'RegionOne',
      ...(project !== undefined && { PROJECT_NAME: project, PROJECT_DOMAIN_ID: 'default' }),
      ...login,
    });
  const person: Site['person'] = (name, password, project, login = {}) =>
    somebody({ USERNAME: name, PASSWORD: password, USER_DOMAIN_ID: 'default', ...login }, project);
  return {
    cloud,
    admin: person(ADMIN.name, ADMIN.password, ADMIN.project),
    person,
    bearer: (token, project) => somebody({ AUTH_TYPE: 'v3token', TOKEN: token }, project),
    stop: stopAll,
  };
}
