/** The commands of README.md and docs/operations.md, run one after the other as they stand there. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { keepLogs } from '../support/run_log.js';
import { freePort } from '../support/services/processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const isThere = (command: string): boolean => spawnSync('which', [command]).status === 0;

/** The lines of all shell blocks of a document. */
async function commandsOf(document: string): Promise<string[]> {
  const text = await readFile(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));
}

describe('the commands in', function () {
  this.timeout(600_000);
  let folder: string;
  let ports: { public: number; admin: number };
  let env: NodeJS.ProcessEnv;
  const children: ChildProcess[] = [];

  /** Start something that goes on, and wait until it says that it is ready. */
  async function background(
    command: string,
    args: string[],
    isReady: (text: string) => boolean,
  ): Promise<void> {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
    while (!isReady(text)) {
      if (child.exitCode !== null) throw new Error(`${[command, ...args].join(' ')} ended:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ports and owner of the machine that the test runs on in place of those of the document. */
  function here(command: string): string {
    const owner = `--keystone-user ${process.getuid?.()} --keystone-group ${process.getgid?.()}`;
    return command
      .replaceAll(':5000', `:${ports.public}`)
      .replaceAll(':35357', `:${ports.admin}`)
      .replaceAll('--keystone-user keystone --keystone-group keystone', owner);
  }

  async function execute(command: string): Promise<string> {
    const assignment = /^export (\w+)=(\S+)$/.exec(here(command));
    if (assignment !== null) {
      env[assignment[1] as string] = assignment[2] as string;
      return '';
    }
    expect(command, 'a command that this test knows').to.match(/^(?:curl|openstack|keystone-manage) /);
    const { stdout } = await run('sh', ['-c', here(command)], { cwd: ROOT, env });
    return stdout;
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docs-'));
    ports = { public: await freePort(), admin: await freePort() };
    env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder };
    await mkdir(join(folder, 'bin'));
    for (const name of ['keystone-manage', 'keystone-serve']) {
      const file = join(folder, 'bin', name);
      await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin', name)}" "$@"\n`);
      await chmod(file, 0o755);
    }
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.pid === undefined) continue;
      process.kill(-child.pid, 'SIGINT');
      await once(child, 'close');
    }
    keepLogs(folder);
    await rm(folder, { recursive: true, force: true });
  });

  it('README.md do what it says', async function () {
    if (!isThere('curl') || !isThere('openstack')) this.skip();
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const shown: string[] = [];
    for (const command of await commandsOf('README.md')) {
      if (command === 'npm run up') {
        const where = ['--state', join(folder, 'state')];
        const at = ['--public-port', String(ports.public), '--admin-port', String(ports.admin)];
        await background('npm', ['run', 'up', '--', ...where, ...at], (text) =>
          text.includes('Ctrl-C stops it'),
        );
      } else if (command === 'npm test') {
        // This very test is part of it.
        expect(scripts).to.have.property('test');
      } else {
        shown.push(await execute(command));
      }
    }
    const output = shown.join('');
    expect(output)
      .to.contain('"id":"v3')
      .and.to.match(/\| id +\| gAAAA/)
      .and.to.match(/\| admin +\|/);
  });

  it('docs/operations.md do what it says', async function () {
    if (!isThere('curl')) this.skip();
    const build = spawnSync('npm', ['run', 'build'], { cwd: ROOT, encoding: 'utf8' });
    expect(build.status, build.stdout).to.equal(0);
    await mkdir(join(folder, '.keystone'));
    const conf = `[DEFAULT]
log_file = ${join(folder, 'keystone.log')}
[database]
connection = sqlite:///${join(folder, 'keystone.db')}
[token]
provider = fernet
[fernet_tokens]
key_repository = ${join(folder, 'fernet-keys')}
[credential]
key_repository = ${join(folder, 'credential-keys')}
[eventlet_server]
public_port = ${ports.public}
admin_port = ${ports.admin}
`;
    await writeFile(join(folder, '.keystone/keystone.conf'), conf);
    const outputs = new Map<string, string>();
    for (const command of await commandsOf('docs/operations.md')) {
      if (command.startsWith('keystone-serve ')) {
        const [program = '', ...args] = command.split(' ');
        await background(join(folder, 'bin', program), args, (text) => / Ready \(/.test(text));
      } else {
        outputs.set(command, await execute(command));
      }
    }
    const output = (start: string): string =>
      [...outputs].find(([command]) => command.startsWith(start))?.[1] ?? '';
    expect(output('keystone-manage db_sync')).to.contain('The schema is complete');
    expect(output('keystone-manage bootstrap')).to.contain('Created endpoint public');
    expect(output('keystone-manage pipeline show main --path')).to.contain('answered by service_v3');
    expect(output('keystone-manage fernet_rotate')).to.contain('is primary now');
    expect(output('curl -s -H "Accept')).to.contain('"pipelines"');
  });
});
