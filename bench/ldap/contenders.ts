/** Both services with domains whose users are in one directory, configured through their APIs. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ADMIN, createDeployment } from '../../test/support/deployment.js';
import { startReference } from '../../test/support/reference/keystone.js';
import { findProgram, freePort } from '../../test/support/services/processes.js';
import { ADMIN as DIRECTORY_ADMIN, SUFFIX } from '../../test/support/services/slapd.js';

export interface Contender {
  readonly name: string;
  readonly url: string;
  /** A token of the administrator. */
  readonly token: string;
  /** Runs keystone-manage. */
  manage(...args: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const CONF = {
  token: ['provider = fernet'],
  identity: [
    'password_hash_algorithm = bcrypt',
    'password_hash_rounds = 4',
    'domain_specific_drivers_enabled = true',
    'domain_configurations_from_database = true',
  ],
};

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
/** A list of 10,000 users is some megabytes. */
const MOST_OUTPUT = 64 << 20;

async function adminToken(url: string): Promise<string> {
  const user = { name: ADMIN.name, domain: { id: 'default' }, password: ADMIN.password };
  const response = await fetch(`${url}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: ADMIN.project, domain: { id: 'default' } } },
      },
    }),
  });
  const token = response.headers.get('x-subject-token');
  if (token === null) throw new Error(`${url}: no token (${response.status} ${await response.text()})`);
  return token;
}

/** Ours, as built. */
export async function startOurs(): Promise<Contender> {
  const deployment = await createDeployment({ conf: CONF });
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    process.execPath,
    ['bin/keystone-serve', ...deployment.args, `main@${url.replace('http://', '')}`],
    { cwd: ROOT, env: deployment.env, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await deployment.remove();
  };
  try {
    while ((await fetch(`${url}/v3`).catch(() => null))?.status !== 200) {
      if (child.exitCode !== null) throw new Error('keystone-serve ended');
      await sleep(50);
    }
    return {
      name: 'keystone-koa',
      url,
      token: await adminToken(url),
      manage: async (...args) => {
        const command = ['bin/keystone-manage', ...deployment.args, ...args];
        await run(process.execPath, command, { cwd: ROOT, env: deployment.env, maxBuffer: MOST_OUTPUT });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Debian's, which caches in memcached. */
export async function startReal(): Promise<Contender> {
  const reference = await startReference({ caching: true, conf: CONF });
  const program = findProgram('keystone-manage') ?? '';
  return {
    name: 'Keystone 22',
    url: reference.url,
    token: await adminToken(reference.url),
    manage: async (...args) => {
      await run(program, ['--config-file', reference.conf, ...args], { maxBuffer: MOST_OUTPUT });
    },
    stop: () => reference.stop(),
  };
}

/** A domain whose users are those of ou=People. @returns its id */
export async function addDomain(contender: Contender, name: string, directory: string): Promise<string> {
  const made = await send(contender, 'POST', '/v3/domains', { domain: { name } });
  const { id } = (JSON.parse(made) as { domain: { id: string } }).domain;
  await send(contender, 'PUT', `/v3/domains/${id}/config`, {
    config: {
      identity: { driver: 'ldap' },
      ldap: {
        url: directory,
        user: DIRECTORY_ADMIN.dn,
        password: DIRECTORY_ADMIN.password,
        suffix: SUFFIX,
        user_tree_dn: `ou=People,${SUFFIX}`,
        user_objectclass: 'inetOrgPerson',
        user_id_attribute: 'cn',
        user_name_attribute: 'cn',
        group_tree_dn: `ou=UserGroups,${SUFFIX}`,
      },
    },
  });
  return id;
}

/** @returns the body @throws Error for any status but 200 and 201 */
export async function send(
  { url, token, name }: Contender,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status !== 200 && response.status !== 201) {
    throw new Error(`${name}: ${method} ${path}: ${response.status} ${text.slice(0, 200)}`);
  }
  return text;
}
