/** Who and what there is in the cloud of the personas, made through the API. */
import { ADMIN } from '../../support/deployment.js';

export type Json = Record<string, unknown>;

const PASSWORD = 'Pers0na-secret';

export class Population {
  readonly #ids = new Map<string, string>();
  #admin: string | null = null;
  #count = 0;

  constructor(private readonly base: string) {}

  /** The id of `@name`. @throws Error when there is none */
  id(name: string): string {
    const id = this.#ids.get(name.replace(/^@/, ''));
    if (id === undefined) throw new Error(`nobody made ${name}`);
    return id;
  }

  async build(): Promise<void> {
    const domain = { id: 'default' };
    const user = { name: ADMIN.name, domain, password: ADMIN.password };
    this.#admin = await this.#authenticate(user, { project: { name: ADMIN.project, domain } });
    await this.#tenants();
    await this.#catalog();
    await this.#grants();
    this.#ids.set('ec2', await this.keyPair());
    await this.#many(['consumer'], 'consumer', { name: undefined }, '/OS-OAUTH1/consumers');
    // Nothing that a rule looks at: it is enough that they could be there.
    for (const name of ['access_token', 'request_token']) this.#ids.set(name, 'no-such-token');
  }

  async #tenants(): Promise<void> {
    await this.#many(['cloud', 'domain_a', 'domain_b'], 'domain');
    const [inA, inB, inDefault] = [this.#in('domain_a'), this.#in('domain_b'), { domain_id: 'default' }];
    await this.#many(['cloud_admin'], 'user', { password: PASSWORD, ...this.#in('cloud') });
    const ofA = ['domain_admin', 'project_admin', 'member', 'same_domain_user', 'self', 'target'];
    await this.#many(ofA, 'user', { password: PASSWORD, ...inA });
    await this.#many(['other_domain_user', 'trustee'], 'user', { password: PASSWORD, ...inB });
    await this.#many(['service_user'], 'user', { password: PASSWORD, ...inDefault });
    await this.#many(['project', 'project_q'], 'project', inA);
    await this.#many(['project_s'], 'project', inDefault);
    await this.#many(['group'], 'group', inA);
    await this.#many(['role', 'implied_role', 'member_role'], 'role');
    await this.#many(['service_role'], 'role', { name: 'service' });
    await this.#many(['domain_role'], 'role', inA);
    const { roles } = (await this.send('GET', '/roles?name=admin')).body as { roles: { id: string }[] };
    this.#ids.set('admin_role', roles[0]?.id ?? '');
    const totp = { user_id: this.id('self'), type: 'totp', blob: 'x', name: undefined };
    await this.#many(['credential'], 'credential', totp);
  }

  async #catalog(): Promise<void> {
    await this.#many(['region'], 'region', { name: undefined });
    await this.#many(['service'], 'service', { type: 'compute' });
    const endpoint = { interface: 'public', url: 'http://example.com' };
    const where = { service_id: this.id('service'), region_id: this.id('region') };
    await this.#many(['endpoint'], 'endpoint', { ...endpoint, ...where });
    await this.#many(['endpoint_group'], 'endpoint_group', { filters: {} }, '/OS-EP-FILTER/endpoint_groups');
    await this.#many(['policy'], 'policy', { blob: '{}', type: 'application/json' }, '/policies');
  }

  async #grants(): Promise<void> {
    for (const [user, on, role] of [
      ['cloud_admin', 'domains/@cloud', 'admin_role'],
      ['domain_admin', 'domains/@domain_a', 'admin_role'],
      ['other_domain_user', 'domains/@domain_b', 'admin_role'],
      ['project_admin', 'projects/@project', 'admin_role'],
      ['member', 'projects/@project', 'member_role'],
      ['same_domain_user', 'projects/@project_q', 'member_role'],
      ['self', 'projects/@project_q', 'member_role'],
      ['service_user', 'projects/@project_s', 'service_role'],
    ] as const) {
      const target = on.replace(/@\w+/, (name) => this.id(name));
      await this.send('PUT', `/${target}/users/${this.id(user)}/roles/${this.id(role)}`);
    }
  }

  /** EC2 credentials of @self; the access key. */
  async keyPair(): Promise<string> {
    const path = `/users/${this.id('self')}/credentials/OS-EC2`;
    const { body } = await this.send('POST', path, { tenant_id: this.id('project_q') });
    return (body['credential'] as { access: string }).access;
  }

  /** A trust of the project's administrator in the trustee, with all that the administrator may do. */
  async trust(trustorToken: string): Promise<string> {
    const trust = {
      trustor_user_id: this.id('project_admin'),
      trustee_user_id: this.id('trustee'),
      project_id: this.id('project'),
      roles: [{ id: this.id('admin_role') }],
      impersonation: false,
      // Two trusts of the same parties that differ in nothing are one too many.
      expires_at: new Date(Date.now() + 3_600_000 + (this.#count += 1)).toISOString(),
    };
    const { body } = await this.send('POST', '/OS-TRUST/trusts', { trust }, trustorToken);
    const { id } = body['trust'] as { id: string };
    if (!this.#ids.has('trust')) this.#ids.set('trust', id);
    return id;
  }

  /** Something like what `@name` stands for, made to be deleted; its id. */
  victim(name: string): Promise<string> {
    switch (name) {
      case 'self':
        return this.#create('user', this.#in('domain_a'));
      case 'group':
      case 'project':
        return this.#create(name, this.#in('domain_a'));
      case 'role':
        return this.#create('role', {});
      case 'domain_role':
        return this.#create('role', this.#in('domain_a'));
      case 'domain_a':
        return this.#create('domain', { enabled: false });
      case 'region':
        return this.#create('region', { name: undefined });
      case 'ec2':
        return this.keyPair();
      default:
        throw new Error(`there is no victim for ${name}`);
    }
  }

  /** A token of `@name`. @param base a server other than that by which the cloud was made */
  signIn(name: string, scope: Json, base = this.base): Promise<string> {
    return this.#authenticate({ id: this.id(name), password: PASSWORD }, scope, base);
  }

  async #authenticate(user: Json, scope: Json, base = this.base): Promise<string> {
    const auth = { identity: { methods: ['password'], password: { user } }, scope };
    return (await this.send('POST', '/auth/tokens', { auth }, null, base)).subject;
  }

  #in(domain: string): Json {
    return { domain_id: this.id(domain) };
  }

  async #many(names: readonly string[], kind: string, attributes: Json = {}, path?: string): Promise<void> {
    for (const name of names) this.#ids.set(name, await this.#create(kind, attributes, path));
  }

  async #create(kind: string, attributes: Json, path = `/${kind}s`): Promise<string> {
    const name = `${kind}-${(this.#count += 1)}`;
    const { body } = await this.send('POST', path, { [kind]: { name, ...attributes } });
    return (body[kind] as { id: string }).id;
  }

  /** A request that must succeed. */
  async send(
    method: string,
    path: string,
    body?: Json,
    token = this.#admin,
    base = this.base,
  ): Promise<{ readonly body: Json; readonly subject: string }> {
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
}
