/** What is measured: the operations whose cost must not depend on how many users there are. */
import { Hints } from '../../src/common/hints.js';
import type { AssignmentFilters } from '../../src/subsystems/assignment/types.js';
import type { Cloud } from './clouds.js';
import { domainOfUser, projectOfUser, userId, userName } from './population.js';

export interface Operation {
  readonly name: string;
  /** @param user position of the user in the population. @throws Error when the answer is not what it must be */
  run(cloud: Cloud, user: number): Promise<void>;
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`wrong answer: ${what}`);
}

export const operations: readonly Operation[] = [
  {
    name: 'get user',
    async run({ services }, user) {
      const found = await services.providers.identity.getUser(userId(user));
      expect(found.name === userName(user), 'name of the user');
    },
  },
  {
    name: 'list users, name=',
    async run({ services }, user) {
      const hints = new Hints().addFilter('name', userName(user));
      const found = await services.providers.identity.listUsers(hints);
      expect(found.length === 1, `${found.length} users of one name`);
    },
  },
  {
    name: 'list users, domain_id= and name__startswith=',
    async run({ services }, user) {
      // Names end in the position: all users of one ten are in ten domains, so each prefix has one user in each.
      const prefix = userName(user).slice(0, -1);
      const hints = new Hints()
        .addFilter('domain_id', domainOfUser(user))
        .addFilter('name', prefix, { comparator: 'startswith' });
      const found = await services.providers.identity.listUsers(hints);
      expect(found.length === 1, `${found.length} users of one prefix`);
    },
  },
  {
    name: 'issue a project-scoped token',
    async run(cloud, user) {
      const token = await cloud.services.providers.token.issueToken({
        userId: userId(user),
        methods: ['password'],
        projectId: projectOfUser(user, cloud.size),
      });
      expect((token.body.roles?.length ?? 0) > 0, 'roles of the token');
    },
  },
  {
    name: 'validate a token',
    async run(cloud, user) {
      const id = await tokenOf(cloud, user);
      const token = await cloud.services.providers.token.validateToken(id);
      expect(token.body.user.id === userId(user), 'user of the token');
    },
  },
  {
    name: 'effective roles on a project',
    async run(cloud, user) {
      const roles = await cloud.services.providers.assignment.effectiveRoles(
        userId(user),
        { projectId: projectOfUser(user, cloud.size) },
        [],
      );
      expect(roles.length > 0, 'effective roles');
    },
  },
  {
    name: 'effective role assignments of a user',
    async run({ services }, user) {
      const { assignments } = await services.providers.assignment.listRoleAssignments({
        ...NO_FILTER,
        userId: userId(user),
        effective: true,
      });
      expect(assignments.length >= 20, `${assignments.length} assignments of a user`);
    },
  },
  {
    name: 'projects of a user',
    async run({ services }, user) {
      const projects = await services.providers.assignment.listProjectsForUser(userId(user), new Hints());
      expect(projects.length >= 10, `${projects.length} projects of a user`);
    },
  },
];

const NO_FILTER: AssignmentFilters = {
  roleId: null,
  userId: null,
  groupId: null,
  projectId: null,
  domainId: null,
  inherited: null,
  effective: false,
  includeNames: false,
  includeSubtree: false,
};

/** Tokens to validate, issued when first asked for. */
const tokens = new WeakMap<Cloud, Map<number, string>>();

async function tokenOf(cloud: Cloud, user: number): Promise<string> {
  let known = tokens.get(cloud);
  if (known === undefined) {
    known = new Map();
    tokens.set(cloud, known);
  }
  let id = known.get(user);
  if (id === undefined) {
    const projectId = projectOfUser(user, cloud.size);
    ({ id } = await cloud.services.providers.token.issueToken({
      userId: userId(user),
      methods: ['password'],
      projectId,
    }));
    known.set(user, id);
  }
  return id;
}
