/** Deadlines and breakers around what is asked over the network. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { Breaker, type BreakerOptions, UnavailableError, withDeadline } from '../../../src/common/breaker.js';
import { rejection } from '../../support/rejection.js';

describe('a breaker', () => {
  let changes: string[];
  let failures: number;
  let probes: number;
  let isBack: boolean;
  const made: Breaker[] = [];

  beforeEach(() => {
    changes = [];
    failures = 0;
    probes = 0;
    isBack = false;
  });
  afterEach(() => {
    for (const breaker of made.splice(0)) breaker.close();
  });

  const breaker = (options: Partial<BreakerOptions> = {}): Breaker => {
    const one = new Breaker({
      deadline: 60_000,
      failures: 2,
      retry: 20,
      probe: async () => {
        probes += 1;
        if (!isBack) throw new Error('still down');
      },
      onFailure: () => void (failures += 1),
      onChange: (up, reason) => void changes.push(`${up ? 'up' : 'down'}: ${reason}`),
      ...options,
    });
    made.push(one);
    return one;
  };
  const fail = (one: Breaker): Promise<Error> =>
    rejection(one.run(() => Promise.reject(new Error('refused'))));

  it('passes on what is answered, and says what went wrong', async () => {
    const one = breaker();
    expect(await one.run(async () => 7)).to.equal(7);
    const error = await fail(one);
    expect(error).to.be.instanceOf(UnavailableError);
    expect(error.message).to.equal('refused');
    expect(one.state()).to.deep.equal({ up: true, since: null, reason: null });
  });

  it('opens after failures in a row, and then asks nobody', async () => {
    const one = breaker({ retry: 60_000 });
    await fail(one);
    await one.run(async () => 1);
    await fail(one);
    expect(one.isUp).to.equal(true);
    await fail(one);
    expect(one.isUp).to.equal(false);
    expect(changes).to.deep.equal(['down: refused']);
    let asked = false;
    const error = await rejection(
      one.run(async () => {
        asked = true;
      }),
    );
    expect(error.message).to.equal('refused');
    expect(asked).to.equal(false);
    expect(one.state().since).to.match(/^\d{4}-/);
  });

  it('counts what fails together once', async () => {
    const one = breaker();
    await Promise.all(Array.from({ length: 10 }, () => fail(one)));
    expect(one.isUp).to.equal(true);
    expect(failures).to.equal(1);
  });

  it('tries by itself, ever more rarely, and closes when it is answered', async () => {
    const times: number[] = [];
    const one = breaker({
      failures: 1,
      probe: async () => {
        times.push(performance.now());
        if (!isBack) throw new Error('still down');
      },
    });
    const down = performance.now();
    await fail(one);
    while (times.length < 4) await sleep(10);
    // Every 20 ms at most; a timer may be a millisecond early.
    for (const [place, time] of times.entries()) expect(time - down).to.be.at.least(19 * (place + 1));
    expect(one.isUp).to.equal(false);
    isBack = true;
    while (!one.isUp) await sleep(10);
    expect(changes).to.deep.equal(['down: refused', 'up: it answers again']);
    expect(await one.run(async () => 1)).to.equal(1);
  });

  it('says why it is down now, when that comes out later', async () => {
    const one = breaker({ deadline: 30, failures: 1 });
    await rejection(one.run(() => new Promise(() => undefined)));
    const since = one.state().since;
    while (one.state().reason?.startsWith('no answer')) await sleep(10);
    expect(one.state()).to.deep.equal({ up: false, since, reason: 'still down' });
    expect(await rejection(one.run(async () => 1))).to.include({ message: 'still down' });
  });

  it('waits no longer than its deadline, and tries no more once it is closed', async () => {
    const one = breaker({ deadline: 30, failures: 1, retry: 10 });
    const error = await rejection(one.run(() => new Promise(() => undefined)));
    expect(error.message).to.equal('no answer within 30 ms');
    one.close();
    const before = probes;
    await sleep(60);
    expect(probes).to.equal(before);
    expect((await rejection(one.run(async () => 1))).message).to.equal('closed');
  });

  it('takes an answer that has come while the process was busy', async () => {
    const cells = new Int32Array(new SharedArrayBuffer(4));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      parentPort.once('message', () => {
        parentPort.postMessage('answer');
        Atomics.store(workerData, 0, 1);
        Atomics.notify(workerData, 0);
      });`;
    const worker = new Worker(code, { eval: true, execArgv: [], workerData: cells });
    try {
      await once(worker, 'online');
      const answer = withDeadline(20, () => once(worker, 'message'));
      worker.postMessage('ask', []);
      Atomics.wait(cells, 0, 0);
      // Its time is over, whenever it began.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
      expect(await answer).to.deep.equal(['answer']);
    } finally {
      await worker.terminate();
    }
  });
});
