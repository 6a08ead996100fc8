/**
 * Feeds the decoders of tokens (Fernet, PKI, PKIZ, MessagePack) with spoilt tokens and noise. Nothing may crash, fail
 * otherwise than by a refusal, be accepted or take more than 10 ms. Arguments: `--inputs N` (a million without),
 * `--seed N` (that of the clock without).
 */
import { parseArgs } from 'node:util';
import { decoders } from './decoders.js';
import { fuzz, LIMIT } from './fuzz.js';
import { seeded } from './mutations.js';

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const inputs = Number(values.inputs);
const seed = values.seed === undefined ? Date.now() % 0xffffffff : Number(values.seed);
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
  throw new Error('--inputs and --seed are whole numbers');
}

const random = seeded(seed);
const all = await decoders(random);
process.stdout.write(`${inputs} inputs, seed ${seed}; no input may take more than ${LIMIT} ms\n`);
let failed = false;
for (const decoder of all) {
  const report = await fuzz(decoder, Math.ceil(inputs / all.length), random);
  process.stdout.write(
    `${report.name.padEnd(8)} ${report.inputs} inputs: ${report.refused} refused, ${report.same} the same token,` +
      ` ${report.read} read (unsigned), slowest ${report.slowest.toFixed(2)} ms, ${report.failures.length} failures\n`,
  );
  for (const failure of report.failures) process.stdout.write(`  ${failure}\n`);
  failed ||= report.failures.length > 0;
}
process.exitCode = failed ? 1 : 0;
