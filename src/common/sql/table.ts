/**
 * The language in which tables are declared: `models/*.ts` say each table once, and from it come the TypeScript row
 * types, the Sequelize models, the DDL of the migrations and the conversion of stored values.
 */

/**
 * How a column is stored. JSON is `text` and reaches callers as text; `enum` is VARCHAR with a fixed set of values
 * (a real ENUM on MySQL and PostgreSQL); `datetime` has no zone and holds UTC.
 */
export type ColumnKind = 'varchar' | 'text' | 'integer' | 'bigint' | 'boolean' | 'datetime' | 'date' | 'enum';

/** `Value` is what rows hold (null included); `Optional` says that an insert may leave the column out. */
export interface Column<Value = unknown, Optional extends boolean = boolean> {
  readonly kind: ColumnKind;
  /** Characters, of `varchar` and `enum`. */
  readonly length: number | null;
  readonly nullable: boolean;
  /** Default in the database, where Keystone's schema has one. */
  readonly default: string | number | boolean | null;
  readonly autoIncrement: boolean;
  /** Values of an `enum`. */
  readonly values: readonly string[] | null;
  /** Never set: carries the types. */
  readonly types?: { readonly value: Value; readonly optional: Optional };
}

const required = {
  length: null,
  nullable: false,
  default: null,
  autoIncrement: false,
  values: null,
} as const;

export const varchar = (length: number): Column<string, false> => ({ ...required, kind: 'varchar', length });
export const text = (): Column<string, false> => ({ ...required, kind: 'text' });
export const integer = (): Column<number, false> => ({ ...required, kind: 'integer' });
/** 64-bit integers: microseconds since 1970 in Keystone's tables, which a JavaScript number holds exactly. */
export const bigint = (): Column<number, false> => ({ ...required, kind: 'bigint' });
export const boolean = (): Column<boolean, false> => ({ ...required, kind: 'boolean' });
/** UTC to the microsecond where the database keeps it; rows hold a `Date` (milliseconds). */
export const datetime = (): Column<Date, false> => ({ ...required, kind: 'datetime' });
/** A day; rows hold `YYYY-MM-DD`. */
export const date = (): Column<string, false> => ({ ...required, kind: 'date' });
export const enumeration = <const V extends string>(
  length: number,
  values: readonly V[],
): Column<V, false> => ({
  ...required,
  kind: 'enum',
  length,
  values,
});
/** Integer primary key that the database counts up. */
export const counter = (): Column<number, true> => ({ ...required, kind: 'integer', autoIncrement: true });

export const nullable = <V>(column: Column<V>): Column<V | null, true> => ({
  ...(column as Column<never, never>),
  nullable: true,
});
export const withDefault = <V extends string | number | boolean>(
  column: Column<V>,
  value: V,
): Column<V, true> => ({ ...(column as Column<never, never>), default: value });

export type Columns = Readonly<Record<string, Column>>;

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly references: { readonly table: string; readonly columns: readonly string[] };
  readonly onDelete: 'CASCADE' | null;
  readonly onUpdate: 'CASCADE' | null;
  /** Null where Keystone leaves the name to the database. */
  readonly name: string | null;
  /** A key that Keystone's schema has on SQLite only. */
  readonly sqliteOnly: boolean;
}

export interface Unique {
  /** Null where Keystone leaves the name to the database. */
  readonly name: string | null;
  readonly columns: readonly string[];
}

export interface Index {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface TableDefinition<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  readonly primaryKey: readonly string[];
  readonly unique: readonly Unique[];
  readonly indexes: readonly Index[];
  /** Indexes that Keystone's schema lacks and that large databases need. */
  readonly ownIndexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
}

type ValueOf<C> = C extends Column<infer V, infer _O> ? V : never;
type OptionalNames<C extends Columns> = {
  [K in keyof C]: C[K] extends Column<infer _V, infer O> ? (O extends true ? K : never) : never;
}[keyof C];

/** A row as read: every column, nulls included. */
export type RowOf<T> = T extends TableDefinition<infer C> ? { [K in keyof C]: ValueOf<C[K]> } : never;

/** A row to insert: columns that are nullable, counted up or have a default may be left out. */
export type InsertOf<T> =
  T extends TableDefinition<infer C>
    ? { [K in Exclude<keyof C, OptionalNames<C>>]: ValueOf<C[K]> } & {
        [K in OptionalNames<C> & keyof C]?: ValueOf<C[K]>;
      }
    : never;

interface ForeignKeySpec<K extends string> {
  readonly columns: readonly K[];
  /** `table(column, …)`. */
  readonly references: string;
  readonly onDelete?: 'CASCADE';
  readonly onUpdate?: 'CASCADE';
  readonly name?: string;
  readonly sqliteOnly?: true;
}

/**
 * Declares a table.
 * @param spec.primaryKey defaults to `id`
 * @param spec.indexes    by name
 * @param spec.ownIndexes their columns; the name follows from them (of many: from the first and their number)
 * @throws Error when a key, an index or a reference names a column that is not there: found when the module loads.
 */
export function defineTable<const C extends Columns>(
  name: string,
  spec: {
    readonly columns: C;
    readonly primaryKey?: readonly (keyof C & string)[];
    readonly unique?: readonly { readonly name?: string; readonly columns: readonly (keyof C & string)[] }[];
    readonly indexes?: Readonly<Record<string, readonly (keyof C & string)[]>>;
    readonly ownIndexes?: readonly (readonly (keyof C & string)[])[];
    readonly foreignKeys?: readonly ForeignKeySpec<keyof C & string>[];
  },
): TableDefinition<C> {
  const primaryKey: readonly string[] = spec.primaryKey ?? ['id'];
  for (const column of primaryKey) {
    if (!(column in spec.columns)) throw new Error(`table ${name}: no column ${column} for the primary key`);
  }
  return Object.freeze({
    name,
    columns: spec.columns,
    primaryKey,
    unique: (spec.unique ?? []).map(({ name: uniqueName, columns }) => ({
      name: uniqueName ?? null,
      columns,
    })),
    indexes: Object.entries(spec.indexes ?? {}).map(([indexName, columns]) => ({ name: indexName, columns })),
    ownIndexes: (spec.ownIndexes ?? []).map((columns) => ({
      name: `ix_${name}_${columns.length > 4 ? `${columns[0]}_${columns.length}` : columns.join('_')}`,
      columns,
    })),
    foreignKeys: (spec.foreignKeys ?? []).map((key) => {
      const match = /^(\w+)\(([\w, ]+)\)$/.exec(key.references);
      if (match === null) throw new Error(`table ${name}: cannot read the reference ${key.references}`);
      const [, table = '', columns = ''] = match;
      return {
        columns: key.columns,
        references: { table, columns: columns.split(',').map((column) => column.trim()) },
        onDelete: key.onDelete ?? null,
        onUpdate: key.onUpdate ?? null,
        name: key.name ?? null,
        sqliteOnly: key.sqliteOnly ?? false,
      };
    }),
  });
}
