/** Choice of a representation by the `Accept` header (RFC 9110, 12.5.1), with WebOb's order of precedence. */

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  /** How many of the two parts are `*`. */
  readonly wildcards: number;
}

/** A longer header is no list of media types that anybody wants. */
const MAX_LENGTH = 4096;

/**
 * The best of the offers: the highest quality, then the offer that a more exact range names, then the earlier offer.
 *
 * @returns undefined when there is no header, or none of the offers is acceptable
 */
export function bestMatch<Offer extends string>(
  accept: string | undefined,
  offers: readonly Offer[],
): Offer | undefined {
  if (accept === undefined || accept === '' || accept.length > MAX_LENGTH) return undefined;
  const ranges = parse(accept);
  let best: Offer | undefined;
  let quality = 0;
  let wildcards = 2;
  for (const offer of offers) {
    const slash = offer.indexOf('/');
    const type = offer.slice(0, slash);
    const subtype = offer.slice(slash + 1);
    for (const range of ranges) {
      if (range.type !== '*' && (range.type !== type || (range.subtype !== '*' && range.subtype !== subtype)))
        continue;
      if (
        range.quality < quality ||
        (range.quality === quality && range.wildcards >= wildcards && best !== undefined)
      ) {
        continue;
      }
      best = offer;
      ({ quality, wildcards } = range);
    }
  }
  return best;
}

/** The ranges that are wanted at all. Parameters other than `q` are ignored; what is no range as well. */
function parse(accept: string): MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const part of accept.split(',')) {
    const [range = '', ...parameters] = part.split(';');
    const found = /^([^\s/]+)\/([^\s/]+)$/.exec(range.trim().toLowerCase());
    if (found === null) continue;
    const [, type = '', subtype = ''] = found;
    const quality = qualityOf(parameters);
    if (quality <= 0) continue;
    ranges.push({ type, subtype, quality, wildcards: (type === '*' ? 1 : 0) + (subtype === '*' ? 1 : 0) });
  }
  return ranges;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const found = /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(parameter);
    if (found === null) continue;
    const quality = Number(found[1]);
    return Number.isNaN(quality) ? 1 : Math.min(quality, 1);
  }
  return 1;
}
