/** Users, projects and roles for tests over HTTP, and tokens of these users. */
import { expect } from 'chai';
import type { Answer, Cloud } from './cloud.js';

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly [attribute: string]: unknown;
}

export interface Person extends Entity {
  readonly password: string;
}

export interface People {
  readonly cloud: Cloud;
  readonly admin: string;
  /** The role of administrators. */
  readonly adminRole: Entity;
  unique(prefix: string): string;
  /** A call that must succeed; gives the member of the answer's body, or the body itself. */
  must(token: string | null, method: string, path: string, body?: object, member?: string): Promise<Entity>;
  user(attributes?: object): Promise<Person>;
  project(attributes?: object): Promise<Entity>;
  role(attributes?: object): Promise<Entity>;
  grant(user: Entity, project: Entity, ...roles: readonly Entity[]): Promise<void>;
  /** The answer to a request for a token. */
  authenticate(person: Person, scope?: object): Promise<Answer>;
  /** A token with the scope. @throws AssertionError when it is refused */
  token(person: Person, scope?: object): Promise<string>;
  tokenFor(person: Person, project: Entity): Promise<string>;
}

export function tokenOf(answer: Answer): string {
  const token = answer.headers.get('X-Subject-Token');
  expect(token, answer.text).to.be.a('string');
  return token as string;
}

export async function createPeople(cloud: Cloud): Promise<People> {
  const admin = await cloud.adminToken();
  const { body } = await cloud.request('GET', '/v3/roles?name=admin', admin);
  const [adminRole] = body['roles'] as Entity[];
  if (adminRole === undefined) throw new Error('there is no role of administrators');
  let count = 0;
  const people: People = {
    cloud,
    admin,
    adminRole,
    unique: (prefix) => `${prefix}-${(count += 1)}`,
    async must(token, method, path, body, member) {
      const answer = await cloud.request(method, path, token, body);
      expect(answer.status, `${method} ${path}: ${answer.text}`).to.be.within(200, 299);
      return (member === undefined ? answer.body : answer.body[member]) as Entity;
    },
    async user(attributes = {}) {
      const user = { name: people.unique('user'), password: 'secret', ...attributes };
      return {
        ...(await people.must(admin, 'POST', '/v3/users', { user }, 'user')),
        password: user.password,
      };
    },
    project: (attributes = {}) =>
      people.must(
        admin,
        'POST',
        '/v3/projects',
        { project: { name: people.unique('project'), ...attributes } },
        'project',
      ),
    role: (attributes = {}) =>
      people.must(
        admin,
        'POST',
        '/v3/roles',
        { role: { name: people.unique('role'), ...attributes } },
        'role',
      ),
    async grant(user, project, ...roles) {
      for (const role of roles) {
        await people.must(admin, 'PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${role.id}`);
      }
    },
    authenticate: (person, scope) =>
      cloud.request('POST', '/v3/auth/tokens', null, {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { id: person.id, password: person.password } },
          },
          ...(scope && { scope }),
        },
      }),
    token: async (person, scope) => tokenOf(await people.authenticate(person, scope)),
    tokenFor: (person, project) => people.token(person, { project: { id: project.id } }),
  };
  return people;
}
