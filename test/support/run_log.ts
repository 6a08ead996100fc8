/**
 * What a run of the whole suite logs, and every secret that it uses, so that the one can be searched for the other at
 * its end (scripts/test.mjs). `TEST_LOG_DIR` names the folder; without it nothing here does anything.
 *
 * Servers within the test's process log at level DEBUG into a file of that folder; the logs of other processes are
 * copied into it before their deployment is removed. Secrets are taken from where all of them pass: the requests that
 * tests send and the answers that they read.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { ClientRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { configureLogging } from '../../src/common/log/index.js';
import { loadConf } from '../../src/conf/index.js';
import { SECRETS_FILE, secretsIn } from './secret_search.js';

const folder = process.env['TEST_LOG_DIR'];

/** Log what servers in this process do from now on; to be called where a test has switched logging off. */
export function logToRun(): void {
  if (folder === undefined) return;
  const { DEFAULT: options } = loadConf({ configFiles: ['/dev/null'], env: {} }).conf;
  configureLogging({
    ...options,
    debug: true,
    // To find out where each line comes from would cost more than all else.
    logging_debug_format_suffix: '',
    log_file: join(folder, `tests-${process.pid}.log`),
    use_stderr: false,
  });
}

const secrets = new Set<string>();

/** Note that these texts are secret; at once, because a test process may be killed. */
export function noteSecrets(...texts: readonly string[]): void {
  if (folder === undefined) return;
  for (const text of texts) {
    if (secrets.has(text)) continue;
    secrets.add(text);
    appendFileSync(join(folder, SECRETS_FILE), `${JSON.stringify(text)}\n`);
  }
}

let kept = 0;

/** Keep the logs of a folder that is about to be removed, and note its keys. */
export function keepLogs(from: string): void {
  if (folder === undefined) return;
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.name.endsWith('.log')) {
      kept += 1;
      appendFileSync(join(folder, `kept-${process.pid}-${kept}-${entry.name}`), readFileSync(path));
    } else if (entry.parentPath.endsWith('-keys')) {
      noteSecrets(readFileSync(path, 'utf8').trim());
    }
  }
}

const TOKEN_HEADERS = ['x-auth-token', 'x-subject-token'];

function noteHeaders(headers: Headers): void {
  for (const name of TOKEN_HEADERS) {
    const value = headers.get(name);
    if (value !== null) noteSecrets(value);
  }
}

/** Look at what passes through fetch() and through node:http's client. */
function listen(): void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    noteHeaders(new Headers(init?.headers));
    if (typeof init?.body === 'string') noteSecrets(...secretsIn(init.body));
    const response = await original(input, init);
    noteHeaders(response.headers);
    return response;
  };
  const { text, json } = Response.prototype;
  Object.assign(Response.prototype, {
    async text(this: Response): Promise<string> {
      const body = await text.call(this);
      noteSecrets(...secretsIn(body));
      return body;
    },
    async json(this: Response): Promise<unknown> {
      const body: unknown = await json.call(this);
      noteSecrets(...secretsIn(JSON.stringify(body)));
      return body;
    },
  });
  const end = Reflect.get(ClientRequest.prototype, 'end') as (...args: unknown[]) => unknown;
  // A listener for `response` would keep answers from being dropped that nobody wants.
  subscribe('http.client.response.finish', (message) => {
    const token = (message as { response: IncomingMessage }).response.headers['x-subject-token'];
    if (typeof token === 'string') noteSecrets(token);
  });
  Object.assign(ClientRequest.prototype, {
    end(this: ClientRequest, ...args: readonly unknown[]): unknown {
      for (const name of TOKEN_HEADERS) {
        const value = this.getHeader(name);
        if (typeof value === 'string') noteSecrets(value);
      }
      const [chunk] = args;
      if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) noteSecrets(...secretsIn(chunk.toString()));
      return Reflect.apply(end, this, args);
    },
  });
}

if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  listen();
}
