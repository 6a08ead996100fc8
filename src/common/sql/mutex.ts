/** A lock for asynchronous work in one process, first come first served. */
export class Mutex {
  private held = false;
  private readonly waiting: (() => void)[] = [];

  /**
   * Waits for the lock.
   * @param timeout milliseconds
   * @param expired makes the error of a wait that takes longer
   * @returns the function that gives the lock back; further calls do nothing
   */
  acquire(timeout: number, expired: () => Error): Promise<() => void> {
    if (!this.held) {
      this.held = true;
      return Promise.resolve(this.releaser());
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(grant), 1);
        reject(expired());
      }, timeout);
      const grant = (): void => {
        clearTimeout(timer);
        resolve(this.releaser());
      };
      this.waiting.push(grant);
    });
  }

  private releaser(): () => void {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      const grant = this.waiting.shift();
      if (grant === undefined) this.held = false;
      else grant();
    };
  }
}
