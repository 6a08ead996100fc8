/** Which of several directory servers to use: in their order, passing over those that failed. */
import { getLogger } from '../log/index.js';
import type { LdapServer } from './options.js';

const log = getLogger('keystone.common.ldap');

export class Servers {
  private readonly failed = new Set<LdapServer>();
  private lookedAt = 0;
  private looking: Promise<void> | null = null;

  /**
   * @param check whether a server works again
   * @param pause milliseconds between two looks at servers that failed
   */
  constructor(
    private readonly servers: readonly LdapServer[],
    private readonly check: (server: LdapServer) => Promise<void>,
    private readonly pause: number,
  ) {}

  /** Those that work first; the others are tried when nothing else is left. */
  inOrder(): LdapServer[] {
    const works = (server: LdapServer): boolean => !this.failed.has(server);
    return [...this.servers.filter(works), ...this.servers.filter((server) => !works(server))];
  }

  /** Whether there is a server to turn to that is not known to have failed. */
  get hasOther(): boolean {
    return this.failed.size < this.servers.length;
  }

  /** Whether a better server than this one works. */
  isSurpassed(server: LdapServer): boolean {
    return this.inOrder()[0] !== server;
  }

  /** Whether each server works, as far as is known. */
  state(): Readonly<Record<string, 'works' | 'failed'>> {
    return Object.fromEntries(
      this.servers.map((server) => [server.url, this.failed.has(server) ? 'failed' : 'works']),
    );
  }

  works(server: LdapServer): void {
    if (this.failed.delete(server)) log.info(`Directory server ${server.url} answers again`);
  }

  fails(server: LdapServer, error: Error): void {
    if (this.failed.has(server)) return;
    this.failed.add(server);
    this.lookedAt = Date.now();
    log.warn(`Directory server failed: ${error.message}`);
  }

  /** Looks, in the background and now and then, whether a failed server works again; nobody waits for it. */
  lookAtFailed(): void {
    if (this.looking !== null || this.failed.size === 0 || this.servers.length === 1) return;
    if (Date.now() - this.lookedAt < this.pause) return;
    this.looking = this.look().finally(() => {
      this.lookedAt = Date.now();
      this.looking = null;
    });
  }

  private async look(): Promise<void> {
    for (const server of this.inOrder().filter((one) => this.failed.has(one))) {
      try {
        await this.check(server);
        this.works(server);
      } catch (error) {
        log.debug(`Directory server still fails: ${(error as Error).message}`);
      }
    }
  }
}
