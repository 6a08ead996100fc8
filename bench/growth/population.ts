/**
 * A cloud of a given size, written straight into its tables. What belongs to one user (assignments, groups) is the
 * same at every size, so that a difference in cost comes from the size of the tables alone.
 */
import { createHash } from 'node:crypto';
import { type Database, prepareSql } from '../../src/common/sql/index.js';

export interface Size {
  readonly users: number;
  readonly projects: number;
  readonly assignments: number;
}

/** All users are in as few domains at every size: the worst case for filters on a domain. */
const DOMAINS = 10;
const ROLES = 20;
const GROUPS_OF_A_USER = 2;
/** Projects of one tree: the first is at the top, the others are its children. */
const TREE = 10;
const ROWS_PER_STATEMENT = 500;

type Value = string | number | boolean | null;

/** An id as it would have been drawn: 32 hexadecimal digits without order. */
function idOf(kind: string, index: number): string {
  return createHash('md5').update(`${kind}-${index}`).digest('hex');
}

export const userId = (index: number): string => idOf('user', index);
export const userName = (index: number): string => `user-${String(index).padStart(7, '0')}`;
export const domainOfUser = (index: number): string => idOf('domain', index % DOMAINS);
/** The project of the first assignment of a user. */
export const projectOfUser = (index: number, { projects }: Size): string =>
  idOf('project', projectIndex(index, 0, projects));

function projectIndex(user: number, assignment: number, projects: number): number {
  return (user * 7 + assignment * 13) % projects;
}

function literal(value: Value): string {
  if (typeof value === 'string') return `'${value}'`;
  return value === null ? 'NULL' : String(value).toUpperCase();
}

async function insert(
  database: Database,
  table: string,
  columns: readonly string[],
  rows: Iterable<readonly Value[]>,
): Promise<void> {
  const names = columns.map((column) => `"${column}"`).join(', ');
  const send = async (batch: readonly string[]): Promise<void> => {
    const text = `INSERT INTO "${table}" (${names}) VALUES ${batch.join(', ')}`;
    await database.execute(prepareSql({ text, once: true }));
  };
  await database.transaction(async () => {
    let batch: string[] = [];
    for (const row of rows) {
      batch.push(`(${row.map(literal).join(', ')})`);
      if (batch.length < ROWS_PER_STATEMENT) continue;
      await send(batch);
      batch = [];
    }
    if (batch.length > 0) await send(batch);
  });
}

function* range<T>(count: number, make: (index: number) => T): Generator<T> {
  for (let index = 0; index < count; index += 1) yield make(index);
}

/** Four direct assignments of each user (one of them inherited by a tree), and five of each group of five users. */
function* assignments({ users, projects }: Size): Generator<Value[]> {
  for (let user = 0; user < users; user += 1) {
    for (let place = 0; place < 4; place += 1) {
      const project = projectIndex(user, place, projects);
      const inherited = place === 3;
      const target = inherited ? project - (project % TREE) : project;
      yield ['UserProject', userId(user), idOf('project', target), idOf('role', place), inherited];
    }
  }
  for (let group = 0; group < users / 5; group += 1) {
    for (let place = 0; place < 5; place += 1) {
      const project = idOf('project', projectIndex(group, place, projects));
      yield ['GroupProject', idOf('group', group), project, idOf('role', 10 + place), false];
    }
  }
}

/** Fills a database that has its tables and its first user. */
export async function populate(database: Database, size: Size): Promise<void> {
  const { users, projects } = size;
  const groups = users / 5;
  const created = '2026-01-01 00:00:00';
  const project = ['id', 'name', 'domain_id', 'enabled', 'is_domain', 'parent_id', 'extra'];
  await insert(
    database,
    'project',
    project,
    range(DOMAINS, (n) => [
      idOf('domain', n),
      `domain-${n}`,
      '<<keystone.domain.root>>',
      true,
      true,
      null,
      '{}',
    ]),
  );
  await insert(
    database,
    'project',
    project,
    range(projects, (n) => {
      const domain = idOf('domain', Math.floor(n / TREE) % DOMAINS);
      const parent = n % TREE === 0 ? domain : idOf('project', n - (n % TREE));
      return [idOf('project', n), `project-${n}`, domain, true, false, parent, '{}'];
    }),
  );
  await insert(
    database,
    'role',
    ['id', 'name', 'domain_id', 'extra'],
    range(ROLES, (n) => [idOf('role', n), `role-${n}`, '<<null>>', '{}']),
  );
  await insert(
    database,
    'user',
    ['id', 'domain_id', 'enabled', 'extra', 'created_at'],
    range(users, (n) => [userId(n), domainOfUser(n), true, '{"email": "someone@example.com"}', created]),
  );
  // Numbers of our own, beyond that of the first user: passwords refer to them.
  const local = (index: number): number => 1000 + index;
  await insert(
    database,
    'local_user',
    ['id', 'user_id', 'domain_id', 'name'],
    range(users, (n) => [local(n), userId(n), domainOfUser(n), userName(n)]),
  );
  await insert(
    database,
    'password',
    ['local_user_id', 'password_hash', 'self_service', 'created_at', 'created_at_int'],
    range(users, (n) => [local(n), '$6$rounds=1000$salt$hash', false, created, 1_767_225_600_000_000]),
  );
  await insert(
    database,
    'group',
    ['id', 'domain_id', 'name', 'extra'],
    range(groups, (n) => [idOf('group', n), domainOfUser(n), `group-${n}`, '{}']),
  );
  await insert(
    database,
    'user_group_membership',
    ['user_id', 'group_id'],
    range(users * GROUPS_OF_A_USER, (n) => {
      const user = Math.floor(n / GROUPS_OF_A_USER);
      const group = (user + (n % GROUPS_OF_A_USER)) % groups;
      return [userId(user), idOf('group', group)];
    }),
  );
  await insert(
    database,
    'assignment',
    ['type', 'actor_id', 'target_id', 'role_id', 'inherited'],
    assignments(size),
  );
  // MariaDB gathers statistics by itself, a while later. SQLite never does: it has to find its way without.
  if (database.dialect === 'mysql') await database.execute(prepareSql({ text: STATISTICS, once: true }));
}

const STATISTICS =
  'ANALYZE TABLE "user", local_user, password, "group", user_group_membership, assignment, project';
