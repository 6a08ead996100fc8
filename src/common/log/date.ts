/** Dates in the notation of `strftime` (POSIX), which the option `log_date_format` uses; local time, English names. */

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DAY_MS = 86_400_000;

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}

function dayOfYear(date: Date): number {
  const midnight = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (midnight - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS + 1;
}

const FIELDS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => pad(date.getFullYear() % 100),
  m: (date) => pad(date.getMonth() + 1),
  d: (date) => pad(date.getDate()),
  e: (date) => String(date.getDate()).padStart(2),
  H: (date) => pad(date.getHours()),
  I: (date) => pad(date.getHours() % 12 === 0 ? 12 : date.getHours() % 12),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  M: (date) => pad(date.getMinutes()),
  S: (date) => pad(date.getSeconds()),
  j: (date) => pad(dayOfYear(date), 3),
  b: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => MONTHS[date.getMonth()] ?? '',
  a: (date) => (DAYS[date.getDay()] ?? '').slice(0, 3),
  A: (date) => DAYS[date.getDay()] ?? '',
  z: offset,
  Z: offset,
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  F: (date) => strftime('%Y-%m-%d', date),
  T: (date) => strftime('%H:%M:%S', date),
  D: (date) => strftime('%m/%d/%y', date),
  '%': () => '%',
};

/** A date as text; a directive that is not known stays as it is. */
export function strftime(format: string, date: Date): string {
  return format.replace(/%(.)/gs, (whole, name: string) => FIELDS[name]?.(date) ?? whole);
}

/** `strftime` for a clock: the text is worked out once per second. */
export function clock(format: string): (date: Date) => string {
  let second = Number.NaN;
  let text = '';
  return (date) => {
    const now = Math.floor(date.getTime() / 1000);
    if (now !== second) {
      second = now;
      text = strftime(format, date);
    }
    return text;
  };
}
