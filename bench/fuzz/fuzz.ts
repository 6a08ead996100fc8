/** Feeds a decoder and holds it to its promises: no accident, no acceptance, no long time. */
import type { Decoder } from './decoders.js';
import type { Random } from './mutations.js';

/** Milliseconds that no input may take on a machine that has nothing else to do. */
export const LIMIT = 10;
/** What once took this part of the limit is measured again. */
const SUSPICIOUS = 0.1;
/** The machine may have done something else meanwhile: the shortest of so many times counts. */
const REPEATS = 7;

export interface Report {
  readonly name: string;
  readonly inputs: number;
  readonly refused: number;
  /** Inputs that say what a good one says: the same token in another spelling, or with nothing changed. */
  readonly same: number;
  /** Inputs that were read where nothing proves where they come from. */
  readonly read: number;
  /** Milliseconds, of the slowest input. */
  readonly slowest: number;
  /** One sentence each, with the input; empty when all is well. */
  readonly failures: readonly string[];
}

type Outcome =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'accident'; readonly error: unknown };

async function attempt(decoder: Decoder, input: string | Buffer): Promise<Outcome> {
  try {
    return { kind: 'read', text: await decoder.decode(input) };
  } catch (error) {
    return decoder.refuses(error) ? { kind: 'refused' } : { kind: 'accident', error };
  }
}

async function shortest(decoder: Decoder, input: string | Buffer): Promise<number> {
  let best = Infinity;
  for (let count = 0; count < REPEATS; count += 1) {
    const start = performance.now();
    await attempt(decoder, input);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/**
 * @param count how many inputs
 * @param limit milliseconds that none of them may take
 */
export async function fuzz(decoder: Decoder, count: number, random: Random, limit = LIMIT): Promise<Report> {
  const known = new Set<string>();
  for (const input of decoder.good) known.add(await decoder.decode(input));
  const failures: string[] = [];
  const fail = (what: string, input: string | Buffer): void => {
    const shown = Buffer.from(input).toString('base64');
    if (failures.length < 10)
      failures.push(`${what}: ${shown.slice(0, 400)} (${shown.length} characters of base64)`);
  };
  const tally = { refused: 0, same: 0, read: 0 };
  let slowest = 0;
  for (let done = 0; done < count; done += 1) {
    const input = decoder.spoil(random);
    const start = performance.now();
    const outcome = await attempt(decoder, input);
    const took = performance.now() - start;
    if (outcome.kind === 'accident') fail(`accident (${String(outcome.error)})`, input);
    else if (outcome.kind === 'refused') tally.refused += 1;
    else if (known.has(outcome.text)) tally.same += 1;
    else if (decoder.authentic) fail('a changed token was accepted', input);
    else tally.read += 1;
    if (took <= Math.max(slowest, limit * SUSPICIOUS)) continue;
    slowest = Math.max(slowest, await shortest(decoder, input));
    if (slowest > limit) fail(`it took ${slowest.toFixed(1)} ms`, input);
  }
  return { name: decoder.name, inputs: count, ...tally, slowest, failures };
}
