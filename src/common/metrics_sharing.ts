/**
 * One answer for several processes. A scrape reaches any one worker of a cluster; each worker keeps its figures in a
 * file of a common folder, and the one that is asked adds up the files of all workers that live.
 */
import { mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AggregatorRegistry, type Registry } from 'prom-client';

/** Milliseconds after which a change is in the file. */
const DELAY = 1000;

/**
 * The last write of each file. Every pipeline of a process has a filter that writes the same figures to the same file:
 * two writes at a time would take each other's unfinished file away, and the older one might come last.
 */
const writes = new Map<string, Promise<void>>();

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
      if (!isAlive(Number(pid))) {
        await unlink(file).catch(() => undefined);
        continue;
      }
      const text = await readFile(file, 'utf8').catch(unlessGone);
      if (text !== null) figures.push(JSON.parse(text) as object);
    }
    return await AggregatorRegistry.aggregate(figures).metrics();
  }

  /** The figures of a moment after this call. */
  #write(): Promise<void> {
    const begin = (): Promise<void> => this.#writeNow();
    const last = writes.get(this.#own);
    const write = (last === undefined ? begin() : last.then(begin, begin)).finally(() => {
      if (writes.get(this.#own) === write) writes.delete(this.#own);
    });
    writes.set(this.#own, write);
    return write;
  }

  async #writeNow(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#own}.new`;
    await writeFile(fresh, JSON.stringify(await this.registry.getMetricsAsJSON()), { mode: 0o600 });
    await rename(fresh, this.#own);
  }

  /** Writes no more; fulfilled when what was being written is. */
  async dispose(): Promise<void> {
    clearTimeout(this.#timer);
    await writes.get(this.#own)?.catch(() => undefined);
  }
}

/** A worker may end, and another that is asked remove its file, after the folder was read. */
function unlessGone(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
