/**
 * What an identity backend can do. The suite in `test/conformance/identity.ts` holds every backend to this.
 *
 * Ids are the backend's own; the manager translates between them and public ones where a backend needs that.
 */
import type { Hints } from '../../common/hints.js';
import type { ShapeOf } from '../../common/shape.js';
import type { Group, GroupChanges, NewUser, User, UserChanges, UserSummary } from './types.js';

/** What the manager must know of a kind of backend. */
export interface DriverTraits {
  /** Whether it keeps the users of several domains apart by itself. If not, all it has belongs to one domain. */
  readonly isDomainAware: boolean;
  /** Whether its ids can be shown as they are: unique everywhere, and never another entity's. */
  readonly generatesUuids: boolean;
  /** Whether it works on the tables of the SQL database, which only one backend may do. */
  readonly isSql: boolean;
}

export interface IdentityDriver {
  readonly traits: DriverTraits;
  readonly users: UserDriver;
  readonly groups: GroupDriver;
  readonly passwords: PasswordDriver;
  /** End what the backend keeps running. */
  close(): Promise<void>;
}

/** A password as a driver stores it: `prepare` of the same driver made it. Nobody else looks inside. */
export interface PreparedPassword {
  readonly stored: string | null;
}

/** A user, or the domain of one who is yet to be made. */
export type PasswordOwner = { readonly userId: string } | { readonly domainId: string };

export interface UserDriver {
  /**
   * @param password undefined: the user gets none
   * @throws Conflict when the name is taken in the domain
   */
  create(user: NewUser, password?: PreparedPassword): Promise<User>;
  /** @throws UserNotFound */
  get(id: string): Promise<User>;
  /** @throws UserNotFound */
  getByName(name: string, domainId: string): Promise<User>;
  /** Filters that the backend applied are marked satisfied in the hints. */
  list(hints: Hints): Promise<User[]>;
  /** Ids of all users of a domain, shadows of users of other identity sources included. */
  listIdsOfDomain(domainId: string): Promise<string[]>;
  /** Users with all they have; unknown ids are left out. Absent where they cannot be had at once. */
  listFromIds?(ids: readonly string[]): Promise<User[]>;
  /** What tokens say of their users. Unknown ids are left out. */
  summaries(ids: readonly string[]): Promise<UserSummary[]>;
  /**
   * @param changes extra attributes are added to those that the user has
   * @param password undefined: it stays as it is
   * @throws UserNotFound, Conflict
   */
  update(id: string, changes: UserChanges, password?: PreparedPassword): Promise<User>;
  /** Memberships go too. @throws UserNotFound */
  delete(id: string): Promise<void>;
}

export interface PasswordDriver {
  /**
   * Checks a password and all rules on whether the account may be used.
   * @throws Unauthorized for an unknown user, a wrong password and a locked account, after the same time and with
   *   the same text for clients; UserDisabled, PasswordExpired only when the password is right
   */
  authenticate(userId: string, password: string): Promise<void>;
  /**
   * The work of refusing a password, for a user who does not exist.
   * @param domainId whose users are meant, where that is known: several drivers take different times
   */
  pretend(password: string, domainId?: string): Promise<void>;
  /**
   * Slow work on a password that an administrator sets; to be done before a transaction begins.
   * @param owner whose password it is to be, by which several drivers are told apart
   */
  prepare(password: string | null, owner?: PasswordOwner): Promise<PreparedPassword>;
  /**
   * The same for a password that the user chooses, which must keep to the rules on age and repetition.
   * @throws PasswordAgeValidationError, PasswordValidationError, UserNotFound
   */
  prepareOwn(userId: string, password: string): Promise<PreparedPassword>;
  /**
   * Store what `prepareOwn` made.
   * @throws Unauthorized when the password was changed meanwhile
   */
  changeOwn(userId: string, password: PreparedPassword): Promise<void>;
}

export interface GroupDriver {
  /** @throws Conflict when the name is taken in the domain */
  create(group: Group): Promise<Group>;
  /** @throws GroupNotFound */
  get(id: string): Promise<Group>;
  /** @throws GroupNotFound */
  getByName(name: string, domainId: string): Promise<Group>;
  /** Filters that the backend applied are marked satisfied in the hints. */
  list(hints: Hints): Promise<Group[]>;
  /** Unknown ids are left out. */
  listFromIds(ids: readonly string[]): Promise<Group[]>;
  listIdsOfDomain(domainId: string): Promise<string[]>;
  /** @throws GroupNotFound, Conflict */
  update(id: string, changes: GroupChanges): Promise<Group>;
  /** Memberships go too. @throws GroupNotFound */
  delete(id: string): Promise<void>;

  /** A user who is a member already stays one. @throws UserNotFound, GroupNotFound */
  addUser(userId: string, groupId: string): Promise<void>;
  /** @throws NotFound when not a member; UserNotFound, GroupNotFound when one of them does not exist */
  removeUser(userId: string, groupId: string): Promise<void>;
  /** @throws NotFound when not a member; UserNotFound, GroupNotFound when one of them does not exist */
  checkUser(userId: string, groupId: string): Promise<void>;
  /** @throws GroupNotFound */
  listUsers(groupId: string, hints: Hints): Promise<User[]>;
  listUserIds(groupId: string): Promise<string[]>;
  /** Members of many groups, by the ids of those that have some. Absent where they cannot be had at once. */
  listUserIdsOf?(groupIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** @throws UserNotFound */
  listOfUser(userId: string, hints: Hints): Promise<Group[]>;
  listIdsOfUser(userId: string): Promise<string[]>;
}

/** What is asked of drivers of packages. */
export const IDENTITY_DRIVER_SHAPE: ShapeOf<IdentityDriver> = {
  traits: {
    isDomainAware: 'boolean',
    generatesUuids: 'boolean',
    isSql: 'boolean',
  },
  users: {
    create: 'method',
    get: 'method',
    getByName: 'method',
    list: 'method',
    listIdsOfDomain: 'method',
    listFromIds: 'optional method',
    summaries: 'method',
    update: 'method',
    delete: 'method',
  },
  groups: {
    create: 'method',
    get: 'method',
    getByName: 'method',
    list: 'method',
    listFromIds: 'method',
    listIdsOfDomain: 'method',
    update: 'method',
    delete: 'method',
    addUser: 'method',
    removeUser: 'method',
    checkUser: 'method',
    listUsers: 'method',
    listUserIds: 'method',
    listUserIdsOf: 'optional method',
    listOfUser: 'method',
    listIdsOfUser: 'method',
  },
  passwords: {
    authenticate: 'method',
    pretend: 'method',
    prepare: 'method',
    prepareOwn: 'method',
    changeOwn: 'method',
  },
  close: 'method',
};
