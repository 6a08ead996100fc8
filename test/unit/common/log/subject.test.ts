/** Whose request a line of the log belongs to, whether the request waits or is answered at once. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { type RequestContext, requestContext } from '../../../../src/common/context.js';
import { currentSubject, runBriefly, runInRequest } from '../../../../src/common/log/subject.js';

function contextOf(requestId: string): RequestContext {
  return Object.assign(requestContext({ state: {} }), { requestId });
}

const id = (): string | null => currentSubject()?.requestId ?? null;

describe('the request that is at work', () => {
  it('is known after waiting, of each of many at the same time', async () => {
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((name, index) =>
        runInRequest(contextOf(name), async () => {
          for (let number = 0; number <= index; number += 1) await turn();
          return id();
        }),
      ),
    );
    expect(seen).to.deep.equal(['a', 'b', 'c']);
    expect(id()).to.equal(null);
  });

  it('is known to code that is called without waiting, and to nobody after it', async () => {
    const later = runBriefly(contextOf('brief'), () => {
      expect(id()).to.equal('brief');
      return turn().then(id);
    });
    expect(id()).to.equal(null);
    expect(await later).to.equal(null);
  });

  it('is the innermost: a brief one within another gives way again', async () => {
    await runInRequest(contextOf('outer'), async () => {
      await turn();
      expect(runBriefly(contextOf('inner'), id)).to.equal('inner');
      expect(id()).to.equal('outer');
    });
  });

  it('goes over into waiting from a stretch without, and the stretch goes on', async () => {
    const context = contextOf('both');
    const late = runBriefly(context, () => {
      const waiting = runInRequest(context, async () => {
        const at = id();
        await turn();
        return [at, id()];
      });
      expect(id()).to.equal('both');
      return waiting;
    });
    expect(await late).to.deep.equal(['both', 'both']);
  });

  it('is no longer known when it has ended, and others go on', async () => {
    const first = runInRequest(contextOf('short'), () => turn());
    const second = runInRequest(contextOf('long'), async () => {
      await first;
      await turn();
      return id();
    });
    expect(await second).to.equal('long');
    await turn();
    expect(id()).to.equal(null);
  });

  it('has ended also when it failed, at once or later', async () => {
    const failing = runInRequest(contextOf('x'), async () => {
      await turn();
      throw new Error('later');
    });
    expect(await failing.catch((error: Error) => error.message)).to.equal('later');
    const atOnce = (): unknown =>
      runInRequest(contextOf('y'), () => {
        throw new Error('at once');
      });
    expect(atOnce).to.throw('at once');
    expect(id()).to.equal(null);
    expect(await runInRequest(contextOf('z'), () => turn().then(id))).to.equal('z');
  });
});
