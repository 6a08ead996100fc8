/**
 * The cloud in which the personas live, made through the API: one database and key repository, served twice, under
 * either policy file. Names as in the tables under test/fixtures/personas: `@name` stands for an id here.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConf } from '../../../src/conf/index.js';
import { type RunningServer, startServer } from '../../../src/server/server.js';
import { ADMIN, createDeployment } from '../../support/deployment.js';

export const POLICIES = ['policy.json', 'policy.v3cloudsample.json'] as const;
export type PolicyName = (typeof POLICIES)[number];

export const PERSONAS = [
  'cloud_admin',
  'domain_admin',
  'project_admin',
  'member',
  'same_domain_user',
  'other_domain_user',
  'self',
  'trustee',
  'service',
  'unscoped',
  'expired',
  'none',
] as const;
export type Persona = (typeof PERSONAS)[number];

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface World {
  /** The id of `@name`. @throws Error when there is none */
  id(name: string): string;
  /** The persona's token; null for the one without. */
  token(persona: Persona): string | null;
  /** A token of @self as it gets it by signing in. */
  subjectToken(): Promise<string>;
  ask(policy: PolicyName, method: string, path: string, headers: Headers, body?: string): Promise<Reply>;
  /** Something like what `@name` stands for, made to be deleted; its id. */
  victim(name: string): Promise<string>;
  stop(): Promise<void>;
}

const PASSWORD = 'Pers0na-secret';
/** Seconds that the token of the expired persona lives. */
const SHORT_LIFE = 1;

type Json = Record<string, unknown>;

const etc = (name: string): string => fileURLToPath(new URL(`../../../etc/${name}`, import.meta.url));

function urlOf(server: RunningServer): string {
  const address = server.serving[0]?.address;
  if (address?.kind !== 'tcp') throw new Error('not served by TCP');
  return `http://127.0.0.1:${address.port}`;
}

export async function createWorld(): Promise<World> {
  const deployment = await createDeployment({
    conf: { DEFAULT: ['crypt_strength = 1000'], token: ['expiration = 3600'] },
  });
  const servers: RunningServer[] = [];
  const ids = new Map<string, string>([['default', 'default']]);
  const tokens = new Map<Persona, string>();
  const urls = new Map<PolicyName, string>();

  /** Serve the deployment with more configuration. */
  async function serve(name: string, ...lines: string[]): Promise<string> {
    const more = deployment.path(name);
    await writeFile(more, lines.join('\n'), { mode: 0o600 });
    const conf = loadConf({ configFiles: [deployment.conf, more], configDirs: [], env: deployment.env });
    const server = await startServer(conf, [
      { name: 'main', address: { kind: 'tcp', host: '127.0.0.1', port: 0 } },
    ]);
    servers.push(server);
    return urlOf(server);
  }

  const id = (name: string): string => {
    const found = ids.get(name.replace(/^@/, ''));
    if (found === undefined) throw new Error(`nobody made ${name}`);
    return found;
  };

  async function send(
    base: string,
    method: string,
    path: string,
    token: string | null,
    body?: Json,
  ): Promise<{ body: Json; subject: string }> {
    const answer = await fetch(`${base}/v3${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token !== null && { 'X-Auth-Token': token }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return {
      body: (text === '' ? {} : JSON.parse(text)) as Json,
      subject: answer.headers.get('X-Subject-Token') ?? '',
    };
  }

  const main = await serve('plain.conf', '[oslo_policy]', `policy_file = ${etc('policy.json')}`);
  urls.set('policy.json', main);

  async function signIn(user: Json, scope: Json | null, base = main): Promise<string> {
    const identity = { methods: ['password'], password: { user } };
    const auth = { identity, scope: scope ?? { unscoped: {} } };
    return (await send(base, 'POST', '/auth/tokens', null, { auth })).subject;
  }
  const as = (name: string): Json => ({ id: id(name), password: PASSWORD });

  const inDefault = { id: 'default' };
  const admin = await signIn(
    { name: ADMIN.name, domain: inDefault, password: ADMIN.password },
    { project: { name: ADMIN.project, domain: inDefault } },
  );
  const put = (path: string): Promise<unknown> => send(main, 'PUT', path, admin);
  let count = 0;
  async function create(kind: string, attributes: Json, path = `/${kind}s`): Promise<string> {
    count += 1;
    const { body } = await send(main, 'POST', path, admin, {
      [kind]: { name: `${kind}-${count}`, ...attributes },
    });
    return (body[kind] as { id: string }).id;
  }
  async function make(
    names: readonly string[],
    kind: string,
    attributes: Json = {},
    path?: string,
  ): Promise<void> {
    for (const name of names) ids.set(name, await create(kind, attributes, path));
  }

  await make(['cloud', 'domain_a', 'domain_b'], 'domain');
  const [inA, inB] = [{ domain_id: id('domain_a') }, { domain_id: id('domain_b') }];
  const person = { password: PASSWORD };
  await make(['cloud_admin'], 'user', { ...person, domain_id: id('cloud') });
  await make(['domain_admin', 'project_admin', 'member', 'same_domain_user', 'self', 'target'], 'user', {
    ...person,
    ...inA,
  });
  await make(['other_domain_user', 'trustee'], 'user', { ...person, ...inB });
  await make(['service_user'], 'user', { ...person, domain_id: 'default' });
  await make(['project', 'project_q'], 'project', inA);
  await make(['project_s'], 'project', { domain_id: 'default' });
  await make(['group'], 'group', inA);
  await make(['role', 'implied_role', 'member_role'], 'role');
  await make(['service_role'], 'role', { name: 'service' });
  await make(['domain_role'], 'role', inA);
  const roles = (await send(main, 'GET', '/roles?name=admin', admin)).body['roles'] as { id: string }[];
  ids.set('admin_role', roles[0]?.id ?? '');

  await make(['region'], 'region', { name: undefined });
  await make(['service'], 'service', { type: 'compute' });
  const endpoint = { service_id: id('service'), interface: 'public', url: 'http://example.com' };
  await make(['endpoint'], 'endpoint', { ...endpoint, region_id: id('region') });
  await make(['endpoint_group'], 'endpoint_group', { filters: {} }, '/OS-EP-FILTER/endpoint_groups');
  await make(['policy'], 'policy', { blob: '{}', type: 'application/json' }, '/policies');
  await make(['credential'], 'credential', { user_id: id('self'), type: 'totp', blob: 'x', name: undefined });
  await make(['consumer'], 'consumer', { name: undefined }, '/OS-OAUTH1/consumers');
  ids.set('access_token', 'no-such-token');
  ids.set('request_token', 'no-such-token');

  const grant = (user: string, on: string, role: string): Promise<unknown> =>
    put(
      `/${on.startsWith('project') ? 'projects' : 'domains'}/${id(on)}/users/${id(user)}/roles/${id(role)}`,
    );
  await grant('cloud_admin', 'cloud', 'admin_role');
  await grant('domain_admin', 'domain_a', 'admin_role');
  await grant('other_domain_user', 'domain_b', 'admin_role');
  await grant('project_admin', 'project', 'admin_role');
  await grant('member', 'project', 'member_role');
  await grant('same_domain_user', 'project_q', 'member_role');
  await grant('self', 'project_q', 'member_role');
  await grant('service_user', 'project_s', 'service_role');

  const onProject = (name: string): Json => ({ project: { id: id(name) } });
  const onDomain = (name: string): Json => ({ domain: { id: id(name) } });
  const shortLived = await serve('short.conf', '[token]', `expiration = ${SHORT_LIFE}`);
  tokens.set('expired', await signIn(as('cloud_admin'), onDomain('cloud'), shortLived));
  const expiry = sleep(SHORT_LIFE * 1000);
  tokens.set('cloud_admin', await signIn(as('cloud_admin'), onDomain('cloud')));
  tokens.set('domain_admin', await signIn(as('domain_admin'), onDomain('domain_a')));
  tokens.set('project_admin', await signIn(as('project_admin'), onProject('project')));
  tokens.set('member', await signIn(as('member'), onProject('project')));
  tokens.set('same_domain_user', await signIn(as('same_domain_user'), onProject('project_q')));
  tokens.set('other_domain_user', await signIn(as('other_domain_user'), onDomain('domain_b')));
  tokens.set('self', await signIn(as('self'), onProject('project_q')));
  tokens.set('service', await signIn(as('service_user'), onProject('project_s')));
  tokens.set('unscoped', await signIn(as('cloud_admin'), null));

  async function createTrust(): Promise<string> {
    const trust = {
      trustor_user_id: id('project_admin'),
      trustee_user_id: id('trustee'),
      project_id: id('project'),
      roles: [{ id: id('admin_role') }],
      impersonation: false,
    };
    const { body } = await send(main, 'POST', '/OS-TRUST/trusts', tokens.get('project_admin') ?? '', {
      trust,
    });
    return (body['trust'] as { id: string }).id;
  }
  async function createEc2(): Promise<string> {
    const path = `/users/${id('self')}/credentials/OS-EC2`;
    const { body } = await send(main, 'POST', path, admin, { tenant_id: id('project_q') });
    return (body['credential'] as { access: string }).access;
  }
  ids.set('trust', await createTrust());
  ids.set('ec2', await createEc2());
  tokens.set('trustee', await signIn(as('trustee'), { 'OS-TRUST:trust': { id: id('trust') } }));

  const cloudSample = (await readFile(etc('policy.v3cloudsample.json'), 'utf8')).replace(
    'domain_id:admin_domain_id',
    `domain_id:${id('cloud')}`,
  );
  const sampleFile = deployment.path('policy.v3cloudsample.json');
  await writeFile(sampleFile, cloudSample);
  const sample = await serve('sample.conf', '[oslo_policy]', `policy_file = ${sampleFile}`);
  urls.set('policy.v3cloudsample.json', sample);
  await expiry;

  const victims: Readonly<Record<string, () => Promise<string>>> = {
    self: () => create('user', inA),
    group: () => create('group', inA),
    project: () => create('project', inA),
    role: () => create('role', {}),
    domain_role: () => create('role', inA),
    domain_a: () => create('domain', { enabled: false }),
    region: () => create('region', { name: undefined }),
    trust: createTrust,
    ec2: createEc2,
  };
  return {
    id,
    token: (persona) => tokens.get(persona) ?? null,
    subjectToken: () => signIn(as('self'), onProject('project_q')),
    async ask(policy, method, path, headers, body) {
      const answer = await fetch(`${urls.get(policy)}/v3${path}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
      });
      return { status: answer.status, text: await answer.text() };
    },
    victim: (name) => victims[name]?.() ?? Promise.resolve(id(name)),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await deployment.remove();
    },
  };
}
