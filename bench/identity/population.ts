/** The same content for both services, made through the API. */
import type { Request } from './load.js';

interface Server {
  readonly url: string;
  readonly admin: Readonly<Record<'name' | 'password' | 'project', string>>;
}

/** What is measured, by name. */
export type Workloads = Readonly<Record<'validate' | 'rescope' | 'list', readonly Request[]>>;

const USERS = 200;
const TOKENS = 20;
const SERVICES = ['identity', 'compute', 'image', 'network', 'volumev3'];
const DOMAIN = { id: 'default' };

async function call(
  server: Server,
  method: string,
  path: string,
  token: string | null,
  body?: object,
): Promise<{ body: Record<string, { id: string }>; token: string }> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...(token !== null && { 'X-Auth-Token': token }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: status ${response.status}\n${text}`);
  return {
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, { id: string }>,
    token: response.headers.get('X-Subject-Token') ?? '',
  };
}

async function signIn(server: Server, scope: object): Promise<string> {
  const { name, password } = server.admin;
  const user = { name, password, domain: DOMAIN };
  const identity = { methods: ['password'], password: { user } };
  return (await call(server, 'POST', '/v3/auth/tokens', null, { auth: { identity, scope } })).token;
}

async function create(server: Server, token: string, kind: string, attributes: object): Promise<string> {
  const { body } = await call(server, 'POST', `/v3/${kind}s`, token, { [kind]: attributes });
  return body[kind]?.id ?? '';
}

/** Fills an empty service (but for its first user) and says what to ask it. */
export async function populate(server: Server): Promise<Workloads> {
  const project = { project: { name: server.admin.project, domain: DOMAIN } };
  const token = await signIn(server, project);
  await create(server, token, 'region', { id: 'bench' });
  for (const type of SERVICES) {
    const service = await create(server, token, 'service', { name: type, type });
    for (const face of ['public', 'internal', 'admin']) {
      const url = `http://${type}.example.com/v3`;
      await create(server, token, 'endpoint', {
        service_id: service,
        region_id: 'bench',
        interface: face,
        url,
      });
    }
  }
  // The first user is one of them.
  for (let number = 1; number < USERS; number += 1) {
    const name = `user-${number}`;
    await create(server, token, 'user', { name, password: 'secret', email: `${name}@example.com` });
  }

  const subjects: string[] = [];
  for (let number = 0; number < TOKENS; number += 1) subjects.push(await signIn(server, project));
  const asAdmin = { 'X-Auth-Token': token };
  const unscoped = await signIn(server, { unscoped: {} });
  const rescope = {
    auth: { identity: { methods: ['token'], token: { id: unscoped } }, scope: project },
  };
  const body = JSON.stringify(rescope);
  const json = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
  return {
    validate: subjects.map((subject) => ({
      method: 'GET',
      path: '/v3/auth/tokens',
      headers: { ...asAdmin, 'X-Subject-Token': subject },
      status: 200,
    })),
    rescope: [{ method: 'POST', path: '/v3/auth/tokens', headers: json, body, status: 201 }],
    list: [{ method: 'GET', path: '/v3/users', headers: asAdmin, status: 200 }],
  };
}
