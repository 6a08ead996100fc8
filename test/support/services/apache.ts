/** Apache with the site files of `httpd/` as they are: what differs is what an operator would Define. */
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  answersHttp,
  endWithUs,
  findProgram,
  giveTo,
  hasNoted,
  removeFolder,
  runServer,
  serverAccount,
} from './processes.js';

export const HTTPD = fileURLToPath(new URL('../../../httpd', import.meta.url));

export interface ApacheOptions {
  /** Files of `httpd/`, as they would be put among the sites. */
  readonly sites: readonly string[];
  /** What is Defined before them. KEYSTONE_LOG_DIR is. */
  readonly defines: Readonly<Record<string, string>>;
  /** Lines of the operator's own. */
  readonly lines?: readonly string[];
  /** A port that answers when it is ready. */
  readonly port: number;
}

export interface RunningApache {
  readonly folder: string;
  /** A log file below KEYSTONE_LOG_DIR. */
  log(name: string): Promise<string>;
  stop(): Promise<void>;
}

const MODULE_FOLDERS = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules'];

/** What Debian enables by itself, what the README has enabled, and the event MPM. */
const MODULES =
  'mpm_event authn_core authn_file authz_core authz_host authz_user auth_basic access_compat alias autoindex deflate dir ' +
  'env filter negotiation reqtimeout setenvif status headers proxy proxy_http socache_shmcb ssl';

const apacheProgram = (): string | null => findProgram('apache2') ?? findProgram('httpd');
const moduleFolder = (): string | null => MODULE_FOLDERS.find((folder) => existsSync(folder)) ?? null;

/** Null when Apache is installed; otherwise what is missing, in words. */
export function apacheMissing(): string | null {
  return apacheProgram() === null || moduleFolder() === null ? 'apache2 not found (package apache2)' : null;
}

/** LoadModule lines; what is compiled in (Red Hat) or not installed has none. */
export function loadModules(extra: readonly string[] = []): string[] {
  const folder = moduleFolder() ?? '';
  return [...MODULES.split(' '), ...extra]
    .map((name) => [name, join(folder, `mod_${name}.so`)] as const)
    .filter(([, file]) => existsSync(file))
    .map(([name, file]) => `LoadModule ${name}_module ${file}`);
}

export { apacheProgram };

/** @throws Error with Apache's log when it does not start */
export async function startApache(options: ApacheOptions): Promise<RunningApache> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-apache-'));
  const remove = (): Promise<void> => removeFolder(folder);
  try {
    await chmod(folder, 0o755);
    const account = serverAccount('www-data', 'apache');
    await giveTo(account, folder);
    const logs = join(folder, 'logs');
    await mkdir(logs);
    await giveTo(account, logs);
    await cp(join(HTTPD, 'keystone-koa'), join(folder, 'keystone-koa'), { recursive: true });
    const conf = join(folder, 'httpd.conf');
    const defines = { KEYSTONE_LOG_DIR: logs, ...options.defines };
    await writeFile(
      conf,
      [
        `ServerRoot ${folder}`,
        `DefaultRuntimeDir ${folder}`,
        `PidFile ${join(folder, 'pid')}`,
        `ErrorLog ${join(folder, 'server.log')}`,
        'ServerName localhost',
        ...loadModules(),
        'StartServers 1',
        'ThreadsPerChild 25',
        ...Object.entries(defines).map(([name, value]) => `Define ${name} "${value}"`),
        ...(options.lines ?? []),
        ...options.sites.map((site) => `Include ${join(HTTPD, site)}`),
        '',
      ].join('\n'),
    );
    const server = await runServer({
      program: apacheProgram() ?? '',
      args: ['-d', folder, '-f', conf, '-D', 'FOREGROUND'],
      account,
      folder,
      probe: async (pid) => {
        await hasNoted(pid, join(folder, 'pid'));
        await answersHttp(options.port);
      },
    });
    endWithUs(Number(await readFile(join(folder, 'pid'), 'utf8')));
    return {
      folder,
      log: (name) => readFile(join(logs, name), 'utf8'),
      stop: async () => {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
