import { prepareSql } from '../../common/sql/index.js';
import { foundIf, type Symptom } from './symptom.js';

/** Milliseconds: what a tick of a slow NTP client and the way of the answer may make. */
const TOLERANCE_MS = 2_000;

const columns = { microseconds: 'integer' } as const;
const MYSQL = prepareSql({
  text: 'SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED) AS microseconds',
  columns,
});
const POSTGRES = prepareSql({
  text: 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS microseconds',
  columns,
});

export const clockSkew: Symptom = {
  name: 'clock_skew',
  what: 'The clocks of this machine and of the database server differ.',
  why: 'Tokens expire early or late, revocations are compared with wrong times, and time-based one-time passwords fail.',
  advice: 'Run an NTP client on both.',
  async look({ database }) {
    const reached = await database().catch(() => null);
    // SQLite has no clock of its own.
    if (reached === null || reached.dialect === 'sqlite') return [];
    const before = Date.now();
    const [row] = await reached.query(reached.dialect === 'mysql' ? MYSQL : POSTGRES);
    const theirs = (row?.microseconds ?? 0) / 1000;
    const after = Date.now();
    const skew = theirs < before ? before - theirs : Math.max(0, theirs - after);
    return foundIf(
      skew > TOLERANCE_MS,
      `${(skew / 1000).toFixed(1)} s (${new Date(theirs).toISOString()} there)`,
    );
  },
};
