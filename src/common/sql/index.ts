/** Access to SQL databases: the public face of `common/sql`. */
export { hasColumn } from './columns.js';
export { DEFAULT_OPTIONS, openDatabase } from './database.js';
export * from './errors.js';
export { cutToLimit, type FilterColumn, filterSql, likePattern, limitOf, type SqlFilter } from './filters.js';
export { type DatabaseVersion, dbSync, dbVersion, type Phase, type SyncOptions } from './migrations/index.js';
export type * from './models/index.js';
export { type PreparedSql, prepareSql, type ResultOf } from './prepared.js';
export { type DatabaseSurvey, surveyDatabase } from './survey.js';
export type { InsertOf, RowOf } from './table.js';
export type * from './types.js';
