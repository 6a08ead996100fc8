/** A SQLite database with all tables, and a manager's surroundings on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNotifications } from '../../../../src/common/notifications/index.js';
import { type Database, dbSync, openDatabase, prepareSql } from '../../../../src/common/sql/index.js';
import { type Conf, loadConf } from '../../../../src/conf/index.js';
import * as filteringCatalog from '../../../../src/subsystems/catalog/backends/endpoint_filter_sql.js';
import * as sqlCatalog from '../../../../src/subsystems/catalog/backends/sql.js';
import * as templatedCatalog from '../../../../src/subsystems/catalog/backends/templated.js';
import type { CatalogDriver } from '../../../../src/subsystems/catalog/driver.js';
import { CatalogManager } from '../../../../src/subsystems/catalog/manager.js';
import * as sqlEndpointPolicy from '../../../../src/subsystems/endpoint_policy/backends/sql.js';
import { EndpointPolicyManager } from '../../../../src/subsystems/endpoint_policy/manager.js';
import * as sqlPolicy from '../../../../src/subsystems/policy/backends/sql.js';
import { PolicyManager } from '../../../../src/subsystems/policy/manager.js';
import type { Providers } from '../../../../src/subsystems/providers.js';
import * as sqlResource from '../../../../src/subsystems/resource/backends/sql.js';
import { ResourceManager } from '../../../../src/subsystems/resource/manager.js';
import type { DriverContext, DriverModule, ManagerContext } from '../../../../src/subsystems/subsystem.js';

export type Options = NonNullable<NonNullable<Parameters<typeof loadConf>[0]>['overrides']>;

export function testConf(overrides: Options = {}): Conf {
  return loadConf({ sources: [], env: { HOME: tmpdir() }, overrides }).conf;
}

const CATALOGS: Readonly<Record<string, DriverModule<CatalogDriver>>> = {
  'endpoint_filter.sql': filteringCatalog,
  templated: templatedCatalog,
};

export interface TestDatabase {
  readonly database: Database;
  /** Opens the same database once more, as another process does. */
  openAgain(): Promise<Database>;
  /** Takes out everything that tests here put in: quicker than a new database. */
  clear(): Promise<void>;
  remove(): Promise<void>;
}

const FILLED = [
  'policy_association',
  'policy',
  'project_endpoint',
  'project_endpoint_group',
  'endpoint_group',
  'endpoint',
  'service',
  'region',
  'project',
] as const;
const DELETES = FILLED.map((name) => prepareSql({ text: `DELETE FROM ${name}` }));

export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-catalog-'));
  const openAgain = (): Promise<Database> =>
    openDatabase({ url: `sqlite:///${join(folder, 'keystone.db')}` });
  const database = await openAgain();
  await dbSync(database);
  return {
    database,
    openAgain,
    async clear() {
      for (const statement of DELETES) await database.execute(statement);
    },
    async remove() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function driverContext(database: Database, conf: Conf): DriverContext {
  return { conf, database, keys: new Map() };
}

type TestProviders = Pick<Providers, 'catalog' | 'endpointPolicy' | 'policy' | 'resource'>;

export interface TestServices extends TestProviders {
  readonly conf: Conf;
  readonly notifications: ManagerContext['notifications'];
  /** Types of the events that left the process since it was last emptied. */
  readonly events: string[];
  /** A project in a domain of its own, straight into the database. */
  createProject(id: string): Promise<void>;
}

/** The managers around the catalog, on real drivers. */
export async function createTestServices(database: Database, options: Options = {}): Promise<TestServices> {
  const conf = testConf(options);
  const events: string[] = [];
  const notifications = createNotifications({
    format: 'basic',
    optOut: [],
    drivers: [
      {
        send: (type, payload) => {
          events.push(`${type} ${(payload as { resource_info: string }).resource_info}`);
        },
        close: () => Promise.resolve(),
      },
    ],
    afterCommit: (action) => database.afterCommit(action),
  });
  const providers = {} as { -readonly [Name in keyof Providers]: Providers[Name] };
  const context: ManagerContext = {
    conf,
    providers,
    notifications,
    stateOfData: () => Promise.resolve(undefined),
    stateAtHand: () => undefined,
    sequel: (step) => step(),
    transaction: (work) => database.transaction(work),
  };
  const drivers = driverContext(database, conf);
  const catalogBackend = CATALOGS[conf.catalog.driver] ?? sqlCatalog;
  providers.resource = new ResourceManager(sqlResource.createDriver(drivers), context);
  providers.catalog = new CatalogManager(await catalogBackend.createDriver(drivers), context);
  providers.policy = new PolicyManager(sqlPolicy.createDriver(drivers), context);
  providers.endpointPolicy = new EndpointPolicyManager(sqlEndpointPolicy.createDriver(drivers), context);
  return {
    ...providers,
    conf,
    notifications,
    events,
    async createProject(id) {
      const root = '<<keystone.domain.root>>';
      const domains = database.table('project');
      const row = { enabled: true, description: '', extra: '{}' };
      if ((await domains.get(root)) === null) {
        await domains.insert({
          ...row,
          id: root,
          name: root,
          domain_id: root,
          is_domain: true,
          enabled: false,
        });
      }
      const domain = `domain-of-${id}`;
      await domains.insert({ ...row, id: domain, name: domain, domain_id: root, is_domain: true });
      await domains.insert({ ...row, id, name: id, domain_id: domain, parent_id: domain, is_domain: false });
    },
  };
}
