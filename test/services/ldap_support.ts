/** What tests of directories have in common. */
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { LdapDirectory } from '../../src/common/ldap/index.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import type { Group, NewUser } from '../../src/subsystems/identity/types.js';
import { useService } from '../support/services/index.js';
import { ADMIN, SUFFIX } from '../support/services/slapd.js';

export type LdapConf = Conf['ldap'];
export type SomeLdapConf = Partial<LdapConf> & { readonly url: string };
const DEFAULTS = loadConf({ configFiles: [], env: {} }).conf.ldap;

/** For what never answers: all others have the time that they need. */
export const IMPATIENT = { pool_connection_timeout: 1 } as const;

/** Options for the people of the example tree. */
export function confWith(options: SomeLdapConf): LdapConf {
  return {
    ...DEFAULTS,
    user: ADMIN.dn,
    password: ADMIN.password,
    suffix: SUFFIX,
    pool_retry_delay: 0.01,
    user_tree_dn: `ou=People,${SUFFIX}`,
    user_objectclass: 'inetOrgPerson',
    user_attribute_ignore: ['enabled'],
    ...options,
  };
}

/** Waits, because the other side hears of an end a moment later. @throws Error after four minutes */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 240_000; !(await condition()); await sleep(20)) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
  }
}

export interface Directories {
  /** What has to happen after a test, the last first. */
  readonly ends: (() => Promise<unknown>)[];
  readonly driverWith: (options: SomeLdapConf) => IdentityDriver;
  /** @param pause milliseconds between two looks at servers that failed */
  readonly directoryWith: (options: SomeLdapConf, pause?: number) => LdapDirectory;
}

/** Drivers and directories that end with the test that made them. To be called within a `describe`. */
export function directories(): Directories {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    ends,
    driverWith(options) {
      const driver = createLdapDriver({ ldap: confWith(options) }, 'default');
      ends.push(() => driver.close());
      return driver;
    },
    directoryWith(options, pause) {
      const directory = new LdapDirectory(confWith(options), pause);
      ends.push(() => directory.close());
      return directory;
    },
  };
}

/** The shared OpenLDAP server with its example tree. */
export interface ExampleSite {
  readonly url: string;
  /** Acts as the administrator of the tree. */
  readonly directory: LdapDirectory;
  readonly confWith: (options: Partial<LdapConf>) => LdapConf;
  /** A driver that ends with the tests. */
  readonly driverWith: (options?: Partial<LdapConf>) => IdentityDriver;
  /** Values of an entry by attribute; null when there is none. */
  readonly stored: (dn: string, ...attributes: string[]) => Promise<Record<string, string[]> | null>;
}

/** To be called within a `describe`; usable from its first test on. */
export function exampleSite(): ExampleSite {
  const drivers: IdentityDriver[] = [];
  let address = '';
  let own: LdapDirectory | null = null;
  const directoryOf = (): LdapDirectory => {
    if (own === null) throw new Error('the directory is there in tests and hooks only');
    return own;
  };
  const siteConf = (options: Partial<LdapConf>): LdapConf => ({
    ...DEFAULTS,
    url: address,
    user: ADMIN.dn,
    password: ADMIN.password,
    suffix: SUFFIX,
    user_objectclass: 'cloudPerson',
    ...options,
  });
  before(async function start() {
    address = await useService(this, 'slapd');
    own = new LdapDirectory(siteConf({}));
  });
  after(async () => {
    await own?.close();
    await Promise.all(drivers.map((driver) => driver.close()));
  });
  return {
    get url() {
      return address;
    },
    get directory() {
      return directoryOf();
    },
    confWith: siteConf,
    driverWith: (options = {}) => {
      const driver = createLdapDriver({ ldap: siteConf(options) }, 'default');
      drivers.push(driver);
      return driver;
    },
    stored: async (dn, ...attributes) => {
      const entry = await directoryOf().get(dn, attributes);
      return entry && Object.fromEntries(attributes.map((name) => [name, entry.texts(name)]));
    },
  };
}

export const newUser = (attributes: Partial<NewUser> = {}): NewUser => ({
  id: uuidHex(),
  name: `user-${uuidHex().slice(0, 8)}`,
  domain_id: 'default',
  enabled: true,
  ...attributes,
});

export const newGroup = (attributes: Partial<Group> = {}): Group => ({
  id: uuidHex(),
  name: `group-${uuidHex().slice(0, 8)}`,
  domain_id: 'default',
  description: '',
  ...attributes,
});

/** The name of a user in the example tree. */
export const userDn = (id: string): string => `cn=${id},ou=Users,${SUFFIX}`;
