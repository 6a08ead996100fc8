/**
 * One answer for several processes. A scrape reaches any one worker of a cluster; each worker keeps its figures in a
 * file of a common folder, and the one that is asked adds up the files of all workers that live.
 */
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AggregatorRegistry, type Registry } from 'prom-client';

/** Milliseconds after which a change is in the file. */
const DELAY = 1000;

export class SharedMetrics {
  readonly #own: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly folder: string,
    private readonly onError: (error: unknown) => void,
    private readonly delay = DELAY,
  ) {
    this.#own = join(folder, `${process.pid}.json`);
  }

  /** Something was counted: write it soon. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write().catch(this.onError);
    }, this.delay).unref();
  }

  /** The figures of all workers in Prometheus' text format. */
  async text(): Promise<string> {
    await this.#write();
    const figures: object[] = [];
    for (const name of await readdir(this.folder)) {
      const pid = /^(\d+)\.json$/.exec(name)?.[1];
      if (pid === undefined) continue;
      const file = join(this.folder, name);
      if (isAlive(Number(pid))) figures.push(JSON.parse(await readFile(file, 'utf8')) as object);
      else await unlink(file).catch(() => undefined);
    }
    return await AggregatorRegistry.aggregate(figures).metrics();
  }

  async #write(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#own}.new`;
    await writeFile(fresh, JSON.stringify(await this.registry.getMetricsAsJSON()), { mode: 0o600 });
    await rename(fresh, this.#own);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
