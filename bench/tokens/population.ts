/** The same cloud for both services, and tokens to ask about, made through the API. */
import type { Request } from '../identity/load.js';

interface Server {
  readonly url: string;
  readonly admin: Readonly<Record<'name' | 'password' | 'project', string>>;
}

const SERVICES = ['identity', 'compute', 'image', 'network', 'volumev3'];
const FACES = ['public', 'internal', 'admin'];
const DOMAIN = { id: 'default' };
/** Requests at a time while tokens are made. */
const AT_ONCE = 4;

export class Population {
  private constructor(
    private readonly server: Server,
    private readonly admin: string,
    private readonly unscoped: string,
  ) {}

  /** Fills an empty service (but for its first user). */
  static async make(server: Server): Promise<Population> {
    const admin = await signIn(server, projectOf(server));
    await post(server, '/v3/regions', admin, { region: { id: 'bench' } });
    for (const type of SERVICES) {
      const { service } = await post(server, '/v3/services', admin, { service: { name: type, type } });
      for (const face of FACES) {
        const url = `http://${type}.example.com/v3`;
        const endpoint = { service_id: service?.id, region_id: 'bench', interface: face, url };
        await post(server, '/v3/endpoints', admin, { endpoint });
      }
    }
    return new Population(server, admin, await signIn(server, { unscoped: {} }));
  }

  /** Questions about so many tokens that were never asked about. */
  async validations(count: number): Promise<Request[]> {
    const made: Request[] = [];
    while (made.length < count) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - made.length) }, () => this.rescoped());
      for (const subject of await Promise.all(some)) {
        const headers = { 'X-Auth-Token': this.admin, 'X-Subject-Token': subject };
        made.push({ method: 'GET', path: '/v3/auth/tokens', headers, status: 200 });
      }
    }
    return made;
  }

  rescope(): Request {
    return issue({ methods: ['token'], token: { id: this.unscoped } }, projectOf(this.server));
  }

  password(): Request {
    return issue(passwordOf(this.server), projectOf(this.server));
  }

  private async rescoped(): Promise<string> {
    const { path, headers, body } = this.rescope();
    const response = await fetch(`${this.server.url}${path}`, { method: 'POST', headers, body: body ?? '' });
    if (response.status !== 201) throw new Error(`a token: status ${response.status}`);
    await response.arrayBuffer();
    return response.headers.get('X-Subject-Token') ?? '';
  }
}

const projectOf = ({ admin }: Server): object => ({ project: { name: admin.project, domain: DOMAIN } });

function passwordOf({ admin: { name, password } }: Server): object {
  return { methods: ['password'], password: { user: { name, password, domain: DOMAIN } } };
}

function issue(identity: object, scope: object): Request {
  const body = JSON.stringify({ auth: { identity, scope } });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
  return { method: 'POST', path: '/v3/auth/tokens', headers, body, status: 201 };
}

async function signIn(server: Server, scope: object): Promise<string> {
  const { path, headers, body } = issue(passwordOf(server), scope);
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: body ?? '' });
  if (response.status !== 201) throw new Error(`sign-in: status ${response.status}`);
  await response.arrayBuffer();
  return response.headers.get('X-Subject-Token') ?? '';
}

async function post(
  server: Server,
  path: string,
  token: string,
  body: object,
): Promise<Record<string, { id: string }>> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Auth-Token': token },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${path}: status ${response.status}`);
  return (await response.json()) as Record<string, { id: string }>;
}
