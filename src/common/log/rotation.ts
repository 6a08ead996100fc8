/**
 * When a log file is set aside, and under which name: the rules of Python's RotatingFileHandler (`keystone.log.1`, the
 * highest number is the oldest) and TimedRotatingFileHandler (`keystone.log.2026-01-31`).
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { strftime } from './date.js';
import type { Rotation } from './plan.js';

export interface Rotator {
  /** Whether the file has to be set aside before a line of `bytes` is added to it. */
  isDue(size: number, bytes: number): boolean;
  /** Move the file away. Nothing happens when it is not there. */
  rotate(): void;
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

function bySize(path: string, { bytes: most, keep }: Extract<Rotation, { kind: 'size' }>): Rotator {
  return {
    // As in Python: without a limit or without files to keep, nothing is ever set aside.
    isDue: (size, bytes) => most > 0 && keep > 0 && size > 0 && size + bytes >= most,
    rotate() {
      rmSync(`${path}.${keep}`, { force: true });
      for (let number = keep - 1; number > 0; number -= 1) {
        if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
      }
      if (existsSync(path)) renameSync(path, `${path}.1`);
    },
  };
}

/** The date with its UTC fields as local ones. */
function asUtc(date: Date): Date {
  return new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
}

/** The first point in time after `since` at which a file is full, in milliseconds. */
export function nextRotation(rotation: Extract<Rotation, { kind: 'time' }>, since: Date): number {
  const { when, interval, utc } = rotation;
  if (when === 's' || when === 'm' || when === 'h' || when === 'd') {
    return since.getTime() + interval * SECONDS[when] * 1000;
  }
  const shown = utc ? asUtc(since) : since;
  const midnight = new Date(shown.getFullYear(), shown.getMonth(), shown.getDate() + 1);
  // Python counts days of the week from Monday.
  if (when !== 'midnight') {
    const wanted = (Number(when.slice(1)) + 1) % 7;
    midnight.setDate(midnight.getDate() + ((wanted - ((midnight.getDay() + 6) % 7) + 7) % 7));
  }
  return utc ? midnight.getTime() - midnight.getTimezoneOffset() * 60_000 : midnight.getTime();
}

const SUFFIXES = { s: '%Y-%m-%d_%H-%M-%S', m: '%Y-%m-%d_%H-%M', h: '%Y-%m-%d_%H' } as const;
const SUFFIX = /^\.\d{4}-\d\d-\d\d(?:_\d\d(?:-\d\d){0,2})?$/;

function byTime(path: string, rotation: Extract<Rotation, { kind: 'time' }>, lastChange: Date): Rotator {
  let since = lastChange;
  let due = nextRotation(rotation, since);
  const { when, keep, utc } = rotation;
  const suffix = when === 's' || when === 'm' || when === 'h' ? SUFFIXES[when] : '%Y-%m-%d';
  return {
    isDue: () => Date.now() >= due,
    rotate() {
      const target = `${path}.${strftime(suffix, utc ? asUtc(since) : since)}`;
      if (existsSync(path)) renameSync(path, target);
      since = new Date();
      due = nextRotation(rotation, since);
      if (keep <= 0) return;
      const name = basename(path);
      const old = readdirSync(dirname(path)).filter(
        (file) => file.startsWith(name) && SUFFIX.test(file.slice(name.length)),
      );
      for (const file of old.sort().slice(0, -keep)) rmSync(join(dirname(path), file), { force: true });
    },
  };
}

/** @param lastChange when the file that is there was last written to: a restart does not begin a new span */
export function rotatorOf(path: string, rotation: Rotation, lastChange: Date): Rotator {
  return rotation.kind === 'size' ? bySize(path, rotation) : byTime(path, rotation, lastChange);
}
