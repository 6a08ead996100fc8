/** The commands of docs/migration.md, run as they stand there against a deployment that Debian's Keystone 22 made. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Reference, referenceMissing, startReference } from '../support/reference/keystone.js';
import { findProgram, freePort } from '../support/services/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** The lines of all shell blocks. */
async function commandsOf(document: string): Promise<string[]> {
  const text = await readFile(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
}

describe('docs/migration.md', function migration() {
  this.timeout(600_000);
  let theirs: Reference;
  let folder: string;
  let port: number;
  let env: NodeJS.ProcessEnv;
  const children: ChildProcess[] = [];
  const outputs = new Map<string, string>();

  const here = (command: string): string =>
    command
      .replaceAll('/opt/keystone-koa/bin/', `${join(folder, 'bin')}/`)
      .replaceAll(':5001', `:${port}`)
      .replaceAll('ADMIN_PASSWORD', theirs.admin.password);

  async function serve(command: string): Promise<void> {
    const [program = '', ...args] = here(command).split(' ');
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (said += String(data)));
    // The log goes to the file that the configuration names.
    for (;;) {
      const up = await fetch(`http://127.0.0.1:${port}/healthcheck/live`).catch(() => null);
      if (up?.status === 200) return;
      if (child.exitCode !== null) throw new Error(`${command} ended:\n${said}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async function execute(command: string): Promise<void> {
    if (command.startsWith('export ')) {
      for (const [, name = '', value = ''] of here(command).matchAll(/ (\w+)=(\S+)/g)) env[name] = value;
    } else if (command.includes('/keystone-serve ')) {
      await serve(command);
    } else {
      const { stdout } = await run('sh', ['-c', here(command)], { cwd: folder, env });
      outputs.set(command, stdout);
    }
  }

  before(async function prepare() {
    const missing = referenceMissing() ?? (findProgram('openstack') === null ? 'openstack not found' : null);
    if (missing !== null) {
      if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
      this.skip();
    }
    const build = spawnSync('npm', ['run', 'build'], { cwd: ROOT, encoding: 'utf8' });
    expect(build.status, build.stdout).to.equal(0);
    theirs = await startReference({
      conf: { token: ['provider = fernet'], identity: ['password_hash_algorithm = bcrypt'] },
    });
    folder = await mkdtemp(join(tmpdir(), 'migration-'));
    port = await freePort();
    env = { PATH: process.env['PATH'], HOME: folder, OS_KEYSTONE_CONFIG_FILES: theirs.conf };
    await mkdir(join(folder, 'bin'));
    for (const name of ['keystone-manage', 'keystone-serve']) {
      const file = join(folder, 'bin', name);
      await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin', name)}" "$@"\n`);
      await chmod(file, 0o755);
    }
    for (const command of await commandsOf('docs/migration.md')) await execute(command);
  });
  after(async () => {
    for (const child of children) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    await theirs?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const output = (part: string): string =>
    [...outputs]
      .filter(([command]) => command.includes(part))
      .map(([, text]) => text)
      .join('');

  it('looks at the deployment and says where its database comes from', () => {
    expect(output('preflight')).to.contain('a database of Keystone 21 or 22 (Yoga, Zed), on sqlite');
    expect(output('preflight')).to.match(/^0 problems, \d+ differences, \d+ ignored$/m);
  });

  it('serves the users that were there', () => {
    expect(output('token issue')).to.match(/\| id +\| gAAAA/);
    expect(output('/v3/users')).to.contain('"name":"admin"');
  });

  it('brings the schema along, while the old service goes on', async () => {
    expect(output('db_sync')).to.contain('The schema is complete');
    const answer = await fetch(`${theirs.url}/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: {
              user: { name: theirs.admin.name, domain: { id: 'default' }, password: theirs.admin.password },
            },
          },
        },
      }),
    });
    expect(answer.status).to.equal(201);
  });
});
