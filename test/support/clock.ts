/** The clock of this process, and of the services that run in it. */

/** What comes of work that begins so many milliseconds later by the clock. */
export async function later<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const ours = Date.now;
  Date.now = () => ours() + milliseconds;
  try {
    return await work();
  } finally {
    Date.now = ours;
  }
}

/** What comes of work that begins when the clock begins a new interval of so many milliseconds. */
export function atBeginning<T>(interval: number, work: () => Promise<T>): Promise<T> {
  return later(interval - (Date.now() % interval), work);
}
