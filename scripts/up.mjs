/**
 * `npm run up [-- options]`: from a fresh clone to a running Identity service. Needs nothing but Node: what the project
 * depends on is installed in the first step. Run again it uses what is there.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HOST = '127.0.0.1';
const ADMIN = { user: 'admin', password: 'secret', project: 'admin', region: 'RegionOne' };
const DEFAULTS = { state: join(ROOT, '.local'), public: 5000, admin: 35357 };

const HELP = `Usage: npm run up [-- options]

Install, build and start the Identity service on this machine: main on ${HOST}:${DEFAULTS.public}, admin on
${HOST}:${DEFAULTS.admin}, with an SQLite database and the user "${ADMIN.user}" (password "${ADMIN.password}"). For trying out
and developing, not for production.

Options:
  --state DIR        folder of configuration, database, keys and log (default: .local)
  --public-port N    port of the public endpoint (default: ${DEFAULTS.public})
  --admin-port N     port of the admin endpoint (default: ${DEFAULTS.admin})
  --help             show this

Ctrl-C stops the service. To begin anew, delete the state folder.
`;

/** Something that the person has to put right: only the message is shown. */
class UpError extends Error {}

const say = (text) => process.stdout.write(`${text}\n`);

function readPort(name, text, fallback) {
  if (text === undefined) return fallback;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new UpError(`--${name} ${text}: a port is a number from 1 to 65535`);
  return port;
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        state: { type: 'string' },
        'public-port': { type: 'string' },
        'admin-port': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UpError(`${error.message}\n\n${HELP}`);
  }
  const ports = {
    public: readPort('public-port', values['public-port'], DEFAULTS.public),
    admin: readPort('admin-port', values['admin-port'], DEFAULTS.admin),
  };
  if (ports.public === ports.admin) throw new UpError(`both endpoints cannot have the port ${ports.public}`);
  // npm changes into the project's folder; a relative path is meant from where the person is.
  const state = resolve(process.env.INIT_CWD ?? process.cwd(), values.state ?? DEFAULTS.state);
  return { help: values.help === true, state, ports };
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 11)) {
    throw new UpError(`Node 20.11 or later is needed; this is Node ${process.versions.node}`);
  }
}

/** @param option names the option that chooses another port */
function requireFreePort(port, option) {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const reason = {
        EADDRINUSE: `port ${port} of ${HOST} is already in use, perhaps by a service that was started before: stop it, or choose another port with --${option}`,
        EACCES: `this user may not listen on port ${port}: choose one from 1024 on with --${option}`,
      };
      fail(new UpError(reason[error.code] ?? `cannot listen on port ${port}: ${error.message}`));
    });
    probe.listen(port, HOST, () => probe.close(done));
  });
}

/** Run a step in a process of its own; its output is shown only when it fails. */
function run(what, command, args) {
  const began = Date.now();
  process.stdout.write(`${what} … `);
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) {
    say('failed');
    const output = [stdout, stderr, error?.message].filter(Boolean).join('\n').trim();
    throw new UpError(`"${[command, ...args].join(' ')}" failed:\n${output.replace(/^/gm, '  ')}`);
  }
  say(`done (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

function lockedPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Whether every package of the lock file is there in its version; optional ones may be missing. */
function isInstalled() {
  const installed = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const present = lockedPackages(installed);
  return Object.entries(lockedPackages(join(ROOT, 'package-lock.json'))).every(
    ([path, { version, optional, devOptional, peer }]) =>
      path === '' ||
      present[path]?.version === version ||
      (present[path] === undefined && (optional || devOptional || peer)),
  );
}

function install() {
  // What is linked belongs to another checkout: `npm ci` would empty it.
  if (lstatSync(join(ROOT, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    say('Dependencies … linked, left alone');
    return;
  }
  if (isInstalled()) {
    say('Dependencies … as locked');
    return;
  }
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  run('Installing dependencies (a minute or two)', command, [...first, 'ci', '--no-audit', '--no-fund']);
}

function build() {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  run('Building', process.execPath, [compiler, '-p', 'tsconfig.build.json']);
}

/** A value as keystone.conf takes it: a dollar sign begins a reference there. */
const confValue = (text) => text.replaceAll('$', '$$$$');

function configuration(state) {
  const at = (name) => confValue(join(state, name));
  return `# Made by "npm run up". Edit it as you like: it is not written again.
[DEFAULT]
log_file = ${at('keystone.log')}
use_stderr = false

[database]
connection = sqlite:///${at('keystone.db')}

[token]
provider = fernet

[fernet_tokens]
key_repository = ${at('fernet-keys')}

[credential]
key_repository = ${at('credential-keys')}

[oslo_policy]
policy_file = ${confValue(join(ROOT, 'etc/policy.json'))}

[paste_deploy]
config_file = ${confValue(join(ROOT, 'paste/keystone-paste.ini'))}
`;
}

/** The folder and its configuration. Nobody else may look into it: keys and passwords lie there. */
function makeState(state) {
  if (/[?#%\n]/.test(state)) throw new UpError(`--state ${state}: the path must not contain ?, # or %`);
  try {
    mkdirSync(join(state, 'conf.d'), { recursive: true });
    chmodSync(state, 0o700);
    const file = join(state, 'keystone.conf');
    if (!existsSync(file)) writeFileSync(file, configuration(state), { mode: 0o600 });
    return file;
  } catch (error) {
    throw new UpError(`the state folder ${state} cannot be made: ${error.message}`);
  }
}

/** The environment without what would change the configuration or the first user behind our back. */
function cleanEnvironment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !/^OS_(?:BOOTSTRAP_|\w+__)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Run a command of keystone-manage in this process. */
async function manage(what, globalArgs, args, env = {}) {
  const { manage: runManage } = await import(new URL('../dist/src/cmd/manage.js', import.meta.url));
  process.stdout.write(`${what} … `);
  const remarks = [];
  const results = [];
  const output = { line: (text = '') => results.push(text), note: (text) => remarks.push(text) };
  const status = await runManage([...globalArgs, ...args], { output, env: cleanEnvironment(env) });
  if (status !== 0) {
    say('failed');
    throw new UpError(`keystone-manage ${args.join(' ')}: ${remarks.join('\n')}`);
  }
  say('done');
}

/** Keys belong to whoever runs this; root has to say so. */
function ownerArgs() {
  if (process.geteuid?.() !== 0) return [];
  const { uid, gid } = userInfo();
  return ['--keystone-user', String(uid), '--keystone-group', String(gid)];
}

const urls = ({ public: publicPort, admin }) => ({
  public: `http://${HOST}:${publicPort}/v3`,
  internal: `http://${HOST}:${publicPort}/v3`,
  admin: `http://${HOST}:${admin}/v3`,
});

async function prepare(state, ports, globalArgs) {
  await manage('Database', globalArgs, ['db_sync']);
  await manage('Token keys', globalArgs, ['fernet_setup', ...ownerArgs()]);
  await manage('Credential keys', globalArgs, ['credential_setup', ...ownerArgs()]);
  const marker = join(state, 'bootstrapped');
  if (existsSync(marker)) return;
  const endpoints = Object.entries(urls(ports)).flatMap(([name, url]) => [`--bootstrap-${name}-url`, url]);
  const names = ['--bootstrap-username', ADMIN.user, '--bootstrap-project-name', ADMIN.project];
  await manage(
    'First user and endpoints',
    globalArgs,
    ['bootstrap', ...names, '--bootstrap-region-id', ADMIN.region, ...endpoints],
    { OS_BOOTSTRAP_PASSWORD: ADMIN.password },
  );
  writeFileSync(
    marker,
    'The first user was made. Without this file it is made again, with its first password.\n',
  );
}

/** Ask the service. Not with fetch(): its connections stay open, and would make Ctrl-C wait. */
async function call(url, token, method = 'GET', body) {
  const headers = { 'Content-Type': 'application/json', ...(token && { 'X-Auth-Token': token }) };
  const outgoing = request(url, { method, headers, agent: false });
  outgoing.end(body && JSON.stringify(body));
  const [incoming] = await once(outgoing, 'response');
  const text = Buffer.concat(await incoming.toArray()).toString();
  if (incoming.statusCode >= 300) throw new Error(`${method} ${url}: status ${incoming.statusCode}`);
  return { token: incoming.headers['x-subject-token'], body: JSON.parse(text) };
}

async function signIn(base) {
  const domain = { id: 'default' };
  const { token } = await call(`${base}/auth/tokens`, null, 'POST', {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: ADMIN.user, domain, password: ADMIN.password } },
      },
      scope: { project: { name: ADMIN.project, domain } },
    },
  });
  return token;
}

/** Bring the endpoints of the catalog to the ports of this run, where they are those of an earlier one. */
async function moveEndpoints(ports) {
  const wanted = urls(ports);
  try {
    const token = await signIn(wanted.public);
    const { body: services } = await call(`${wanted.public}/services?type=identity`, token);
    const [service] = services.services;
    const { body: found } = await call(`${wanted.public}/endpoints?service_id=${service.id}`, token);
    for (const { id, interface: name, url } of found.endpoints) {
      const ours = new RegExp(`^http://${HOST}:\\d+/v3$`);
      if (!ours.test(url) || url === wanted[name]) continue;
      await call(`${wanted.public}/endpoints/${id}`, token, 'PATCH', { endpoint: { url: wanted[name] } });
      say(`Endpoint ${name} of the catalog moved to ${wanted[name]}`);
    }
  } catch (error) {
    say(`Note: the endpoints of the catalog were not compared with the ports (${error.message})`);
  }
}

function welcome(state, ports) {
  say(`
The Identity service is ready. State and log are in ${state}; Ctrl-C stops it.

  export OS_AUTH_URL=${urls(ports).public}
  export OS_IDENTITY_API_VERSION=3
  export OS_USERNAME=${ADMIN.user}
  export OS_PASSWORD=${ADMIN.password}
  export OS_PROJECT_NAME=${ADMIN.project}
  export OS_USER_DOMAIN_NAME=Default
  export OS_PROJECT_DOMAIN_NAME=Default
  export OS_REGION_NAME=${ADMIN.region}

Try, in another terminal:

  curl -s ${urls(ports).public}
  openstack token issue
  openstack user list
`);
}

async function up() {
  const { help, state, ports } = readOptions();
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  requireNode();
  await requireFreePort(ports.public, 'public-port');
  await requireFreePort(ports.admin, 'admin-port');
  install();
  build();
  const file = makeState(state);
  const globalArgs = ['--config-file', file, '--config-dir', join(state, 'conf.d')];
  await prepare(state, ports, [...globalArgs, '--log-file', join(state, 'keystone-manage.log')]);

  const { run: runServer } = await import(new URL('../dist/src/server/serve.js', import.meta.url));
  process.stdout.write('Starting … ');
  const targets = [`main@${HOST}:${ports.public}`, `admin@${HOST}:${ports.admin}`];
  await runServer([...globalArgs, ...targets], { env: cleanEnvironment({}) });
  process.once('SIGINT', () => say('\nStopping …'));
  say('done');
  await moveEndpoints(ports);
  welcome(state, ports);
}

try {
  await up();
} catch (error) {
  process.stderr.write(
    `\nnpm run up: ${error instanceof UpError ? error.message : (error.stack ?? error)}\n`,
  );
  process.exit(1);
}
