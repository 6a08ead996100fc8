/** `Table`: one table through its Sequelize model. */
import {
  type Model,
  type ModelStatic,
  Op,
  type Sequelize,
  Sequelize as SequelizeStatic,
  type Transaction,
  type WhereOptions,
} from 'sequelize';
import { encodeColumn, encodeParameter, type Primitive, resultColumns, rowDecoder } from './codec.js';
import type { RawRow } from './engine.js';
import { InvalidValueError } from './errors.js';
import { cutToLimit, filterSql, limitOf } from './filters.js';
import { type PreparedSql, prepareSql } from './prepared.js';
import type { InsertOf, RowOf, TableDefinition } from './table.js';
import type { Database, Dialect, FindOptions, SqlValue, Table, Where } from './types.js';

/** Rows per INSERT. */
const BATCH = 500;
const COMPARISONS = { not: Op.ne, lt: Op.lt, lte: Op.lte, gt: Op.gt, gte: Op.gte } as const;
const isComparison = (name: string): name is keyof typeof COMPARISONS => Object.hasOwn(COMPARISONS, name);

/** What a gateway needs of its database. */
export interface GatewayHost extends Pick<Database, 'dialect' | 'sequelize' | 'query' | 'transaction'> {
  /** Runs work on the current transaction (null: none), with errors mapped and harmless failures retried. */
  perform<T>(
    kind: 'read' | 'write',
    table: string,
    work: (transaction: Transaction | null) => Promise<T>,
  ): Promise<T>;
}

export class SqlTable<T extends TableDefinition> implements Table<T> {
  private readonly model: ModelStatic<Model>;
  private readonly decode: (row: RawRow) => void;
  private readonly byKey: PreparedSql<RowOf<T>>;
  private readonly counted: string | null;

  constructor(
    private readonly host: GatewayHost,
    readonly definition: T,
  ) {
    const { name, columns, primaryKey } = definition;
    this.model = host.sequelize.model(name);
    const types = resultColumns(columns);
    this.decode = rowDecoder(types) ?? (() => undefined);
    const quoted = Object.keys(columns).map((column) => `"${column}"`);
    this.byKey = prepareSql({
      text: `SELECT ${quoted.join(', ')} FROM "${name}" WHERE ${primaryKey.map((key) => `"${key}" = ?`).join(' AND ')}`,
      columns: types,
    }) as PreparedSql<RowOf<T>>;
    this.counted = Object.entries(columns).find(([, { autoIncrement }]) => autoIncrement)?.[0] ?? null;
  }

  async insert(row: InsertOf<T>): Promise<number> {
    const values = this.encodeInsert(row);
    const created = await this.perform('write', (transaction) =>
      this.model.create(values, { transaction, hooks: false, validate: false }),
    );
    return this.counted === null ? 0 : Number(created.get(this.counted));
  }

  async insertMany(rows: readonly InsertOf<T>[]): Promise<void> {
    const records = rows.map((row) => this.encodeInsert(row));
    const batches = Array.from({ length: Math.ceil(records.length / BATCH) }, (_, position) =>
      records.slice(position * BATCH, (position + 1) * BATCH),
    );
    const insert = async (): Promise<void> => {
      for (const batch of batches) {
        await this.perform('write', (transaction) =>
          this.model.bulkCreate(batch, { transaction, hooks: false, validate: false }),
        );
      }
    };
    if (batches.length > 1) await this.host.transaction(insert);
    else await insert();
  }

  async get(key: string | number | Where<RowOf<T>>): Promise<RowOf<T> | null> {
    const values = this.keyValues(key);
    if (values === null) return null;
    const [row] = await this.host.query(this.byKey, values);
    return row ?? null;
  }

  async find(options: FindOptions<RowOf<T>> = {}): Promise<RowOf<T>[]> {
    const { where = {}, hints = null, order = [], limit } = options;
    const conditions: WhereOptions[] = [this.translate(where)];
    if (hints !== null) {
      const columns = Object.fromEntries(
        Object.entries(this.definition.columns).map(([name, { kind }]) => [name, { sql: `"${name}"`, kind }]),
      );
      const filter = filterSql(hints, columns, this.host.dialect);
      if (filter.text !== '') conditions.push(this.literal(filter.text, filter.parameters));
    }
    const most = Math.min(limit ?? Infinity, hints === null ? Infinity : (limitOf(hints) ?? Infinity));
    const rows = await this.perform('read', (transaction) =>
      this.model.findAll({
        where: { [Op.and]: conditions },
        raw: true,
        transaction,
        order: order.map((column) => [column, 'ASC']),
        ...(most !== Infinity && { limit: most }),
      }),
    );
    // With `raw`, Sequelize's models are plain rows.
    const plain = rows as unknown as RawRow[];
    for (const row of plain) this.decode(row);
    return (hints === null ? plain : cutToLimit(plain, hints)) as RowOf<T>[];
  }

  async findOne(where: Where<RowOf<T>>): Promise<RowOf<T> | null> {
    const [row] = await this.find({ where, limit: 1 });
    return row ?? null;
  }

  async update(where: Where<RowOf<T>>, changes: Partial<RowOf<T>>): Promise<number> {
    const values = Object.fromEntries(
      Object.entries(changes)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, this.encode(name, value)]),
    );
    if (Object.keys(values).length === 0) return this.count(where);
    const conditions = this.translateSome(where);
    const [count] = await this.perform('write', (transaction) =>
      this.model.update(values, { where: conditions, transaction, hooks: false, validate: false }),
    );
    return count;
  }

  delete(where: Where<RowOf<T>>): Promise<number> {
    const conditions = this.translateSome(where);
    return this.perform('write', (transaction) =>
      this.model.destroy({ where: conditions, transaction, hooks: false }),
    );
  }

  count(where: Where<RowOf<T>> = {}): Promise<number> {
    return this.perform('read', (transaction) =>
      this.model.count({ where: this.translate(where), transaction }),
    );
  }

  private perform<R>(
    kind: 'read' | 'write',
    work: (transaction: Transaction | null) => Promise<R>,
  ): Promise<R> {
    return this.host.perform(kind, this.definition.name, work);
  }

  private encode(name: string, value: unknown): Primitive {
    return encodeColumn(this.definition, name, value, this.host.dialect);
  }

  /** Every column: models of one batch must agree on theirs, and defaults must not depend on who made the table. */
  private encodeInsert(row: InsertOf<T>): Record<string, Primitive> {
    const given = row as Readonly<RawRow>;
    const values: Record<string, Primitive> = {};
    for (const [name, column] of Object.entries(this.definition.columns)) {
      if (column.autoIncrement && given[name] === undefined) continue;
      values[name] = this.encode(name, given[name] === undefined ? column.default : given[name]);
    }
    return values;
  }

  /** Values of the primary key in its order; null when one of them cannot be in the table. */
  private keyValues(key: string | number | Where<RowOf<T>>): SqlValue[] | null {
    const { primaryKey } = this.definition;
    const given: Readonly<RawRow> = typeof key === 'object' ? key : { [primaryKey[0] ?? '']: key };
    const values = primaryKey.map((name) => this.findable(name, given[name]));
    return values.includes(undefined) ? null : (values as SqlValue[]);
  }

  /** A value to look for, encoded; undefined when the column can never hold it. */
  private findable(name: string, value: unknown): Primitive | undefined {
    try {
      return value === null ? null : this.encode(name, value);
    } catch (error) {
      if (error instanceof InvalidValueError) return undefined;
      throw error;
    }
  }

  private translateSome(where: Where<RowOf<T>>): WhereOptions {
    if (!Object.values(where).some((condition) => condition !== undefined)) {
      throw new Error(`table ${this.definition.name}: a change of all rows at once needs a condition`);
    }
    return this.translate(where);
  }

  private translate(where: Readonly<RawRow>): WhereOptions {
    const conditions = Object.entries(where)
      .filter(([, condition]) => condition !== undefined)
      .map(([name, condition]) => this.condition(name, condition));
    return { [Op.and]: conditions };
  }

  private condition(name: string, condition: unknown): WhereOptions {
    if (Array.isArray(condition)) {
      const values = condition
        .map((value) => this.findable(name, value))
        .filter((value) => value !== undefined);
      return { [name]: { [Op.in]: values } };
    }
    if (condition !== null && typeof condition === 'object' && !(condition instanceof Date)) {
      const parts = Object.entries(condition).filter(([, value]) => value !== undefined);
      return {
        [name]: Object.fromEntries(
          parts.map(([comparison, value]) => {
            if (!isComparison(comparison)) throw new Error(`unknown comparison ${comparison} of ${name}`);
            return [COMPARISONS[comparison], value === null ? null : this.encode(name, value)];
          }),
        ),
      };
    }
    const value = this.findable(name, condition);
    return value === undefined ? this.literal('1 = 0', []) : { [name]: value };
  }

  private literal(text: string, parameters: readonly SqlValue[]): ReturnType<typeof SequelizeStatic.literal> {
    const { sequelize, dialect } = this.host;
    const values = [...parameters];
    return SequelizeStatic.literal(
      text.replaceAll('?', () => inline(sequelize, dialect, values.shift() ?? null)),
    );
  }
}

/** A value written into the text, escaped for the dialect. */
function inline(sequelize: Sequelize, dialect: Dialect, value: SqlValue): string {
  const encoded = encodeParameter(value, dialect);
  if (typeof encoded === 'string') return sequelize.escape(encoded);
  return encoded === null ? 'NULL' : String(encoded);
}
