/** A domain with a project, a user, a role and a service, made over HTTP by an administrator; and more of each. */
import type { Answer, Cloud } from './cloud.js';

export type Json = Record<string, unknown>;

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface UserWithPassword extends Named {
  readonly password: string;
}

/** The token of an answer. @throws Error when there is none */
export function tokenOf({ status, headers, text }: Answer): string {
  const token = headers.get('X-Subject-Token');
  if (status !== 201 || token === null) throw new Error(`no token: ${status} ${text}`);
  return token;
}

export class Tenancy {
  domain: Named = NOTHING;
  project: Named = NOTHING;
  role: Named = NOTHING;
  alice: UserWithPassword = { ...NOTHING, password: '' };
  service: Named = NOTHING;
  endpoint: Named = NOTHING;
  #count = 0;

  constructor(
    private readonly cloud: Pick<Cloud, 'request'>,
    private readonly admin: string,
  ) {}

  async build(): Promise<void> {
    this.domain = await this.newDomain();
    this.project = await this.newProject();
    this.role = await this.create('role', {});
    this.alice = await this.user();
    await this.grant('PUT', this.alice.id, this.project.id);
    const domainRole = `/v3/domains/${this.domain.id}/users/${this.alice.id}/roles/${this.role.id}`;
    await this.expect('PUT', domainRole);
    // As a project, for tokens of a project that acts as a domain.
    await this.grant('PUT', this.alice.id, this.domain.id);
    this.service = await this.create('service', { type: 'compute', name: 'nova' });
    this.endpoint = await this.create('endpoint', {
      service_id: this.service.id,
      interface: 'public',
      url: 'http://compute/v2/$(project_id)s',
    });
  }

  newDomain(attributes: Json = {}): Promise<Named> {
    return this.create('domain', attributes);
  }

  /** In the domain of the tenancy where the attributes say nothing else. */
  newProject(attributes: Json = {}): Promise<Named> {
    return this.create('project', { domain_id: this.domain.id, ...attributes });
  }

  async user(attributes: Json = {}): Promise<UserWithPassword> {
    const password = `secret-${(this.#count += 1)}`;
    const user = await this.create('user', { domain_id: this.domain.id, password, ...attributes });
    return { ...user, password: (attributes['password'] as string | undefined) ?? password };
  }

  /** Grant or take a role on a project: the role of the tenancy where none is named. */
  grant(method: 'PUT' | 'DELETE', userId: string, projectId: string, roleId = this.role.id): Promise<Answer> {
    return this.expect(method, `/v3/projects/${projectId}/users/${userId}/roles/${roleId}`);
  }

  /** Id of a role, which is made when it is missing. */
  async roleNamed(name: string): Promise<string> {
    const { body } = await this.expect('GET', `/v3/roles?name=${name}`);
    const [found] = body['roles'] as Named[];
    return found?.id ?? (await this.create('role', { name })).id;
  }

  async create(kind: string, attributes: Json): Promise<Named> {
    const name = kind === 'endpoint' ? {} : { name: `${kind}-${(this.#count += 1)}` };
    const { body } = await this.expect('POST', `/v3/${kind}s`, { [kind]: { ...name, ...attributes } });
    return body[kind] as Named;
  }

  private async expect(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.cloud.request(method, path, this.admin, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }
}

const NOTHING: Named = { id: '', name: '' };
