/** Times as the API writes them. */

/** `YYYY-MM-DDTHH:MM:SSZ` @param instant milliseconds since the epoch */
export function isoTime(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** `YYYY-MM-DDTHH:MM:SS.ffffffZ` @param instant milliseconds since the epoch */
export function isoTimeWithMicroseconds(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 23)}000Z`;
}

/** The whole second that an instant lies in; both in milliseconds since the epoch. */
export function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
