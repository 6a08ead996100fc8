/** How busy the connections to a database are. */
import type { Sequelize } from 'sequelize';
import { isRecord } from '../record.js';

export interface PoolState {
  /** Connections that are open. */
  readonly size: number;
  readonly available: number;
  readonly in_use: number;
  /** Requests that wait for one. */
  readonly waiting: number;
}

function stateOf(pool: unknown): PoolState | null {
  if (!isRecord(pool)) return null;
  const { size, available, using, waiting } = pool;
  if (![size, available, using, waiting].every((figure) => typeof figure === 'number')) return null;
  return {
    size: Number(size),
    available: Number(available),
    in_use: Number(using),
    waiting: Number(waiting),
  };
}

/** The state of each of Sequelize's pools, by what it is for; empty for SQLite, which has one connection. */
export function poolStates(sequelize: Sequelize): Readonly<Record<string, PoolState>> {
  if (sequelize.getDialect() === 'sqlite') return {};
  // Its types leave the pool out.
  const { pool } = sequelize.connectionManager as { readonly pool?: unknown };
  const states = isRecord(pool)
    ? { all: stateOf(pool), read: stateOf(pool['read']), write: stateOf(pool['write']) }
    : {};
  return Object.fromEntries(
    Object.entries(states).filter((entry): entry is [string, PoolState] => entry[1] !== null),
  );
}
