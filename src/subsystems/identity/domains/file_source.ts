/**
 * Drivers of domains from files `keystone.DOMAIN.conf` in `[identity] domain_config_dir`, beneath any folder of it.
 * Each stands alone over the defaults of all options.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DomainNotFound, MultipleSQLDriversInConfig, UnexpectedError } from '../../../common/errors.js';
import { getLogger } from '../../../common/log/index.js';
import type { Conf } from '../../../conf/index.js';
import { type DomainConfigFile, domainConfigFiles } from './config_files.js';
import type { DomainSource, MakeDriver } from './domain_source.js';
import { DriverSlot } from './driver_slot.js';
import { problemOf } from './problem.js';

const log = getLogger('keystone.identity.domains');

export interface FileSourceParts {
  /** `[identity] domain_config_dir` */
  readonly folder: string;
  /** Whether the standard driver is an SQL one. */
  readonly standardIsSql: boolean;
  readonly makeDriver: MakeDriver;
  /** @throws ConfError */
  readonly loadFile: (file: string) => Conf;
  /** @throws DomainNotFound */
  readonly domainIdOf: (name: string) => Promise<string>;
}

interface Entry {
  readonly file: string;
  /** Tells whether the file has changed. */
  readonly digest: string;
  readonly state: DriverSlot | UnusableConfig;
}

interface UnusableConfig {
  readonly problem: string;
}

export class FileSource implements DomainSource {
  private domains: ReadonlyMap<string, Entry> = new Map();
  private isLoaded = false;
  private first: Promise<void> | null = null;
  private reloading: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FileSourceParts) {}

  async find(domainId: string): Promise<DriverSlot | null> {
    await this.ready();
    const entry = this.domains.get(domainId);
    if (entry === undefined) return null;
    if (entry.state instanceof DriverSlot) return entry.state;
    throw new UnexpectedError(`Domain ${domainId} has no usable identity backend: ${entry.state.problem}`);
  }

  /** One reload at a time. */
  reload(): Promise<void> {
    const next = this.reloading
      .catch(() => undefined)
      .then(() => this.load())
      .then(() => {
        this.isLoaded = true;
      });
    this.reloading = next;
    return next;
  }

  async close(): Promise<void> {
    await this.reloading.catch(() => undefined);
    await retire(this.domains.values());
    this.domains = new Map();
  }

  /** Loads at first use; a failure is tried again at the next. */
  private ready(): Promise<void> {
    if (this.isLoaded) return Promise.resolve();
    this.first ??= this.reload().finally(() => {
      this.first = null;
    });
    return this.first;
  }

  private async load(): Promise<void> {
    const files = await this.files();
    if (files === null) return;
    const domains = new Map<string, Entry>();
    try {
      await this.collect(files, domains);
      this.assertOneSql(domains);
    } catch (error) {
      await retire([...domains.values()].filter((entry) => !this.isKept(entry)));
      throw error;
    }
    const before = [...this.domains.values()];
    this.domains = domains;
    const kept = new Set([...domains.values()].map(({ state }) => state));
    // Calls that run on a driver that was replaced may take their time.
    void retire(before.filter(({ state }) => !kept.has(state)));
  }

  /**
   * Null: all stays as it is. A folder that cannot be read now says nothing of domains, and in the tables there may
   * still be those who could sign in before their domain had a directory.
   */
  private async files(): Promise<readonly DomainConfigFile[] | null> {
    const { folder } = this.parts;
    try {
      return await domainConfigFiles(folder);
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const stays = this.isLoaded && !isGone;
      const consequence = stays
        ? 'the identity backends of domains stay'
        : 'no domain has an identity backend of its own';
      log.warn(
        `[identity] domain_config_dir: ${folder} cannot be read (${problemOf(error)}): ${consequence}`,
      );
      return stays ? null : [];
    }
  }

  private async collect(files: readonly DomainConfigFile[], domains: Map<string, Entry>): Promise<void> {
    for (const { file, domainName } of files) {
      const domainId = await this.domainOf(file, domainName);
      if (domainId === null) continue;
      const other = domains.get(domainId);
      if (other !== undefined) {
        log.warn(`${other.file} and ${file} are for the same domain: the second one counts`);
        if (!this.isKept(other)) await retire([other]);
      }
      domains.set(domainId, await this.entry(domainId, file));
    }
  }

  private async domainOf(file: string, name: string): Promise<string | null> {
    try {
      return await this.parts.domainIdOf(name);
    } catch (error) {
      if (!(error instanceof DomainNotFound)) throw error;
      log.warn(`${file} is ignored: there is no domain of the name ${name}`);
      return null;
    }
  }

  /** A file that cannot be used makes its own domain unusable, and after a change keeps what was in force. */
  private async entry(domainId: string, file: string): Promise<Entry> {
    const before = this.domains.get(domainId);
    let digest = '';
    try {
      digest = createHash('sha256')
        .update(await readFile(file))
        .digest('base64');
      const unchanged = before?.file === file && before.digest === digest;
      if (unchanged && before.state instanceof DriverSlot) return before;
      const conf = this.parts.loadFile(file);
      const driver = await this.parts.makeDriver(conf, domainId);
      return { file, digest, state: new DriverSlot(driver, conf.identity.list_limit) };
    } catch (error) {
      const problem = `${file}: ${problemOf(error)}`;
      log.error(`The identity backend of domain ${domainId} cannot be used: ${problem}`);
      if (before?.state instanceof DriverSlot) return { ...before, digest };
      return { file, digest, state: { problem } };
    }
  }

  private isKept({ state }: Entry): boolean {
    return [...this.domains.values()].some((entry) => entry.state === state);
  }

  /** @throws MultipleSQLDriversInConfig naming those that have one */
  private assertOneSql(domains: ReadonlyMap<string, Entry>): void {
    const users = [
      ...(this.parts.standardIsSql ? ['[identity] driver of the main configuration'] : []),
      ...[...domains.values()].flatMap(({ file, state }) =>
        state instanceof DriverSlot && state.driver.traits.isSql ? [file] : [],
      ),
    ];
    if (users.length < 2) return;
    throw new MultipleSQLDriversInConfig(
      `only one identity backend may be sql, but these are: ${users.join(', ')}. A file of a domain that sets no` +
        ' [identity] driver has the default, sql',
    );
  }
}

async function retire(entries: Iterable<Entry>): Promise<void> {
  await Promise.all(
    [...entries].flatMap(({ state }) => (state instanceof DriverSlot ? [state.retire()] : [])),
  );
}
