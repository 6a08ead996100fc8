/** nginx with the sample of `httpd/nginx`: what differs is the addresses, paths and the host that an operator would edit. */
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HTTPD } from './apache.js';
import {
  answersHttp,
  findProgram,
  giveTo,
  hasNoted,
  removeFolder,
  runServer,
  serverAccount,
} from './processes.js';

export interface NginxOptions {
  /** What stands in the sample, and what stands there here. */
  readonly edits: Readonly<Record<string, string>>;
  /** A port that answers when it is ready. */
  readonly port: number;
}

export interface RunningNginx {
  /** A log file of /var/log/nginx. */
  log(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Null when nginx is installed; otherwise what is missing, in words. */
export function nginxMissing(): string | null {
  return findProgram('nginx') === null ? 'nginx not found (package nginx-light)' : null;
}

/** @throws Error when the sample lacks what is to be edited, or with nginx's log when it does not start */
export async function startNginx({ edits, port }: NginxOptions): Promise<RunningNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-nginx-'));
  const remove = (): Promise<void> => removeFolder(folder);
  try {
    await chmod(folder, 0o755);
    const account = serverAccount('www-data', 'nginx');
    const logs = join(folder, 'logs');
    await mkdir(logs);
    for (const each of [folder, logs]) await giveTo(account, each);
    await cp(join(HTTPD, 'nginx', 'keystone-koa'), join(folder, 'keystone-koa'), { recursive: true });
    let site = await readFile(join(HTTPD, 'nginx', 'keystone-koa.conf'), 'utf8');
    for (const [from, to] of Object.entries({ ...edits, '/var/log/nginx': logs })) {
      if (!site.includes(from)) throw new Error(`the sample has no "${from}"`);
      site = site.replaceAll(from, to);
    }
    await writeFile(join(folder, 'site.conf'), site);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `  ${name}_temp_path ${join(folder, name)};`,
    );
    const conf = join(folder, 'nginx.conf');
    await writeFile(
      conf,
      [
        `pid ${join(folder, 'pid')};`,
        `error_log ${join(folder, 'server.log')};`,
        'daemon off;',
        'events {}',
        'http {',
        ...temporary,
        `  include ${join(folder, 'site.conf')};`,
        '}',
        '',
      ].join('\n'),
    );
    const server = await runServer({
      program: findProgram('nginx') ?? '',
      args: ['-p', folder, '-c', conf, '-e', join(folder, 'server.log')],
      account,
      folder,
      probe: async (pid) => {
        await hasNoted(pid, join(folder, 'pid'));
        await answersHttp(port);
      },
      stopSignal: 'SIGQUIT',
    });
    return {
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
