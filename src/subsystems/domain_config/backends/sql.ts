/** Domain configurations in the SQL tables `whitelisted_config`, `sensitive_config` and `config_register`. */
import type { JsonValue } from '../../../common/context.js';
import { type Database, DuplicateError, prepareSql } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { DomainConfigDriver } from '../driver.js';
import type { ConfigOption } from '../types.js';

const DOMAINS = prepareSql({
  text: 'SELECT domain_id FROM whitelisted_config UNION SELECT domain_id FROM sensitive_config',
  columns: { domain_id: 'text' },
});

const OPTIONS = prepareSql({
  text: `SELECT "group", "option", value, 0 AS is_secret FROM whitelisted_config WHERE domain_id = ?
    UNION ALL SELECT "group", "option", value, 1 AS is_secret FROM sensitive_config WHERE domain_id = ?
    ORDER BY is_secret, "group", "option"`,
  columns: { group: 'text', option: 'text', value: 'text', is_secret: 'integer' },
});

const TABLES = ['whitelisted_config', 'sensitive_config'] as const;

export function createDriver({ database }: DriverContext): DomainConfigDriver {
  return new SqlDomainConfigDriver(database);
}

class SqlDomainConfigDriver implements DomainConfigDriver {
  constructor(private readonly database: Database) {}

  async replaceOptions(domainId: string, options: readonly ConfigOption[]): Promise<void> {
    await this.database.transaction(async () => {
      await this.deleteOptions(domainId);
      await this.insert(domainId, options);
    });
  }

  async mergeOptions(domainId: string, options: readonly ConfigOption[]): Promise<void> {
    await this.database.transaction(async () => {
      for (const { group, option } of options) await this.deleteOptions(domainId, group, option);
      await this.insert(domainId, options);
    });
  }

  async listOptions(domainId: string): Promise<ConfigOption[]> {
    const rows = await this.database.query(OPTIONS, [domainId, domainId]);
    return rows.map(({ group, option, value, is_secret: isSecret }) => ({
      group,
      option,
      value: fromStored(value),
      sensitive: isSecret === 1,
    }));
  }

  async deleteOptions(domainId: string, group?: string, option?: string): Promise<void> {
    for (const table of TABLES) {
      await this.database.table(table).delete({ domain_id: domainId, group, option });
    }
  }

  async domainIds(): Promise<string[]> {
    return (await this.database.query(DOMAINS)).map((row) => row.domain_id);
  }

  async obtainRegistration(domainId: string, type: string): Promise<boolean> {
    const holder = await this.readRegistration(type);
    if (holder !== null) return holder === domainId;
    const insert = (): Promise<number> =>
      this.database.table('config_register').insert({ type, domain_id: domainId });
    try {
      // A refused row must not spoil the transaction that the caller may be in.
      await this.database.transaction(() => this.database.savepoint(insert));
      return true;
    } catch (error) {
      if (!(error instanceof DuplicateError)) throw error;
      return false;
    }
  }

  async readRegistration(type: string): Promise<string | null> {
    return (await this.database.table('config_register').get(type))?.domain_id ?? null;
  }

  async releaseRegistration(domainId: string, type?: string): Promise<void> {
    await this.database.table('config_register').delete({ domain_id: domainId, type });
  }

  private async insert(domainId: string, options: readonly ConfigOption[]): Promise<void> {
    for (const sensitive of [false, true]) {
      const rows = options
        .filter((option) => option.sensitive === sensitive)
        .map(({ group, option, value }) => ({
          domain_id: domainId,
          group,
          option,
          value: JSON.stringify(value),
        }));
      if (rows.length > 0) {
        await this.database.table(sensitive ? 'sensitive_config' : 'whitelisted_config').insertMany(rows);
      }
    }
  }
}

/** Values are JSON texts; what is not (a hand-made row) is taken as the text itself. */
function fromStored(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
