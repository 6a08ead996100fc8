import { expect } from 'chai';
import { followSignals } from '../../../src/server/signals.js';
import { type HeldClock, holdClock } from '../../support/held_clock.js';

/** Signals are sent to this very process: what it would do itself is never asked, because there are listeners. */
describe('signals', () => {
  const events: string[] = [];
  let finish: () => void = () => undefined;
  let unfollow: () => void;

  function follow(stop: () => Promise<void> = () => Promise.resolve()): void {
    unfollow = followSignals({
      stop: async () => {
        events.push('stop');
        await stop();
      },
      reload: () => {
        events.push('reload');
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      diagnose: () => {
        events.push('diagnose');
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      exit: (status) => events.push(`exit ${status}`),
    });
  }
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  let clock: HeldClock;
  beforeEach(() => {
    clock = holdClock();
  });
  afterEach(() => {
    clock.release();
    unfollow();
    events.length = 0;
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} finishes what runs, then ends with 0`, async () => {
      follow();
      process.emit(signal, signal);
      await settle();
      expect(events).to.deep.equal(['stop', 'exit 0']);
    });
  }

  it('a second signal does not wait', async () => {
    follow(() => new Promise(() => undefined));
    process.emit('SIGINT', 'SIGINT');
    clock.advance(1_000);
    process.emit('SIGINT', 'SIGINT');
    await settle();
    expect(events).to.deep.equal(['stop', 'exit 130']);
  });

  it('takes the copy that npm sends of a Ctrl-C for what it is', async () => {
    follow(() => new Promise(() => undefined));
    process.emit('SIGINT', 'SIGINT');
    clock.advance(999);
    process.emit('SIGINT', 'SIGINT');
    await settle();
    expect(events).to.deep.equal(['stop']);
  });

  it('ends with 1 when stopping fails', async () => {
    follow(() => Promise.reject(new Error('no')));
    process.emit('SIGTERM', 'SIGTERM');
    await settle();
    expect(events).to.deep.equal(['stop', 'exit 1']);
  });

  it("follows PM2's message where there are no signals", async () => {
    follow();
    process.emit('message', 'shutdown', undefined);
    await settle();
    expect(events).to.deep.equal(['stop', 'exit 0']);
  });

  it('SIGHUP reloads, one reload after the other, and once more for all that came meanwhile', async () => {
    follow();
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGHUP', 'SIGHUP');
    await settle();
    expect(events).to.deep.equal(['reload']);
    finish();
    await settle();
    expect(events).to.deep.equal(['reload', 'reload']);
    finish();
    await settle();
    expect(events).to.deep.equal(['reload', 'reload']);
  });

  it('does not reload while it ends', async () => {
    follow(() => new Promise(() => undefined));
    process.emit('SIGTERM', 'SIGTERM');
    process.emit('SIGHUP', 'SIGHUP');
    await settle();
    expect(events).to.deep.equal(['stop']);
  });

  it('SIGUSR2 asks for a report, one at a time, and changes nothing', async () => {
    follow();
    process.emit('SIGUSR2', 'SIGUSR2');
    process.emit('SIGUSR2', 'SIGUSR2');
    await settle();
    expect(events).to.deep.equal(['diagnose']);
    finish();
    await settle();
    process.emit('SIGUSR2', 'SIGUSR2');
    await settle();
    expect(events).to.deep.equal(['diagnose', 'diagnose']);
  });
});
