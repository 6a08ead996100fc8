/** Telling whoever started this process how it is: PM2 (a message) and systemd (`Type=notify`). */
import { execFile } from 'node:child_process';
import { getLogger } from '../common/log/index.js';

const log = getLogger('keystone.server');

/**
 * Tell that requests are answered from now on. systemd is told by its own program, which needs `NotifyAccess=all`: Node
 * itself has no datagrams over UNIX sockets.
 */
export function tellReady(env: NodeJS.ProcessEnv): void {
  process.send?.('ready');
  if (env['NOTIFY_SOCKET'] === undefined) return;
  execFile('systemd-notify', ['--ready', `--pid=${process.pid}`], { env }, (error) => {
    if (error !== null) log.warn(`systemd was not told that the service is ready: ${error.message.trim()}`);
  });
}
