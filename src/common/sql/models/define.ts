/** The declared tables as models of a Sequelize instance, under their tables' names. */
import { DataTypes, type ModelAttributeColumnOptions, type ModelAttributes, type Sequelize } from 'sequelize';
import type { ColumnKind, TableDefinition } from '../table.js';

type DataType = ModelAttributeColumnOptions['type'];

const DATA_TYPES: Readonly<Record<ColumnKind, (length: number) => DataType>> = {
  varchar: (length) => DataTypes.STRING(length),
  enum: (length) => DataTypes.STRING(length),
  text: () => DataTypes.TEXT,
  integer: () => DataTypes.INTEGER,
  bigint: () => DataTypes.BIGINT,
  boolean: () => DataTypes.BOOLEAN,
  // Sequelize would write times in a form of its own: they pass as the text that `codec.ts` makes.
  datetime: () => DataTypes.STRING(26),
  date: () => DataTypes.STRING(10),
};

function attributes(table: TableDefinition): ModelAttributes {
  return Object.fromEntries(
    Object.entries(table.columns).map(([name, column]) => [
      name,
      {
        type: DATA_TYPES[column.kind](column.length ?? 255),
        allowNull: column.nullable,
        primaryKey: table.primaryKey.includes(name),
        autoIncrement: column.autoIncrement,
      },
    ]),
  );
}

export function defineModels(sequelize: Sequelize, tables: Iterable<TableDefinition>): void {
  for (const table of tables) {
    sequelize.define(table.name, attributes(table), {
      tableName: table.name,
      freezeTableName: true,
      timestamps: false,
    });
  }
}
