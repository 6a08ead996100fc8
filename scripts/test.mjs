/**
 * `npm test [-- FILE… | mocha options]`: starts each server that is installed once, runs mocha, stops the servers,
 * searches all logs of the run for the secrets that it used, lists what was left out, and ends with a line
 * `N passed, N failed`. REQUIRE_SERVICES=1 makes a missing server a failure.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
register();
const { services, startService } = await import('../test/support/services/index.ts');
const { searchLogs } = await import('../test/support/secret_search.ts');

const required = process.env.REQUIRE_SERVICES === '1';
const colored = process.stdout.isTTY || process.env.CI === 'true' || process.env.FORCE_COLOR !== undefined;
const say = (text) => process.stdout.write(`${text}\n`);
const loud = (text) => say(colored ? `\u001B[1;33m${text}\u001B[0m` : text);

const leftOut = [];
const running = [];
let extraFailures = 0;

async function startAll() {
  const definitions = Object.values(services).filter(({ variable }) => !process.env[variable]);
  const installed = definitions.filter((definition) => {
    const missing = definition.missing();
    if (missing === null) return true;
    leftOut.push(`${definition.name}: ${missing}`);
    if (required) extraFailures += 1;
    return false;
  });
  const began = Date.now();
  const started = await Promise.allSettled(
    installed.map(async (definition) => {
      const service = await startService(definition);
      running.push(service);
      process.env[definition.variable] = service.address;
    }),
  );
  for (const [position, result] of started.entries()) {
    if (result.status === 'fulfilled') continue;
    leftOut.push(`${installed[position].name}: ${result.reason.message}`);
    extraFailures += 1;
  }
  say(`${running.length} servers started in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

let child = null;
/** Mocha's launcher starts node again: the group has to go, not the launcher alone. */
function killTests(signal) {
  try {
    if (child?.exitCode === null) process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

let stopping = null;
function stopAll() {
  stopping ??= Promise.allSettled(running.map((service) => service.stop()));
  return stopping;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    killTests('SIGTERM');
    void stopAll().then(() => process.exit(1));
  });
}

/** Milliseconds that tests may take to end once they have reported: some, where there is nothing else to do. */
const END_LIMIT = 120_000;

/** Ends tests that have reported their result but keep the process alive. */
async function killWhenStuck(readResult, signal) {
  while (!signal.aborted && (await readResult()) === null) await sleep(500, null, { ref: false });
  await sleep(END_LIMIT, null, { ref: false, signal }).catch(() => {});
  if (signal.aborted) return;
  leftOut.push(`the end: tests left something open that kept the process alive for ${END_LIMIT / 1000} s`);
  extraFailures += 1;
  killTests('SIGKILL');
}

/** Runs mocha; what it reported, or null when it did not come to its end. */
async function runMocha(args, resultFile, logFolder) {
  const given = args.some((argument) => /\.ts$|^test\//.test(argument));
  const specs = given ? [] : ['test/**/*.test.ts'];
  const reporter = join(root, 'scripts/test_reporter.cjs');
  const options = ['--reporter', reporter, colored ? '--color' : '--no-color', ...args, ...specs];
  child = spawn(process.execPath, [mocha, ...options], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env: { ...process.env, TEST_RESULT_FILE: resultFile, TEST_LOG_DIR: logFolder },
  });
  // It may be missing, or half written.
  const readResult = async () => {
    try {
      return JSON.parse(await readFile(resultFile, 'utf8'));
    } catch {
      return null;
    }
  };
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const watching = new AbortController();
  void killWhenStuck(readResult, watching.signal);
  const code = await ended;
  watching.abort();
  const result = await readResult();
  if (result !== null && result.failures === 0 && code !== 0 && extraFailures === 0) extraFailures = 1;
  return result;
}

/**
 * One more test: no log of the run holds a secret that the run used. It counts where there was something to search;
 * a whole run has to have both.
 * @returns {boolean | null} whether it passed; null: there was nothing to do
 */
function searchForSecrets(logFolder, isWholeRun) {
  const { secrets, bytes, findings } = searchLogs(logFolder);
  if (bytes === 0 || secrets === 0) {
    if (isWholeRun) loud('no secrets or no logs were noted: nothing was searched');
    return isWholeRun ? false : null;
  }
  say(
    `${(bytes / 1_048_576).toFixed(1)} MB of logs searched for ${secrets} secrets: ${findings.length} lines hold one`,
  );
  for (const finding of findings.slice(0, 20)) loud(`  ${finding}`);
  return findings.length === 0;
}

const folder = await mkdtemp(join(tmpdir(), 'keystone-test-'));
const logFolder = join(folder, 'logs');
let result = null;
let isSilent = null;
try {
  await mkdir(logFolder);
  await startAll();
  result = await runMocha(process.argv.slice(2), join(folder, 'result.json'), logFolder);
  const isWholeRun = !process.argv
    .slice(2)
    .some((argument) => /\.ts$|^test\/|^-[gf]|^--(?:grep|fgrep)/.test(argument));
  isSilent = searchForSecrets(logFolder, isWholeRun);
} finally {
  await stopAll();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

if (result === null) leftOut.push('everything: mocha ended without a result');
for (const title of result?.pending ?? []) leftOut.push(`test: ${title}`);
if (leftOut.length > 0) {
  loud(`\nLEFT OUT (${leftOut.length}):`);
  for (const item of leftOut) loud(`  - ${item}`);
  say('');
}
const passed = (result?.passes ?? 0) + (isSilent === true ? 1 : 0);
const failed = (result?.failures ?? 1) + extraFailures + (isSilent === false ? 1 : 0);
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
