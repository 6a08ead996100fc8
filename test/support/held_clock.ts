/**
 * The clocks that a process reads, in a test's hand: `Date.now()` and `performance.now()` stand still until the test
 * moves them, however slow the machine is. Timers and `new Date()` go on as ever.
 */
export interface HeldClock {
  advance(milliseconds: number): void;
  /** Let them go again; to be called in any case. */
  release(): void;
}

export function holdClock(): HeldClock {
  let passed = 0;
  // Whole, so that what was advanced is what has passed: with fractions 1000 ms become 999.9999999999 now and then.
  const [date, monotonic] = [Date.now(), Math.ceil(performance.now())];
  const original = Date.now;
  Date.now = () => date + passed;
  Object.defineProperty(performance, 'now', { configurable: true, value: () => monotonic + passed });
  return {
    advance: (milliseconds) => void (passed += milliseconds),
    release() {
      Date.now = original;
      Reflect.deleteProperty(performance, 'now');
    },
  };
}

/** For the time of work: an event is then of one second, however long it takes to be committed. */
export async function withHeldClock<T>(work: (clock: HeldClock) => Promise<T>): Promise<T> {
  const clock = holdClock();
  try {
    return await work(clock);
  } finally {
    clock.release();
  }
}

/** Whether work is done without waiting: no timer and no answer from outside can have come meanwhile. */
export async function isDoneAtOnce(work: () => Promise<unknown>): Promise<boolean> {
  let hasTurned = false;
  const turn = setImmediate(() => (hasTurned = true));
  await work();
  clearImmediate(turn);
  return !hasTurned;
}
