/**
 * An identity driver that keeps people in a JSON file, named by `[ldap] url`, and knows no domains: a directory for
 * tests of everything around directories. It is installed as an npm package.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Conflict, GroupNotFound, NotFound, Unauthorized, UserNotFound } from '../../src/common/errors.js';
import type {
  GroupDriver,
  IdentityDriver,
  PasswordDriver,
  UserDriver,
} from '../../src/subsystems/identity/driver.js';
import type { Group, User } from '../../src/subsystems/identity/types.js';
import type { DriverContext } from '../../src/subsystems/subsystem.js';

interface StoredUser {
  readonly id: string;
  readonly name: string;
  readonly enabled?: boolean;
  password?: string | null;
  readonly [attribute: string]: unknown;
}
interface StoredGroup {
  readonly id: string;
  readonly name: string;
  members: string[];
}
export interface Content {
  readonly users: StoredUser[];
  readonly groups: StoredGroup[];
}

export const DIRECTORY_PACKAGE = 'keystone-test-directory';

/** Make the driver known to configurations in a folder, as `[identity] driver = keystone-test-directory`. */
export async function installDirectoryDriver(folder: string): Promise<void> {
  const home = join(folder, 'node_modules', DIRECTORY_PACKAGE);
  await mkdir(home, { recursive: true });
  const manifest = {
    name: DIRECTORY_PACKAGE,
    version: '1.0.0',
    type: 'module',
    keystone: { identity: { driver: './index.js' } },
  };
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
  const here = pathToFileURL(join(import.meta.dirname, 'directory_driver.ts')).href;
  await writeFile(join(home, 'index.js'), `export { createDriver } from '${here}';\n`);
}

/** The drivers that have not been closed yet, by the file that they work on. */
export const openDrivers: string[] = [];
/** The files of drivers that were asked to refuse somebody who does not exist. */
export const pretending: string[] = [];

export function createDriver({ conf, domainId }: DriverContext): IdentityDriver {
  const file = conf.ldap.url;
  openDrivers.push(file);
  const domain = domainId ?? conf.identity.default_domain_id;
  let isClosed = false;
  const read = (): Content => {
    if (isClosed) throw new Error('the driver is closed');
    return JSON.parse(readFileSync(file, 'utf8')) as Content;
  };
  const write = <T>(change: (content: Content) => T): Promise<T> => {
    const content = read();
    const result = change(content);
    writeFileSync(file, JSON.stringify(content));
    return Promise.resolve(result);
  };
  const userOf = ({ users }: Content, id: string): StoredUser => {
    const found = users.find((user) => user.id === id);
    if (found === undefined) throw new UserNotFound({ user_id: id });
    return found;
  };
  const groupOf = ({ groups }: Content, id: string): StoredGroup => {
    const found = groups.find((group) => group.id === id);
    if (found === undefined) throw new GroupNotFound({ group_id: id });
    return found;
  };
  const asUser = ({ password: _password, ...user }: StoredUser): User => ({
    enabled: true,
    ...user,
    domain_id: domain,
    password_expires_at: null,
  });
  const asGroup = ({ members: _members, ...group }: StoredGroup): Group => ({
    description: null,
    ...group,
    domain_id: domain,
  });
  const assertNew = (list: readonly { name: string }[], type: string, name: string): void => {
    if (list.some((other) => other.name === name)) throw new Conflict({ type, details: `${name} exists` });
  };

  const users: UserDriver = {
    create: (user, password) =>
      write((content) => {
        assertNew(content.users, 'user', user.name);
        const stored = { ...user, ...(password && { password: password.stored }) };
        content.users.push(stored);
        return asUser(stored);
      }),
    get: (id) => Promise.resolve().then(() => asUser(userOf(read(), id))),
    async getByName(name) {
      const user = read().users.find((candidate) => candidate.name === name);
      if (user === undefined) throw new UserNotFound({ user_id: name });
      return asUser(user);
    },
    async list(hints) {
      const all = read().users.map(asUser);
      const { limit } = hints;
      if (limit === null || hints.unsatisfied().length > 0) return all;
      limit.truncated = all.length > limit.limit;
      return all.slice(0, limit.limit);
    },
    listIdsOfDomain: async () => read().users.map(({ id }) => id),
    async summaries(ids) {
      return read()
        .users.filter(({ id }) => ids.includes(id))
        .map(asUser);
    },
    update: (id, changes, password) =>
      write((content) => {
        const user = Object.assign(userOf(content, id), changes);
        if (password !== undefined) user.password = password.stored;
        return asUser(user);
      }),
    delete: (id) =>
      write((content) => {
        content.users.splice(content.users.indexOf(userOf(content, id)), 1);
        for (const group of content.groups) group.members = group.members.filter((member) => member !== id);
      }),
  };
  const passwords: PasswordDriver = {
    async authenticate(id, password) {
      const user = read().users.find((candidate) => candidate.id === id);
      if (password === '' || user?.password !== password) throw new Unauthorized(`not ${id}`);
    },
    pretend: async () => void pretending.push(file),
    prepare: (password) => Promise.resolve({ stored: password }),
    prepareOwn: (_id, password) => Promise.resolve({ stored: password }),
    async changeOwn(id, password) {
      await users.update(id, {}, password);
    },
  };
  const groups: GroupDriver = {
    create: (group) =>
      write((content) => {
        assertNew(content.groups, 'group', group.name);
        const stored = { ...group, members: [] };
        content.groups.push(stored);
        return asGroup(stored);
      }),
    get: (id) => Promise.resolve().then(() => asGroup(groupOf(read(), id))),
    async getByName(name) {
      const group = read().groups.find((candidate) => candidate.name === name);
      if (group === undefined) throw new GroupNotFound({ group_id: name });
      return asGroup(group);
    },
    list: async () => read().groups.map(asGroup),
    async listFromIds(ids) {
      return read()
        .groups.filter(({ id }) => ids.includes(id))
        .map(asGroup);
    },
    listIdsOfDomain: async () => read().groups.map(({ id }) => id),
    update: (id, changes) => write((content) => asGroup(Object.assign(groupOf(content, id), changes))),
    delete: (id) =>
      write((content) => {
        content.groups.splice(content.groups.indexOf(groupOf(content, id)), 1);
      }),
    addUser: (userId, groupId) =>
      write((content) => {
        groupOf(content, groupId).members.push(userOf(content, userId).id);
      }),
    async removeUser(userId, groupId) {
      await groups.checkUser(userId, groupId);
      await write((content) => {
        const group = groupOf(content, groupId);
        group.members = group.members.filter((member) => member !== userId);
      });
    },
    async checkUser(userId, groupId) {
      const content = read();
      if (groupOf(content, groupId).members.includes(userOf(content, userId).id)) return;
      throw new NotFound(`User '${userId}' not found in group '${groupId}'`);
    },
    async listUsers(groupId) {
      const content = read();
      const { members } = groupOf(content, groupId);
      return content.users.filter(({ id }) => members.includes(id)).map(asUser);
    },
    listUserIds: async (groupId) => read().groups.find(({ id }) => id === groupId)?.members ?? [],
    async listOfUser(userId) {
      const content = read();
      userOf(content, userId);
      return content.groups.filter(({ members }) => members.includes(userId)).map(asGroup);
    },
    async listIdsOfUser(userId) {
      return read()
        .groups.filter(({ members }) => members.includes(userId))
        .map(({ id }) => id);
    },
  };
  return {
    traits: { isDomainAware: false, generatesUuids: false, isSql: false },
    users,
    passwords,
    groups,
    async close() {
      isClosed = true;
      openDrivers.splice(openDrivers.indexOf(file), 1);
    },
  };
}
