/** The nearest of some names to a misspelt one. */

/** How many letters must be inserted, removed, replaced or exchanged with their neighbour to get from one to other. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
}

/**
 * The known name that was probably meant: the nearest one, when no more than a third of its letters (at least one,
 * at most three) are wrong. Case and hyphens do not count.
 */
export function nearest(name: string, known: Iterable<string>): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '_');
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const limit = Math.min(3, Math.max(1, Math.floor(candidate.length / 3)));
    const wrong =
      Math.abs(candidate.length - name.length) > limit ? limit + 1 : distance(plain(name), plain(candidate));
    if (wrong <= limit && wrong < bestDistance) {
      best = candidate;
      bestDistance = wrong;
    }
  }
  return best;
}
