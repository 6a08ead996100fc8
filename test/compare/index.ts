/**
 * Sends the same requests to ours and to Debian's real Keystone 22, each with a database of its own that is filled
 * through its API, and prints every difference in status, headers and body that nothing explains; with `--all` the
 * explained ones too. Run: `node --import tsx test/compare/index.ts [--all]`. Exit status 1 when there are unexplained
 * ones.
 */
import type { Difference } from './compare.js';
import { explanationOf } from './explained.js';
import { compareWithReal } from './run.js';
import { STEPS } from './steps.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function show({ step, where, first, second }: Difference): void {
  say(`${step}  ${where}`);
  say(`    ours ${first}`);
  say(`    real ${second}`);
}

const found = await compareWithReal();
const unexplained = found.filter((difference) => explanationOf(difference) === undefined);
for (const difference of unexplained) show(difference);
if (process.argv.includes('--all')) {
  for (const difference of found) {
    const explanation = explanationOf(difference);
    if (explanation === undefined) continue;
    show(difference);
    say(`    ${explanation.line}`);
  }
}
say(
  `${STEPS.length} requests, ${found.length} differences, ${unexplained.length} of them not explained in docs/differences.md`,
);
process.exitCode = unexplained.length === 0 ? 0 : 1;
