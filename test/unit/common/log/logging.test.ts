import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { requestContext } from '../../../../src/common/context.js';
import { applyPlan } from '../../../../src/common/log/configure.js';
import { plainFormatter } from '../../../../src/common/log/format.js';
import {
  configureLogging,
  getLogger,
  LoggingError,
  type LoggingOptions,
  runInRequest,
  shutdownLogging,
} from '../../../../src/common/log/index.js';
import { logFileOf } from '../../../../src/common/log/options.js';
import { ACCESS_LOGGER } from '../../../../src/common/log/types.js';
import { SECTIONS } from '../../../../src/conf/index.js';

const declared = SECTIONS.DEFAULT.options;
const DEFAULTS: LoggingOptions = {
  debug: false,
  verbose: true,
  log_config_append: null,
  log_file: null,
  log_dir: null,
  watch_log_file: false,
  log_rotation_type: 'none',
  log_rotate_interval: 1,
  log_rotate_interval_type: 'days',
  max_logfile_count: 30,
  max_logfile_size_mb: 200,
  use_stderr: false,
  use_syslog: false,
  syslog_log_facility: 'LOG_USER',
  use_json: false,
  default_log_levels: declared.default_log_levels.default,
  log_date_format: declared.log_date_format.default,
  logging_context_format_string: declared.logging_context_format_string.default,
  logging_default_format_string: declared.logging_default_format_string.default,
  logging_debug_format_suffix: declared.logging_debug_format_suffix.default,
  logging_exception_prefix: declared.logging_exception_prefix.default,
  logging_user_identity_format: declared.logging_user_identity_format.default,
};

describe('logging', () => {
  let folder: string;
  let file: string;
  const configure = (options: Partial<LoggingOptions> = {}): void =>
    configureLogging({ ...DEFAULTS, log_file: file, ...options });
  const lines = async (path = file): Promise<string[]> =>
    (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-'));
    file = join(folder, 'keystone.log');
  });
  afterEach(async () => {
    shutdownLogging();
    await rm(folder, { recursive: true });
  });

  it('writes lines in the format of oslo.log, before the call returns', async () => {
    configure();
    getLogger('keystone.token.provider').warn('the key repository is world readable');
    const [line] = await lines();
    expect(line).to.match(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \d+ WARNING keystone\.token\.provider \[-\] the key repository/,
    );
    expect(line).to.contain(` ${process.pid} `);
  });

  it('puts the request, its user, project and domains into the lines written on its behalf', async () => {
    configure();
    const context = requestContext({ state: {} });
    const log = getLogger('keystone.identity');
    await runInRequest(context, async () => {
      log.info('before the request has an id');
      context.requestId = 'req-1';
      context.auth = {
        token: null,
        credentials: {},
        userId: 'u1',
        projectId: 'p1',
        domainId: null,
        isDelegated: false,
      };
      await new Promise((resolve) => setImmediate(resolve));
      log.info('within');
    });
    log.info('after');
    const [before, within, after] = await lines();
    expect(before).to.contain(' [-] before');
    expect(within).to.contain('keystone.identity [req-1 u1 p1 - - -] within');
    expect(after).to.contain(' [-] after');
  });

  it('gives every further line a prefix, so that a message cannot forge a line of the log', async () => {
    configure();
    getLogger('keystone.server').error(
      'failed\n2026-01-01 00:00:00.000 1 INFO keystone.auth [-] all is well\r\u001b[2K',
    );
    const [first, second, ...more] = await lines();
    expect(more).to.deep.equal([]);
    expect(first).to.match(/ERROR keystone\.server \[-\] failed$/);
    expect(second).to.match(/^\d{4}-.* \d+ ERROR keystone\.server 2026-01-01 .*all is well\\x0d\\x1b\[2K$/);
  });

  it('writes from INFO on, from DEBUG on with debug, from WARNING on without verbose', async () => {
    const log = getLogger('keystone.common.wsgi');
    const write = (): void => {
      log.debug('d');
      log.info('i');
      log.warn('w');
    };
    configure();
    write();
    expect(log.isDebugEnabled()).to.equal(false);
    configure({ debug: true });
    write();
    expect(log.isDebugEnabled()).to.equal(true);
    configure({ verbose: false });
    write();
    const levels = (await lines()).map((line) => /\d+ ([A-Z]+) keystone/.exec(line)?.[1]);
    expect(levels).to.deep.equal(['INFO', 'WARNING', 'DEBUG', 'INFO', 'WARNING', 'WARNING']);
  });

  it('names function, file and line of debug lines', async () => {
    configure({ debug: true });
    function speak(): void {
      getLogger('keystone.x').debug('here');
    }
    speak();
    expect((await lines())[0]).to.match(/here speak \/.*logging\.test\.ts:\d+$/);
  });

  it('follows default_log_levels for a logger and those beneath it', async () => {
    configure({ debug: true, default_log_levels: ['sequelize=WARN', 'keystone.policy=ERROR'] });
    getLogger('sequelize').info('1');
    getLogger('sequelize.pool').warn('2');
    getLogger('keystone.policy.rules').warn('3');
    getLogger('keystone.policyish').debug('4');
    expect((await lines()).map((line) => /\[-\] (\d)/.exec(line)?.[1])).to.deep.equal(['2', '4']);
  });

  it('refuses a level that does not exist and names the option', () => {
    expect(() => configure({ default_log_levels: ['sequelize=LOUD'] })).to.throw(
      LoggingError,
      /default_log_levels.*sequelize=LOUD/,
    );
  });

  it('finds the log file from log_file and log_dir', () => {
    const of = (log_file: string | null, log_dir: string | null): string | null =>
      logFileOf({ log_file, log_dir }, 'keystone-serve');
    expect(of('a.log', null)).to.equal('a.log');
    expect(of('a.log', '/var/log/keystone')).to.equal('/var/log/keystone/a.log');
    expect(of('/b/a.log', '/var/log/keystone')).to.equal('/b/a.log');
    expect(of(null, '/var/log/keystone')).to.equal('/var/log/keystone/keystone-serve.log');
    expect(of(null, null)).to.equal(null);
  });

  it('says why a log file cannot be opened, and goes on with the plan before', async () => {
    configure();
    await mkdir(join(folder, 'taken'));
    expect(() => configure({ log_file: join(folder, 'taken') })).to.throw(
      LoggingError,
      /taken.*it is a folder/,
    );
    expect(() => configure({ log_file: join(folder, 'no', 'x.log') })).to.throw(
      LoggingError,
      /does not exist/,
    );
    getLogger('keystone').info('still here');
    expect(await lines()).to.have.length(1);
  });

  it('opens the file anew when it is configured again, as after a rotation', async () => {
    configure();
    getLogger('keystone').info('old');
    await rename(file, `${file}.1`);
    configure();
    getLogger('keystone').info('new');
    expect(await lines(`${file}.1`)).to.have.length(1);
    expect(await lines()).to.have.length(1);
  });

  it('writes lines of requests together when there are many, and in front of any other line', async () => {
    configure();
    const access = getLogger(ACCESS_LOGGER);
    const written = (): string[] => readFileSync(file, 'utf8').match(/(?<=\] )\w+$/gm) ?? [];
    access.info('first');
    expect(written()).to.deep.equal(['first']);
    const more = Array.from({ length: 1000 }, (_, number) => `more${number}`);
    for (const line of more) access.info(line);
    expect(written().length).to.be.below(1001);
    getLogger('keystone').info('other');
    expect(written()).to.deep.equal(['first', ...more, 'other']);
    access.info('late');
    while (written().at(-1) !== 'late') await sleep(1);
  });

  it('loses no line of a process that ends by itself or by an error', async () => {
    const source = new URL('../../../../src/common/log/file_sink.js', import.meta.url).href;
    for (const end of ['process.exit(3)', 'throw new Error("end")']) {
      const script = `const { FileSink } = await import('${source}');
        const sink = new FileSink({ kind: 'file', path: process.argv[1] })
          ;['first', 'last'].forEach((line) => sink.write(line, 'INFO', true)); ${end};`;
      const args = ['--import', 'tsx', '--input-type=module', '--eval', script, file];
      expect(spawnSync(process.execPath, args).status).to.be.greaterThan(0);
      expect(await lines()).to.deep.equal(['first', 'last']);
      await rm(file);
    }
  });

  it('masks secrets in every line', async () => {
    configure({ debug: true });
    getLogger('keystone.auth').debug('{"password": "hunter2-hunter2"} X-Auth-Token: abcdef0123456789');
    expect(await readFile(file, 'utf8')).to.not.match(/hunter2|abcdef0123/);
  });

  it('tells the place in the program that wrote a line, where a format shows it', async () => {
    const format = plainFormatter('%(funcName)s %(filename)s %(lineno)d', null);
    applyPlan({
      handlers: new Map([['file', { destination: { kind: 'file', path: file }, format }]]),
      root: { level: 'INFO', handlers: ['file'] },
      loggers: new Map(),
      callSites: true,
    });
    const log = getLogger('keystone');
    function writing(): void {
      log.warn('here');
    }
    class Place {
      async method(): Promise<void> {
        await Promise.resolve();
        log.info('there');
      }
    }
    writing();
    await new Place().method();
    const [first, second] = await lines();
    expect(first).to.match(/^writing logging\.test\.ts \d{2,}$/);
    expect(second).to.match(/^method logging\.test\.ts \d{2,}$/);
  });

  it('sends lines up to the handlers of the loggers above, unless a logger keeps them', async () => {
    const format = plainFormatter('%(name)s %(message)s', null);
    const [root, own] = [join(folder, 'root'), join(folder, 'own')];
    applyPlan({
      handlers: new Map([
        ['root', { destination: { kind: 'file', path: root }, format }],
        ['own', { destination: { kind: 'file', path: own }, format }],
      ]),
      root: { level: 'WARN', handlers: ['root'] },
      loggers: new Map([
        ['audit', { level: 'INFO', handlers: ['own'], propagate: true }],
        ['audit.quiet', { level: null, handlers: ['own'], propagate: false }],
      ]),
      callSites: false,
    });
    getLogger('audit').info('1');
    getLogger('audit.quiet.child').info('2');
    getLogger('other').info('3');
    expect(await lines(root)).to.deep.equal(['audit 1']);
    expect(await lines(own)).to.deep.equal(['audit 1', 'audit.quiet.child 2']);
  });
});
