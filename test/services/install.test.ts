/** docs/install.md, run as it stands there from the packed package on, in a folder in place of the machine. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { needed } from '../support/reference/python.js';
import { keepLogs } from '../support/run_log.js';
import { apacheMissing, apacheProgram, loadModules } from '../support/services/apache.js';
import { useService } from '../support/services/index.js';
import { pm2Missing } from '../support/services/pm2.js';
import { findProgram, freePort } from '../support/services/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

interface Block {
  readonly kind: string;
  readonly text: string;
}

async function blocksOf(document: string): Promise<readonly Block[]> {
  const text = await readFile(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```(sh|console)\n(.*?)^```$/gms)].map(([, kind = '', block = '']) => ({
    kind,
    text: block,
  }));
}

/** Build the package and pack it. @returns the path of the tarball */
async function pack(folder: string): Promise<string> {
  await run('npm', ['run', 'build'], { cwd: ROOT });
  const args = ['pack', '--ignore-scripts', '--pack-destination', folder];
  await run('npm', args, { cwd: ROOT, maxBuffer: 1 << 26 });
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack made no package');
  return join(folder, name);
}

describe('docs/install.md', function installation() {
  this.timeout(600_000);
  let folder: string | undefined;
  let env: NodeJS.ProcessEnv = {};
  let apache: ChildProcess | undefined;
  const path = (...names: string[]): string => join(folder ?? '', ...names);

  /** Run a shell script. @returns its output @throws Error with all that it said */
  async function shell(script: string): Promise<string> {
    await writeFile(path('script.sh'), script);
    try {
      const options = { env, cwd: path(), maxBuffer: 1 << 26 };
      return (await run('sh', ['-eu', path('script.sh')], options)).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      const log = await readFile(path('log/keystone.log'), 'utf8').catch(() => '');
      throw new Error(`${stdout}\n${stderr}\n${log.slice(-4000)}`, { cause: error });
    }
  }

  /** What a2enconf and a2ensite would put in force. */
  async function startApache(): Promise<void> {
    const lines = [
      `ServerRoot ${path('apache')}`,
      `DefaultRuntimeDir ${path('apache')}`,
      `PidFile ${path('apache/pid')}`,
      `ErrorLog ${path('apache/error.log')}`,
      'ServerName localhost',
      ...loadModules(),
      `Define KEYSTONE_LOG_DIR ${path('apache')}`,
      `Include ${path('apache/conf-available/keystone.conf')}`,
      `Include ${path('apache/sites-available/keystone-ports-tls.conf')}`,
    ];
    await writeFile(path('apache/apache2.conf'), `${lines.join('\n')}\n`);
    const args = ['-d', path('apache'), '-f', path('apache/apache2.conf'), '-D', 'FOREGROUND'];
    apache = spawn(apacheProgram() ?? '', args, { stdio: 'ignore' });
    for (let attempt = 0; attempt < 2400; attempt += 1) {
      const log = await readFile(path('apache/error.log'), 'utf8').catch(() => '');
      if (log.includes('resuming normal operations')) return;
      if (apache.exitCode !== null) throw new Error(`Apache ended: ${log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('Apache did not start within two minutes');
  }

  before(async function prepare() {
    const absent = ['npm', 'curl', 'openssl', 'mariadb'].filter((name) => findProgram(name) === null);
    const missing =
      apacheMissing() ?? pm2Missing() ?? (absent.length > 0 ? `${absent.join()} not found` : null);
    needed(this, missing === null ? true : null, missing ?? '');
    const database = new URL((await useService(this, 'mariadb')).replace('mysql+pymysql', 'http'));
    const memcached = await useService(this, 'memcached');
    this.timeout(600_000);
    folder = await mkdtemp(join(tmpdir(), 'keystone-install-'));
    await chmod(folder, 0o755);
    for (const name of ['bin', 'pack', 'apache/sites-available', 'apache/conf-available']) {
      await mkdir(path(name), { recursive: true });
    }
    const pm2 = createRequire(import.meta.url).resolve('pm2/bin/pm2');
    const shim = `#!/bin/sh\nexec "${process.execPath}" "${pm2}" "$@"\n`;
    await writeFile(path('bin/pm2'), shim, { mode: 0o755 });
    const own = `install_${process.pid}`;
    env = {
      PATH: `${path('bin')}:${process.env['PATH']}`,
      HOME: path(),
      npm_config_cache: (await run('npm', ['config', 'get', 'cache'])).stdout.trim(),
      npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
      // Compiling SQLite would take minutes, and nothing here needs it.
      npm_config_ignore_scripts: 'true',
      npm_config_prefer_offline: 'true',
      PREFIX: path('usr'),
      PACKAGE: await pack(path('pack')),
      PM2: 'none: the one of this test is found first',
      ETC: path('etc'),
      STATE: path('state'),
      LOG: path('log'),
      APACHE: path('apache'),
      TLS: path('ssl'),
      OWNER: String(process.getuid?.() ?? 0),
      GROUP: String(process.getgid?.() ?? 0),
      HOST: 'localhost',
      SQL: `mariadb --no-defaults -h127.0.0.1 -P${database.port} -u${database.username} -p${database.password}`,
      DB_HOST: '127.0.0.1',
      DB_PORT: database.port,
      DB_NAME: own,
      DB_USER: own,
      MEMCACHED: memcached,
    };
    for (const name of ['PORT', 'ADMIN_PORT', 'BACK_END', 'ADMIN_BACK_END']) {
      env[name] = String(await freePort());
    }
  });
  after(async () => {
    if (apache !== undefined && apache.exitCode === null) {
      apache.kill('SIGTERM');
      await once(apache, 'close');
    }
    if (folder === undefined || env['SQL'] === undefined) return;
    const home = { ...env, PM2_HOME: path('state/pm2') };
    await run(path('bin/pm2'), ['kill'], { env: home }).catch(() => undefined);
    const { DB_NAME: name, DB_USER: user, DB_HOST: host } = env;
    await shell(`$SQL -e "DROP DATABASE IF EXISTS ${name}; DROP USER IF EXISTS '${user}'@'${host}'"`);
    keepLogs(folder);
    await rm(folder, { recursive: true, force: true });
  });

  it('does what it says, up to two processes behind TLS', async () => {
    const blocks = await blocksOf('docs/install.md');
    const variables = blocks.find(({ text }) => text.startsWith(': "${PREFIX'))?.text ?? '';
    // What is not redirected would be done to the machine itself.
    const names = [...variables.matchAll(/\$\{(\w+):=/g)].map(([, name = '']) => name);
    expect(names).to.include.members(['PREFIX', 'ETC', 'STATE', 'LOG', 'APACHE', 'TLS', 'SQL']);
    expect(names.filter((name) => env[name] === undefined)).to.deep.equal([]);
    const web = blocks.findIndex(({ text }) => text.includes('systemctl restart apache2'));
    expect(web).to.be.greaterThan(5);
    const script = (part: readonly Block[]): string =>
      [
        variables,
        ...part.filter(({ kind, text }) => kind === 'sh' && text !== variables).map(({ text }) => text),
      ].join('\n');

    const before = await shell(script(blocks.slice(0, web)));
    expect(before)
      .to.match(/^\d+\.\d+\.\d+$/m)
      .and.to.contain('OK');
    await startApache();
    const after = await shell(script(blocks.slice(web + 1)));
    expect(after).to.contain(`https://localhost:${env['PORT']}/v3/`);
    expect(after).to.match(/^201$/m).and.to.contain('symptoms looked for, 0 found');
    const pids = [...after.matchAll(/^ {2}"pid": (\d+),$/gm)].map(([, pid]) => pid);
    expect(new Set(pids).size, 'processes of the public endpoint').to.equal(2);
    expect(after).to.contain(`"${path('etc/keystone.conf')}"`);
  });

  it('leaves commands and sample files where it says, and nothing of development', async () => {
    const share = path('usr/lib/node_modules/keystone-koa');
    expect(await readdir(path('usr/bin'))).to.include.members(['keystone-manage', 'keystone-serve']);
    const samples = [
      'etc/keystone.conf.sample',
      'etc/logging.conf.sample',
      'etc/policy.json',
      'etc/systemd',
      'paste/keystone-paste.ini',
      'httpd/keystone-ports-tls.conf',
      'docs/install.md',
      'ecosystem.config.cjs',
    ];
    for (const name of samples) {
      expect(await readdir(join(share, name, '..')), name).to.include(name.split('/').at(-1));
    }
    for (const name of await readdir(share)) expect(name).to.not.match(/^(?:test|src|bench|scripts)$/);
    expect(await readdir(join(share, 'node_modules'))).to.not.include('mocha');
  });

  it('has commands that need nothing else of the machine', async () => {
    const bare = { env: { PATH: env['PATH'] } };
    const { stdout } = await run(path('usr/bin/keystone-manage'), ['completion', 'bash'], bare);
    expect(stdout).to.contain('complete -F _keystone_manage keystone-manage');
    expect((await run(path('usr/bin/keystone-serve'), ['--version'], bare)).stdout).to.match(/^\d+\./);
  });

  it('says how to get what npm has left out, when SQLite is asked for', async () => {
    await writeFile(path('sqlite.conf'), `[database]\nconnection = sqlite:///${path('keystone.db')}\n`);
    const said = await run(
      path('usr/bin/keystone-manage'),
      ['--config-file', path('sqlite.conf'), 'db_sync'],
      {
        env: { PATH: env['PATH'] },
      },
    ).then(
      () => 'it worked',
      (error: { stderr: string }) => error.stderr,
    );
    expect(said).to.contain('--allow-scripts=sqlite3');
  });
});
