/**
 * What the loader costs: the filters of the stock v3 pipeline composed by it against the same filters composed by hand
 * with koa-compose, and the price of a filter that does nothing. Run: `node --import tsx bench/pipeline/index.ts`.
 */
import { passThrough, stockChains } from './chains.js';
import { getsThrough, median, medianRatio, perRequest, throughput } from './compare.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { filters, loaded, byHand } = await stockChains();
say(`${filters.length} filters of the stock v3 pipeline: ${filters.join(' ')}`);

const chains = { loaded, byHand };
for (const [name, chain] of Object.entries(chains)) {
  if (!(await getsThrough(chain))) throw new Error(`a request does not get through the chain '${name}'`);
}
await perRequest(chains, 4, 5_000);
const inside = await perRequest(chains, 40, 5_000);
say('');
say('in process, time per request');
say(`  composed by the loader   ${(median(inside, 'loaded') / 1000).toFixed(2)} µs`);
say(`  composed by hand         ${(median(inside, 'byHand') / 1000).toFixed(2)} µs`);
say(`  speed against by hand    ${medianRatio(inside, 'byHand', 'loaded').toFixed(3)}`);

await throughput(chains, 2, 200);
const overHttp = await throughput(chains, 20, 250);
say('');
say('over HTTP, client in the same process');
say(`  composed by the loader   ${median(overHttp, 'loaded').toFixed(0)} requests per second of CPU`);
say(`  composed by hand         ${median(overHttp, 'byHand').toFixed(0)} requests per second of CPU`);
say(
  `  throughput against by hand  ${medianRatio(overHttp, 'loaded', 'byHand').toFixed(3)} (mark: at least 0.97)`,
);

const many = 50;
const lengths = { none: await passThrough(0), many: await passThrough(many) };
await perRequest(lengths, 4, 5_000);
const passed = await perRequest(lengths, 40, 5_000);
say('');
say(
  `cost of a filter that passes a request on: ${((median(passed, 'many') - median(passed, 'none')) / many).toFixed(0)} ns`,
);
