import { expect } from 'chai';
import { after, atLast, DONE, promised } from '../../../src/pipeline/index.js';

describe('going on behind a middleware', () => {
  for (const [name, goOn] of [
    ['after', after],
    ['atLast', atLast],
  ] as const) {
    it(`${name}: at once what is done, later what is not, and neither is mistaken for the other`, async () => {
      const steps: string[] = [];
      expect(goOn(DONE, () => steps.push('at once'))).to.equal(DONE);
      expect(steps).to.deep.equal(['at once']);
      const later = goOn(Promise.resolve(), () => steps.push('later'));
      expect(later).to.not.equal(DONE);
      expect(steps).to.deep.equal(['at once']);
      await later;
      expect(steps).to.deep.equal(['at once', 'later']);
    });
  }

  it('goes on after a failure with what comes at last, and with nothing else', async () => {
    const steps: string[] = [];
    const failed = (): Promise<never> => Promise.reject(new Error('no'));
    await after(failed(), () => steps.push('after')).catch(() => undefined);
    await atLast(failed(), () => steps.push('last')).catch((error: Error) => steps.push(error.message));
    expect(steps).to.deep.equal(['last', 'no']);
  });

  it('takes a middleware that returns nothing for done, and any value for a promise of it', async () => {
    expect(promised(undefined)).to.equal(DONE);
    expect(promised(DONE)).to.equal(DONE);
    expect(await promised('value')).to.equal('value');
  });
});
