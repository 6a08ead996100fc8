/** Statements whose parameters have names, because the same one stands in many places of a statement. */
import {
  type Database,
  type Dialect,
  type PreparedSql,
  prepareSql,
  type ResultOf,
  type SqlParameter,
} from '../../../common/sql/index.js';

type ResultColumns = NonNullable<Parameters<typeof prepareSql>[0]['columns']>;

export type Values = Readonly<Record<string, SqlParameter>>;

export class NamedStatement<Row> {
  private constructor(
    private readonly prepared: PreparedSql<Row>,
    private readonly names: readonly string[],
  ) {}

  /** As it is run, for those who ask a database how it would do that. */
  get text(): string {
    return this.prepared.text;
  }

  /**
   * @param text as for `prepareSql`, with `:name` for a parameter and `:name...` for a list. The tables of a CROSS
   *   JOIN are read in the order in which they are written: SQLite promises it, MariaDB and MySQL are told so;
   *   PostgreSQL goes by its statistics.
   */
  static make<const C extends ResultColumns>(
    text: string,
    columns: C,
    dialect: Dialect,
  ): NamedStatement<ResultOf<C>> {
    const names: string[] = [];
    const marked = text.replace(/:(\w+)(\.\.\.)?/g, (_mark, name: string, list: string | undefined) => {
      names.push(name);
      return list === undefined ? '?' : '??';
    });
    const ordered = dialect === 'mysql' ? marked.replaceAll('CROSS JOIN', 'STRAIGHT_JOIN') : marked;
    return new NamedStatement(prepareSql({ text: ordered, columns }), names);
  }

  /** @throws Error when a value is missing */
  run(database: Database, values: Values): Promise<Row[]> {
    const parameters = this.names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`no value for :${name}`);
      return value;
    });
    return database.query(this.prepared, parameters);
  }
}
