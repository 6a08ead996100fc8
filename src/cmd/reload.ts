import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CommandError, EXIT, type ManageCommand } from './command.js';
import { type Pm2, pm2Of, type Worker } from './pm2.js';

/** The apps of ecosystem.config.cjs. */
const APPS = ['keystone-public', 'keystone-admin'];
/** A start that takes longer is none. */
const CHECK_TIMEOUT_MS = 120_000;

/**
 * Start what a new worker would be, without serving: same program as it is on disk now, same arguments and environment.
 *
 * @throws CommandError with what it said
 */
async function check({ app, nodeArgs, script, args, cwd, env }: Worker): Promise<void> {
  // PM2 speaks with its workers over a channel that this process does not have.
  const { NODE_CHANNEL_FD: _channel, NODE_UNIQUE_ID: _id, ...clean } = env;
  try {
    await promisify(execFile)(process.execPath, [...nodeArgs, script, '--check', ...args], {
      cwd,
      env: clean,
      timeout: CHECK_TIMEOUT_MS,
    });
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const said = stderr.trim() === '' ? message : stderr.trim();
    throw new CommandError(`${app} was not reloaded, the running workers stay: a start would fail\n${said}`, {
      cause: error,
    });
  }
}

/** What did not come about; PM2 itself reports success whatever becomes of the new workers. */
function shortcomings(app: string, before: readonly Worker[], after: readonly Worker[]): string | null {
  const online = after.filter((worker) => worker.app === app && worker.isOnline);
  const old = new Set(before.filter((worker) => worker.app === app).map(({ pid }) => pid));
  const wanted = before.filter((worker) => worker.app === app).length;
  if (online.length < wanted) return `${online.length} of ${wanted} workers run`;
  const stayed = online.filter(({ pid }) => old.has(pid)).length;
  return stayed > 0 ? `${stayed} of ${wanted} workers are the old ones` : null;
}

async function chosen(pm2: Pm2, apps: readonly string[]): Promise<readonly Worker[]> {
  const all = await pm2.workers();
  const names = apps.length > 0 ? apps : APPS.filter((name) => all.some(({ app }) => app === name));
  if (names.length === 0)
    throw new CommandError(`PM2 runs none of ${APPS.join(', ')}: pm2 start ecosystem.config.cjs`);
  const missing = names.filter((name) => !all.some(({ app }) => app === name));
  if (missing.length > 0) throw new CommandError(`PM2 runs no app named ${missing.join(', ')}`);
  return all.filter(({ app }) => names.includes(app));
}

export const reload: ManageCommand = {
  name: 'reload',
  summary: 'replace the workers under PM2 by new ones, after a look whether these would start',
  details:
    'For new code or a changed configuration. First everything that a start does is done beside the running workers, with' +
    ' the code and the files as they are now: configuration, paste file, policy, keys, database, and a question to each' +
    ' pipeline. Only when that succeeds for every app, `pm2 reload` replaces their workers one by one, without losing a' +
    ' request. Plain `pm2 reload` does not look, and takes the service down when new workers cannot start. Run it as' +
    ' the user that PM2 runs as.',
  examples: [
    ['reload', 'the apps of ecosystem.config.cjs'],
    ['reload keystone-public', 'one of them'],
    ['reload --check-only', 'only look'],
  ],
  configure(command, run) {
    command
      .argument('[app...]', `names of apps in PM2 (default: ${APPS.join(' and ')})`)
      .option('--check-only', 'say whether new workers would start, and leave the running ones alone')
      .action((apps: string[], options: { readonly checkOnly?: boolean }) =>
        run(async ({ env, output }) => {
          const pm2 = pm2Of(env);
          const before = await chosen(pm2, apps);
          const one = new Map(before.map((worker) => [worker.app, worker]));
          for (const worker of one.values()) await check(worker);
          output.line(`${[...one.keys()].join(', ')}: new workers would start`);
          if (options.checkOnly === true) return EXIT.success;
          for (const app of one.keys()) {
            await pm2.reload(app);
            const problem = shortcomings(app, before, await pm2.workers());
            if (problem !== null)
              throw new CommandError(`${app}: ${problem} after pm2 reload; see pm2 logs ${app}`);
            output.line(`${app}: reloaded`);
          }
          return EXIT.success;
        }),
      );
  },
};
