/** A small, fixed part of what `npm run bench -- fuzz` does at length. */
import { expect } from 'chai';
import { type Decoder, decoders } from '../../../../bench/fuzz/decoders.js';
import { fuzz } from '../../../../bench/fuzz/fuzz.js';
import { seeded } from '../../../../bench/fuzz/mutations.js';

const INPUTS = 1500;
/** Milliseconds: the longest takes one, on a machine that has nothing else to do. */
const LIMIT = 100;

describe('the decoders of tokens', () => {
  const random = seeded(20260101);
  let all: readonly Decoder[];
  before(async () => {
    all = await decoders(random);
  });

  for (const name of ['fernet', 'pki', 'pkiz', 'msgpack']) {
    it(`refuse spoilt tokens and noise without an accident, and at once: ${name}`, async function test() {
      this.timeout(120_000);
      const decoder = all.find((each) => each.name === name);
      if (decoder === undefined) throw new Error('no such decoder');
      const report = await fuzz(decoder, INPUTS, random, LIMIT);
      expect(report.failures).to.deep.equal([]);
      // What is spoilt is mostly refused, or the test would prove nothing.
      expect(report.refused).to.be.greaterThan(INPUTS * 0.8);
    });
  }

  it('are found out when they accept what was changed, fail otherwise than by a refusal, or dawdle', async () => {
    const base = {
      name: 'bad',
      good: ['good'],
      spoil: () => 'changed',
      refuses: () => false,
      authentic: true,
    };
    const failuresOf = async (decode: (input: string) => string): Promise<string> =>
      (await fuzz({ ...base, decode: (input) => decode(String(input)) }, 1, random)).failures.join();
    expect(await failuresOf((input) => input)).to.contain('a changed token was accepted');
    expect(
      await failuresOf((input) => {
        if (input === 'good') return input;
        throw new RangeError('oops');
      }),
    ).to.contain('accident (RangeError: oops)');
    const dawdle = await failuresOf((input) => {
      const until = performance.now() + (input === 'good' ? 0 : 12);
      while (performance.now() < until);
      return 'good';
    });
    expect(dawdle).to.match(/it took \d\d+\.\d ms/);
  });
});
