/**
 * What a process does when it is told something from outside:
 *
 * - SIGTERM, SIGINT: finish what runs, then end. A second one, a while later, ends at once.
 * - SIGHUP: read configuration and paste file again.
 * - SIGUSR2: write a report on the state of the process to the log. (SIGUSR1 belongs to Node's debugger.)
 * - the message `shutdown` (PM2 where there are no signals): as SIGINT.
 */
import { getLogger } from '../common/log/index.js';

const log = getLogger('keystone.server');

export interface SignalActions {
  /** Finish what runs and let go of everything. */
  stop(): Promise<void>;
  /** Never rejects: what is wrong is logged. */
  reload(): Promise<void>;
  /** Never rejects. */
  diagnose(): Promise<void>;
  /** End the process. */
  exit(status: number): void;
}

const STOPPING = ['SIGINT', 'SIGTERM'] as const;
/** As shells have it: 128 and the number of the signal (SIGINT). */
const INTERRUPTED = 130;
/** One Ctrl-C may arrive twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 1_000;

/** Follow signals until the returned function is called. */
export function followSignals(actions: SignalActions): () => void {
  let stoppedAt: number | null = null;
  let reloading: Promise<void> | null = null;
  let isReloadDue = false;

  const stop = async (why: string, status: number): Promise<void> => {
    if (stoppedAt !== null) {
      if (performance.now() - stoppedAt < SAME_SIGNAL_MS) return;
      log.warn(`${why} again: ending at once`);
      actions.exit(INTERRUPTED);
      return;
    }
    stoppedAt = performance.now();
    log.info(`${why}: no new connections are taken, running requests are finished`);
    try {
      await actions.stop();
    } catch (error) {
      log.error(
        `Stopping failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      actions.exit(1);
      return;
    }
    actions.exit(status);
  };

  /** A signal during a reload means that the files have changed once more: one further reload covers them all. */
  const reload = (): void => {
    if (stoppedAt !== null) return;
    if (reloading !== null) {
      isReloadDue = true;
      return;
    }
    reloading = actions.reload().finally(() => {
      reloading = null;
      if (isReloadDue) {
        isReloadDue = false;
        reload();
      }
    });
  };

  let diagnosing: Promise<void> | null = null;
  /** One report at a time, whoever asks for it how often. */
  const diagnose = (): void => {
    diagnosing ??= actions.diagnose().finally(() => {
      diagnosing = null;
    });
  };

  const onSignal = (signal: NodeJS.Signals): void => void stop(signal, 0);
  const onMessage = (message: unknown): void => {
    if (message === 'shutdown') void stop('shutdown', 0);
  };
  const onException = (error: Error): void => {
    log.error(`Unexpected error, the process ends: ${error.stack ?? error.message}`);
    if (stoppedAt === null) void stop('Unexpected error', 1);
  };
  /** A promise that nobody waited for says nothing about the state of the service: the next request is served. */
  const onRejection = (reason: unknown): void => {
    log.error(
      `Unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
    );
  };

  for (const signal of STOPPING) process.on(signal, onSignal);
  process.on('SIGHUP', reload);
  process.on('SIGUSR2', diagnose);
  process.on('message', onMessage);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  return () => {
    for (const signal of STOPPING) process.off(signal, onSignal);
    process.off('SIGHUP', reload);
    process.off('SIGUSR2', diagnose);
    process.off('message', onMessage);
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
  };
}
