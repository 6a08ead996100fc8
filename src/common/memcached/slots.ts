/** A number of slots, and a queue before them: as many operations at a time as there are connections. */
export class Slots {
  #free: number;
  readonly #waiting: { take: () => void; readonly timer: NodeJS.Timeout }[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Run work in a slot.
   * @param patience milliseconds to wait for one
   * @throws Error when none comes free in time
   */
  async run<T>(patience: number, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(patience);
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else {
        clearTimeout(next.timer);
        next.take();
      }
    }
  }

  #wait(patience: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = {
        take: resolve,
        timer: setTimeout(() => {
          this.#waiting.splice(this.#waiting.indexOf(entry), 1);
          reject(new Error(`no connection came free within ${patience} ms`));
        }, patience),
      };
      this.#waiting.push(entry);
    });
  }
}
