/** What may change under a token, how it is changed, and what a validation has to say from then on. */
import { type Database, prepareSql } from '../../../src/common/sql/index.js';
import type { Answer, Api } from './api.js';

/** A user with a role on a project, directly or by a group, and a token for it. */
export interface Subject {
  readonly userId: string;
  readonly password: string;
  readonly groupId: string | null;
  readonly projectId: string;
  readonly trustId: string | null;
  readonly token: string;
}

export interface World {
  readonly roleId: string;
  readonly otherRoleId: string;
  readonly endpointId: string;
  /** Another process, or somebody with a client of the database. */
  readonly database: Database;
}

/** What the token is: gone, or good and as described. */
export type Expectation = 'gone' | ((answer: Answer) => boolean);

export interface Change {
  readonly name: string;
  /** Which subjects it is for. */
  readonly suits: (subject: Subject) => boolean;
  readonly make: (api: Api, subject: Subject, world: World, number: number) => Promise<Expectation>;
}

const always = (): boolean => true;
const own = ({ groupId, trustId }: Subject): boolean => groupId === null && trustId === null;
const token = (answer: Answer): Readonly<Record<string, unknown>> => answer.body['token'] ?? {};
const gone = async (work: Promise<unknown>): Promise<'gone'> => {
  await work;
  return 'gone';
};

const DISABLE = prepareSql({ text: 'UPDATE "user" SET enabled = ? WHERE id = ?' });

export const CHANGES: readonly Change[] = [
  {
    name: 'a role is removed',
    suits: own,
    make: (api, { userId, projectId }, { roleId }) =>
      gone(api.done('DELETE', `/projects/${projectId}/users/${userId}/roles/${roleId}`)),
  },
  {
    name: 'a role is added',
    suits: own,
    make: async (api, { userId, projectId }, { otherRoleId }) => {
      await api.done('PUT', `/projects/${projectId}/users/${userId}/roles/${otherRoleId}`);
      return (answer) => (token(answer)['roles'] as unknown[] | undefined)?.length === 2;
    },
  },
  {
    name: 'the user is disabled',
    suits: always,
    make: (api, { userId }) => gone(api.done('PATCH', `/users/${userId}`, { user: { enabled: false } })),
  },
  {
    name: 'the user is disabled and enabled',
    suits: always,
    make: async (api, { userId }) => {
      await api.done('PATCH', `/users/${userId}`, { user: { enabled: false } });
      return gone(api.done('PATCH', `/users/${userId}`, { user: { enabled: true } }));
    },
  },
  {
    name: 'the user is deleted',
    suits: always,
    make: (api, { userId }) => gone(api.done('DELETE', `/users/${userId}`)),
  },
  {
    name: 'the user is disabled in the database, by somebody else',
    suits: always,
    make: (_api, { userId }, { database }) => gone(database.execute(DISABLE, [false, userId])),
  },
  {
    name: 'the password is changed',
    suits: always,
    make: (api, { userId, password }) =>
      gone(
        api.done('POST', `/users/${userId}/password`, {
          user: { original_password: password, password: `${password}-new` },
        }),
      ),
  },
  {
    name: 'the user is renamed',
    suits: ({ trustId }) => trustId === null,
    make: async (api, { userId }, _world, number) => {
      await api.done('PATCH', `/users/${userId}`, { user: { name: `renamed-${number}` } });
      return (answer) =>
        (token(answer)['user'] as { name?: string } | undefined)?.name === `renamed-${number}`;
    },
  },
  {
    name: 'the project is disabled',
    suits: always,
    make: (api, { projectId }) =>
      gone(api.done('PATCH', `/projects/${projectId}`, { project: { enabled: false } })),
  },
  {
    name: 'the project is deleted',
    suits: always,
    make: (api, { projectId }) => gone(api.done('DELETE', `/projects/${projectId}`)),
  },
  {
    name: 'the catalog is changed',
    suits: always,
    make: async (api, _subject, { endpointId }, number) => {
      await api.done('PATCH', `/endpoints/${endpointId}`, { endpoint: { url: `http://changed/${number}` } });
      return (answer) => JSON.stringify(token(answer)['catalog']).includes(`"http://changed/${number}"`);
    },
  },
  {
    name: 'the token is revoked',
    suits: always,
    make: (api, subject) =>
      gone(api.done('DELETE', '/auth/tokens', undefined, { 'X-Subject-Token': subject.token })),
  },
  {
    name: 'the user leaves the group',
    suits: ({ groupId }) => groupId !== null,
    make: (api, { groupId, userId }) => gone(api.done('DELETE', `/groups/${groupId}/users/${userId}`)),
  },
  {
    name: 'the group is deleted',
    suits: ({ groupId }) => groupId !== null,
    make: (api, { groupId }) => gone(api.done('DELETE', `/groups/${groupId}`)),
  },
  {
    name: 'the trust is deleted',
    suits: ({ trustId }) => trustId !== null,
    make: (api, { trustId, userId, password, projectId }) =>
      gone(deleteTrust(api, String(trustId), userId, password, projectId)),
  },
  {
    name: 'something else is changed',
    suits: always,
    make: async (api, _subject, _world, number) => {
      await api.create('region', { id: `region-${number}` });
      return () => true;
    },
  },
];

/** The trustor alone may do so. */
async function deleteTrust(
  api: Api,
  id: string,
  userId: string,
  password: string,
  project: string,
): Promise<void> {
  const identity = { methods: ['password'], password: { user: { id: userId, password } } };
  const { subjectToken } = await api.issue(identity, { project: { id: project } });
  await api.done('DELETE', `/OS-TRUST/trusts/${id}`, undefined, { 'X-Auth-Token': subjectToken });
}
