import { open, readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { logFileOf } from '../common/log/index.js';
import type { Conf } from '../conf/index.js';
import { REPORT_PREFIX } from '../server/diagnosis.js';
import { CommandError, EXIT, type ManageCommand } from './command.js';

interface DiagnoseOptions {
  readonly timeout: string;
}

/** Number of SIGUSR2 on Linux, as a bit of the masks in /proc. */
const SIGUSR2_BIT = 1n << 11n;

/**
 * A process that does not wait for the signal would be ended by it.
 *
 * @throws CommandError unless the process is one that takes the signal for what it is meant
 */
async function requireListener(pid: number): Promise<void> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      code === 'EPERM'
        ? `process ${pid} belongs to another user: run this as that user`
        : `there is no process ${pid}`,
      { cause: error },
    );
  }
  if (process.platform !== 'linux') return;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  if ((BigInt(`0x${caught}`) & SIGUSR2_BIT) === 0n || !/keystone/.test(command)) {
    throw new CommandError(
      `process ${pid} is not one of keystone-serve, or does not serve yet: nothing was sent`,
    );
  }
}

/** The file that the service logs to; null when it is not known. */
function serviceLog({ DEFAULT: options }: Conf): string | null {
  return (options.log_config_append ?? '') === '' && !options.use_json
    ? logFileOf(options, 'keystone-serve')
    : null;
}

const lengthOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

/** What was added to a file behind a place; all of it when it has been set aside meanwhile. */
async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return '';
  try {
    const { size } = await file.stat();
    const from = size < start ? 0 : start;
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(size - from),
      position: from,
    });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The report of a process among lines of a log; null when it is not there (yet). */
function reportIn(text: string, pid: number): unknown {
  for (const line of text.split('\n').reverse()) {
    const at = line.indexOf(`${REPORT_PREFIX}{`);
    if (at < 0) continue;
    try {
      const report = JSON.parse(line.slice(at + REPORT_PREFIX.length)) as { pid?: unknown };
      if (report.pid === pid) return report;
    } catch {
      // The rest of the line is still to come.
    }
  }
  return null;
}

async function ask(pid: number, log: string, timeout: number): Promise<unknown> {
  const start = await lengthOf(log);
  process.kill(pid, 'SIGUSR2');
  const deadline = performance.now() + timeout;
  while (performance.now() < deadline) {
    await sleep(100);
    const report = reportIn(await readFrom(log, start), pid);
    if (report !== null) return report;
  }
  throw new CommandError(
    `process ${pid} has written no report to ${log} within ${timeout / 1000} s: its event loop is blocked, or it logs` +
      ' elsewhere',
  );
}

export const diagnose: ManageCommand = {
  name: 'diagnose',
  summary: 'ask running processes what they are doing',
  details:
    'Send SIGUSR2 to processes of keystone-serve, which write a report on their state to their log, and show it: time' +
    ' since the start, memory and heap, delay of the event loop, requests that are being answered with their age,' +
    ' connections to the database, caches, pipelines, keys and policy in force, configuration files, versions. There is' +
    ' no secret in it. Serving goes on.' +
    '\n\nThe report is read from [DEFAULT] log_file. Where the log goes elsewhere (stderr, syslog, log_config_append), it' +
    ' is to be looked for there. Run it as the user that the service runs as.',
  examples: [
    ['diagnose 4711', 'one process'],
    ['diagnose $(pm2 pid keystone-public)', 'all workers of an app of PM2'],
  ],
  configure(command, run) {
    command
      .argument('<pid...>', 'processes to ask')
      .option('--timeout <seconds>', 'how long to wait for each report', '10')
      .action((pids: readonly string[], { timeout }: DiagnoseOptions) =>
        run(async ({ loadConf, output }) => {
          const wrong = [...pids, timeout].find((text) => !/^[1-9]\d{0,8}$/.test(text));
          if (wrong !== undefined) {
            throw new CommandError(`"${wrong}" is not a positive whole number`, { exitCode: EXIT.usage });
          }
          const log = serviceLog(loadConf().conf);
          for (const pid of pids.map(Number)) {
            await requireListener(pid);
            if (log === null) {
              process.kill(pid, 'SIGUSR2');
              output.note(`process ${pid} writes its report to its log`);
            } else {
              output.line(JSON.stringify(await ask(pid, log, Number(timeout) * 1000), null, 2));
            }
          }
        }),
      );
  },
};
