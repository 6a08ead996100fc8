/** ISO 8601 as the original's parser has it: everything behind the year may be missing, and most of the punctuation. */
const PATTERN =
  /^(\d{4})(?:(?:-(\d{1,2})|(\d{2})(?!$))(?:(?:-(\d{1,2})|(\d{2}))(?:[T ](\d{2})(?::?(\d{2}))?(?::?(\d{1,2})(?:[.,](\d+))?)?(?:Z|([+-]\d{2}):?(\d{2})?)?)?)?)?$/;
/** Years 1000 and 9999: earlier ones lose their leading zeros in the original, which cannot read them then. */
const MIN_SECONDS = -30_610_224_000;
const MAX_SECONDS = 253_402_300_799;
const DAY_SECONDS = 86_400;

/**
 * Read a time of the API, such as `2017-02-03T04:05:06.789012Z`; another offset is normalised, none means UTC.
 *
 * @returns seconds since the epoch, to the microsecond; null when the text is no time, or none that a token can show
 */
export function parseIsotime(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, year = '', dashedMonth, plainMonth, dashedDay, plainDay, ...rest] = match;
  const [hour = '00', minute = '00', second = '00', fraction = '', zoneHours = '+00', zoneMinutes = '00'] =
    rest;
  const month = (dashedMonth ?? plainMonth ?? '1').padStart(2, '0');
  const day = (dashedDay ?? plainDay ?? '1').padStart(2, '0');
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second.padStart(2, '0')}Z`);
  // Date accepts 30 February and 24:00 by carrying over: only what comes out as it went in is a time.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(8, 13) !== `${day}T${hour}`)
    return null;
  const offset = Number(zoneHours.slice(1)) * 3600 + Number(zoneMinutes) * 60;
  if (offset >= DAY_SECONDS) return null;
  const whole = milliseconds / 1000 - (zoneHours.startsWith('-') ? -offset : offset);
  const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return isShown(whole) ? whole + microseconds / 1e6 : null;
}

/**
 * The whole second of a time in the form of token bodies, `2037-12-31T23:59:59.000000Z`.
 *
 * @param time seconds since the epoch; rounded to microseconds first, as Python's datetime does
 * @returns null when the time is no number or outside the years 1000 to 9999
 */
export function isotime(time: number): string | null {
  const second = Math.floor(Math.round((time - Math.floor(time)) * 1e6) / 1e6) + Math.floor(time);
  if (!isShown(second)) return null;
  return `${new Date(second * 1000).toISOString().slice(0, 19)}.000000Z`;
}

function isShown(second: number): boolean {
  return second >= MIN_SECONDS && second <= MAX_SECONDS;
}
