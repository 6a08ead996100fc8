/**
 * Milliseconds of processor time that work took, that of all threads of this process: what else the machine does, and
 * how long it stalls, does not count.
 */
export async function cpuTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
