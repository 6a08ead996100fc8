/** A small cloud of its own for a test: configuration, SQLite database, keys and first user in a temporary folder. */
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manage } from '../../src/cmd/manage.js';
import { shutdownLogging } from '../../src/common/log/index.js';
import { type LoadedConf, loadConf } from '../../src/conf/index.js';
import { keepLogs, logToRun, noteSecrets } from './run_log.js';
import { removeFolder } from './services/processes.js';

export interface Deployment {
  readonly folder: string;
  /** Path of keystone.conf. */
  readonly conf: string;
  /** An environment without configuration. */
  readonly env: NodeJS.ProcessEnv;
  /** Arguments of our commands that name the configuration and nothing else. */
  readonly args: readonly string[];
  path(name: string): string;
  load(): LoadedConf;
  remove(): Promise<void>;
}

export interface DeploymentOptions {
  /** More of keystone.conf, by section: lines of `name = value`. */
  readonly conf?: Readonly<Record<string, readonly string[]>>;
  /** How far to go: only the files, with keys and tables, or with the first user too (the default). */
  readonly until?: 'files' | 'tables' | 'user';
}

/** The first user, made when a deployment is made. */
export const ADMIN = { name: 'admin', password: 'Adm1n-secret', project: 'admin' } as const;

const OWNER = [
  '--keystone-user',
  String(process.getuid?.() ?? 0),
  '--keystone-group',
  String(process.getgid?.() ?? 0),
];

function confText(folder: string, more: Readonly<Record<string, readonly string[]>>): string {
  const sections: Record<string, string[]> = {
    DEFAULT: [`log_file = ${join(folder, 'keystone.log')}`, 'use_stderr = false'],
    database: [`connection = sqlite:///${join(folder, 'keystone.db')}`],
    token: ['provider = fernet'],
    auth: ['methods = password,token'],
    fernet_tokens: [`key_repository = ${join(folder, 'fernet-keys')}`],
    credential: [`key_repository = ${join(folder, 'credential-keys')}`],
    // The connections that clients of a test keep open are not waited for.
    keystone_koa: ['drain_timeout = 2'],
  };
  for (const [name, lines] of Object.entries(more)) sections[name] = [...(sections[name] ?? []), ...lines];
  return Object.entries(sections)
    .map(([name, lines]) => [`[${name}]`, ...lines, ''].join('\n'))
    .join('\n');
}

/** Run a command of keystone-manage. @throws Error with what it said when it fails */
export async function runManage(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const output = { line: (text = '') => void out.push(text), note: (text: string) => void err.push(text) };
  const status = await manage(args, { output, env });
  shutdownLogging();
  logToRun();
  if (status !== 0) throw new Error(`keystone-manage ${args.join(' ')}: ${err.join('\n')}`);
  return { out: out.join('\n'), err: err.join('\n') };
}

function argsOf(folder: string): string[] {
  return ['--config-file', join(folder, 'keystone.conf'), '--config-dir', join(folder, 'conf.d')];
}

async function makeFiles(folder: string, conf: DeploymentOptions['conf'] = {}): Promise<void> {
  await mkdir(join(folder, 'conf.d'));
  await writeFile(join(folder, 'keystone.conf'), confText(folder, conf), { mode: 0o600 });
}

async function addTables(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  for (const command of [['db_sync'], ['fernet_setup', ...OWNER], ['credential_setup', ...OWNER]]) {
    await runManage([...argsOf(folder), ...command], env);
  }
}

async function addUser(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const names = ['--bootstrap-username', ADMIN.name, '--bootstrap-project-name', ADMIN.project];
  const password = { OS_BOOTSTRAP_PASSWORD: ADMIN.password };
  await runManage([...argsOf(folder), 'bootstrap', ...names], { ...env, ...password });
}

const environment = (folder: string): NodeJS.ProcessEnv => ({ HOME: folder, PATH: process.env['PATH'] });

/** The database and keys with tables alone, and with the first user, whose password may be hashed in no time. */
type Template = 'tables' | 'user' | 'quick';

/** Made once per process and copied from then on. */
let templates: Promise<Readonly<Record<Template, string>>> | undefined;

const QUICK = 'crypt_strength = 1000';
/** Sections of which nothing shows in what is made under a configuration. */
const INDIFFERENT = new Set(
  'auth cache cors ec2 fernet_tokens keystone_koa memcache oauth1 oslo_middleware oslo_policy policy signing token totp trust'.split(
    ' ',
  ),
);

/** The template that a configuration would make; null when it has to be made. */
function templateOf(conf: DeploymentOptions['conf']): Template | null {
  if (conf === undefined) return 'user';
  const { DEFAULT = [], ...others } = conf;
  const isOurs = Object.keys(others).every((section) => INDIFFERENT.has(section));
  return isOurs && DEFAULT.every((line) => line === QUICK) && DEFAULT.length > 0 ? 'quick' : null;
}

async function makeTemplates(): Promise<Readonly<Record<Template, string>>> {
  const root = await mkdtemp(join(tmpdir(), 'keystone-template-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const [tables, user, quick] = [join(root, 'tables'), join(root, 'user'), join(root, 'quick')];
  await mkdir(tables);
  await makeFiles(tables);
  await addTables(tables, environment(tables));
  for (const [folder, conf] of [
    [user, {}],
    [quick, { DEFAULT: [QUICK] }],
  ] as const) {
    await mkdir(folder);
    await makeFiles(folder, conf);
    await copyState(tables, folder);
    await addUser(folder, environment(folder));
  }
  return { tables, user, quick };
}

async function copyState(from: string, to: string): Promise<void> {
  for (const name of ['keystone.db', 'fernet-keys', 'credential-keys']) {
    await cp(join(from, name), join(to, name), { recursive: true });
  }
}

export async function createDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), 'keystone-'));
  const env = environment(folder);
  const { until = 'user', conf } = options;
  await makeFiles(folder, conf);
  if (until !== 'files') {
    templates ??= makeTemplates();
    const template = until === 'user' ? templateOf(conf) : null;
    await copyState((await templates)[template ?? 'tables'], folder);
    if (until === 'user' && template === null) await addUser(folder, env);
  }
  noteSecrets(ADMIN.password);
  logToRun();
  return {
    folder,
    conf: join(folder, 'keystone.conf'),
    env,
    args: argsOf(folder),
    path: (name) => join(folder, name),
    load: () =>
      loadConf({
        configFiles: [join(folder, 'keystone.conf')],
        configDirs: [join(folder, 'conf.d')],
        env,
      }),
    remove: () => {
      keepLogs(folder);
      return removeFolder(folder);
    },
  };
}
