/** What `bootstrap` does, one thing after the other. Source: Keystone 10.0.3, `keystone-manage bootstrap`. */
import { Conflict, NotFound, Unauthorized } from '../common/errors.js';
import { Hints } from '../common/hints.js';
import type { Conf } from '../conf/index.js';
import type { Providers } from '../subsystems/providers.js';
import { CommandError } from './command.js';

export interface BootstrapSettings {
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  readonly roleName: string;
  readonly serviceName: string;
  readonly adminUrl: string | null;
  readonly publicUrl: string | null;
  readonly internalUrl: string | null;
  readonly regionId: string | null;
}

interface Deployment {
  readonly conf: Conf;
  readonly providers: Providers;
}

type Say = (text: string) => void;

interface Entity {
  readonly id: string;
}

/**
 * Find an entity, or make it. Several nodes may do this at the same moment: whoever comes second takes what the first
 * has made.
 */
async function ensure<T extends Entity>(
  what: string,
  find: () => Promise<T | null>,
  create: () => Promise<T>,
  say: Say,
): Promise<T> {
  const found = await find();
  if (found !== null) {
    say(`${what} exists already`);
    return found;
  }
  try {
    const created = await create();
    say(`Created ${what.charAt(0).toLowerCase()}${what.slice(1)}`);
    return created;
  } catch (error) {
    const other = error instanceof Conflict ? await find() : null;
    if (other === null) throw error;
    say(`${what} exists already`);
    return other;
  }
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

async function ensureDomain({ conf, providers }: Deployment, say: Say): Promise<string> {
  const id = conf.identity.default_domain_id;
  try {
    await ensure(
      `Domain ${id}`,
      () => orNull(providers.resource.getDomain(id)),
      () =>
        providers.resource.createDomain(
          { name: 'Default', enabled: true, description: 'The default domain' },
          null,
          id,
        ),
      say,
    );
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    const other = await providers.resource.getDomainByName('Default');
    throw new CommandError(
      `[identity] default_domain_id is ${id}, but the domain named Default has the id ${other.id}: correct the option,` +
        ' or rename that domain',
      { cause: error },
    );
  }
  return id;
}

function ensureProject({ providers }: Deployment, name: string, domainId: string, say: Say): Promise<Entity> {
  const description = 'Bootstrap project for initializing the cloud.';
  return ensure(
    `Project ${name}`,
    () => orNull(providers.resource.getProjectByName(name, domainId)),
    () => providers.resource.createProject({ name, domain_id: domainId, enabled: true, description }, null),
    say,
  );
}

/** Let the user in again: enabled, and with the given password. */
async function readmit(
  { providers }: Deployment,
  id: string,
  settings: BootstrapSettings,
  say: Say,
): Promise<void> {
  const { username, password } = settings;
  const user = await providers.identity.getUser(id);
  if (!user.enabled) {
    await providers.identity.updateUser(id, { enabled: true }, null);
    say(`Enabled user ${username}`);
  }
  try {
    await providers.identity.authenticate(id, password, null);
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    // Enabling also ends a lock-out after too many failures, to which the attempt just made may have added.
    await providers.identity.updateUser(id, { password, enabled: true }, null);
    say(`Reset the password of user ${username}; tokens issued to it before are revoked`);
  }
}

async function ensureUser(
  deployment: Deployment,
  settings: BootstrapSettings,
  domainId: string,
  say: Say,
): Promise<Entity> {
  const { identity } = deployment.providers;
  const { username: name, password } = settings;
  const existing = await orNull(identity.getUserByName(name, domainId));
  if (existing !== null) await readmit(deployment, existing.id, settings, say);
  return ensure(
    `User ${name}`,
    () => orNull(identity.getUserByName(name, domainId)),
    () => identity.createUser({ name, password, domain_id: domainId, enabled: true }, null),
    say,
  );
}

function ensureRole({ providers }: Deployment, name: string, say: Say): Promise<Entity> {
  return ensure(
    `Role ${name}`,
    async () => {
      const hints = new Hints().addFilter('name', name).addFilter('domain_id', null);
      return (await providers.role.listRoles(hints)).find((role) => role.name === name) ?? null;
    },
    () => providers.role.createRole({ name }, null),
    say,
  );
}

async function ensureGrant(
  { providers }: Deployment,
  ids: { readonly user: Entity; readonly project: Entity; readonly role: Entity },
  { username, projectName, roleName }: BootstrapSettings,
  say: Say,
): Promise<void> {
  const grant = {
    userId: ids.user.id,
    groupId: null,
    projectId: ids.project.id,
    domainId: null,
    roleId: ids.role.id,
    inherited: false,
  };
  const known = await orNull(providers.assignment.checkGrant(grant).then(() => grant));
  if (known !== null) {
    say(`User ${username} has role ${roleName} on project ${projectName} already`);
    return;
  }
  await providers.assignment.createGrant(grant, null);
  say(`Granted role ${roleName} on project ${projectName} to user ${username}`);
}

async function ensureService({ providers }: Deployment, name: string, say: Say): Promise<Entity> {
  return ensure(
    'Service of type identity',
    async () => (await providers.catalog.listServices(new Hints().addFilter('type', 'identity')))[0] ?? null,
    () => providers.catalog.createService({ name, type: 'identity', enabled: true }, null),
    say,
  );
}

/** Endpoints that exist keep their URL: a running cloud may depend on it. */
async function ensureEndpoints(deployment: Deployment, settings: BootstrapSettings, say: Say): Promise<void> {
  const { catalog } = deployment.providers;
  const { publicUrl, internalUrl, adminUrl, regionId } = settings;
  const wanted = Object.entries({ public: publicUrl, internal: internalUrl, admin: adminUrl });
  if (wanted.every(([, url]) => url === null)) return;
  const service = await ensureService(deployment, settings.serviceName, say);
  const hints = new Hints().addFilter('service_id', service.id);
  if (regionId !== null) hints.addFilter('region_id', regionId);
  const endpoints = await catalog.listEndpoints(hints);
  for (const [name, url] of wanted) {
    if (url === null) continue;
    const existing = endpoints.find(
      (endpoint) => endpoint.interface === name && (regionId === null || endpoint.region_id === regionId),
    );
    if (existing !== undefined) {
      say(`Endpoint ${name} exists already: ${existing.url}`);
      continue;
    }
    const region = regionId === null ? {} : { region_id: regionId };
    await catalog.createEndpoint(
      { interface: name, url, service_id: service.id, enabled: true, ...region },
      null,
    );
    say(`Created endpoint ${name}: ${url}`);
  }
}

/** The role that v2.0 gives to members of a project. */
async function ensureMemberRole({ conf, providers }: Deployment, say: Say): Promise<void> {
  const { member_role_id: id, member_role_name: name } = conf.DEFAULT;
  await ensure(
    `Role ${name}`,
    () => orNull(providers.role.getRole(id)),
    () => providers.role.createRole({ name }, null),
    say,
  );
}

/**
 * Make sure that there is an administrator who can sign in. May be run again at any time.
 *
 * @param say is told what was done
 */
export async function bootstrap(
  deployment: Deployment,
  settings: BootstrapSettings,
  say: Say,
): Promise<void> {
  const { regionId } = settings;
  const { catalog } = deployment.providers;
  const domainId = await ensureDomain(deployment, say);
  const project = await ensureProject(deployment, settings.projectName, domainId, say);
  const user = await ensureUser(deployment, settings, domainId, say);
  const role = await ensureRole(deployment, settings.roleName, say);
  await ensureGrant(deployment, { user, project, role }, settings, say);
  if (regionId !== null) {
    await ensure(
      `Region ${regionId}`,
      () => orNull(catalog.getRegion(regionId)),
      () => catalog.createRegion({ id: regionId }, null),
      say,
    );
  }
  await ensureEndpoints(deployment, settings, say);
  await ensureMemberRole(deployment, say);
}
