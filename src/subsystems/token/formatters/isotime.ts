const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
/** Years 1 and 9999, the range of the original's clock. */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;

/**
 * Read a time of the API, such as `2017-02-03T04:05:06.789012Z`; another offset is normalised, none means UTC.
 *
 * @returns seconds since the epoch, to the microsecond; null when the text is no time
 */
export function parseIsotime(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date accepts 30 February and 24:00 by carrying over: only what comes out as it went in is a time.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(8, 13) !== `${day}T${hour}`)
    return null;
  const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return milliseconds / 1000 - offsetSeconds(zone) + microseconds / 1e6;
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

/**
 * The whole second of a time in the form of token bodies, `2037-12-31T23:59:59.000000Z`.
 *
 * @param time seconds since the epoch; rounded to microseconds first, as Python's datetime does
 * @returns null when the time is no number or outside the years 1 to 9999
 */
export function isotime(time: number): string | null {
  const second = Math.floor(Math.round((time - Math.floor(time)) * 1e6) / 1e6) + Math.floor(time);
  if (!(second >= MIN_SECONDS && second <= MAX_SECONDS)) return null;
  return `${new Date(second * 1000).toISOString().slice(0, 19)}.000000Z`;
}
