/** Access to SQL databases: the public face of `common/sql`. */
export * from './errors.js';
export type * from './models/index.js';
export { type PreparedSql, prepareSql, type ResultOf } from './prepared.js';
export type { InsertOf, RowOf } from './table.js';
export type * from './types.js';
