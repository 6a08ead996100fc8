import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requestContext } from '../../../../src/common/context.js';
import {
  configureLogging,
  getLogger,
  LoggingError,
  type LoggingOptions,
  runBriefly,
  shutdownLogging,
} from '../../../../src/common/log/index.js';
import { loadConf } from '../../../../src/conf/index.js';

const DEFAULTS: LoggingOptions = loadConf({ configFiles: ['/dev/null'], env: {} }).conf.DEFAULT;
const SAMPLE = fileURLToPath(new URL('../../../../etc/logging.conf.sample', import.meta.url));

/** One root logger with one handler, to be varied. */
const base = (handler: string, more = ''): string => `[loggers]
keys=root
[handlers]
keys=h
[formatters]
keys=f
[logger_root]
level=INFO
handlers=h
[handler_h]
formatter=f
${handler}
[formatter_f]
format=%(levelname)s %(name)s %(message)s
${more}`;

describe('a logging configuration file', () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const read = async (name: string): Promise<string[]> =>
    (await readFile(path(name), 'utf8')).split('\n').filter((line) => line !== '');

  async function use(text: string, options: Partial<LoggingOptions> = {}): Promise<void> {
    await writeFile(path('logging.conf'), text);
    configureLogging({ ...DEFAULTS, ...options, log_config_append: path('logging.conf') });
  }
  /** What it is refused with. */
  async function refusal(text: string): Promise<string> {
    try {
      await use(text);
    } catch (error) {
      expect(error).to.be.instanceOf(LoggingError);
      return (error as Error).message;
    }
    throw new Error('it was not refused');
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logging-'));
  });
  afterEach(async () => {
    shutdownLogging();
    await rm(folder, { recursive: true });
  });

  it('goes before all other options of the log', async () => {
    const handler = `class=FileHandler\nargs=('${path('a.log')}',)`;
    await use(base(handler), { log_file: path('other.log'), use_json: true, verbose: false, debug: true });
    getLogger('keystone.token').info('hello');
    getLogger('keystone.token').debug('below the level of the root');
    expect(await read('a.log')).to.deep.equal(['INFO keystone.token hello']);
    await readFile(path('other.log')).then(
      () => expect.fail('log_file was opened'),
      () => undefined,
    );
  });

  it('sends lines to the handlers of a logger and those above it, each with a level and a format of its own', async () => {
    await use(`[loggers]
keys = root, access, quiet
[handlers]
keys = all, errors, access
[formatters]
keys = short, long
[logger_root]
level = DEBUG
handlers = all, errors
[logger_access]
qualname = keystone.server.access
propagate = 0
handlers = access
[logger_quiet]
level = WARNING
qualname = keystone.common
handlers =
[handler_all]
class = logging.FileHandler
level = NOTSET
formatter = short
args = ('${path('all')}',)
[handler_errors]
class = logging.handlers.WatchedFileHandler
level = ERROR
formatter = long
kwargs = {'filename': '${path('errors')}'}
[handler_access]
class = FileHandler
args = ('%(folder)s/access', 'a')
folder = ${folder}
[formatter_short]
format = %(name)s %(message)s
[formatter_long]
format = %(levelname)-8s|%(message)s
`);
    getLogger('keystone.server.access').info('GET /v3 200');
    getLogger('keystone.common.wsgi').info('left out');
    getLogger('keystone.common.wsgi').error('broken\nfirst line of the stack');
    getLogger('keystone.identity').debug('detail');
    expect(await read('access')).to.deep.equal(['GET /v3 200']);
    expect(await read('all')).to.deep.equal([
      'keystone.common.wsgi broken',
      '    first line of the stack',
      'keystone.identity detail',
    ]);
    expect(await read('errors')).to.deep.equal(['ERROR   |broken', '    first line of the stack']);
  });

  it('has the formatters of oslo.log: with the request, its user and project, as text and as JSON', async () => {
    await use(
      `${base(`class=FileHandler\nargs=('${path('text')}',)`)
        .replace('keys=h', 'keys=h,j')
        .replace('keys=f', 'keys=f,j')
        .replace('handlers=h', 'handlers=h,j')
        .replace('format=%(levelname)s %(name)s %(message)s', 'class=oslo_log.formatters.ContextFormatter')}
[handler_j]
class=FileHandler
formatter=j
args=('${path('json')}',)
[formatter_j]
class=oslo_log.formatters.JSONFormatter
`,
    );
    const context = requestContext({ state: {} });
    context.requestId = 'req-7';
    context.auth = {
      token: null,
      credentials: {},
      userId: 'u1',
      projectId: 'p1',
      domainId: null,
      isDelegated: false,
    };
    runBriefly(context, () => getLogger('keystone.identity').warn('one\ntwo {"password": "s3cret-pass"}'));
    const [first, second] = await read('text');
    expect(first).to.match(/WARNING keystone\.identity \[req-7 u1 p1 - - -\] one$/);
    expect(second).to.contain('two').and.to.not.contain('s3cret');
    const [line] = await read('json');
    expect(JSON.parse(line ?? '')).to.deep.include({
      message: 'one\ntwo {"password": "***"}',
      levelname: 'WARNING',
      name: 'keystone.identity',
      process: process.pid,
      context: {
        request_id: 'req-7',
        user: 'u1',
        tenant: 'p1',
        domain: null,
        user_domain: null,
        project_domain: null,
      },
    });
  });

  it('goes on in a new file when logrotate has moved the watched one away', async () => {
    await use(base(`class=handlers.WatchedFileHandler\nargs=('${path('w')}',)`));
    getLogger('a').info('1');
    await rename(path('w'), path('w.1'));
    getLogger('a').info('2');
    expect(await read('w.1')).to.deep.equal(['INFO a 1']);
    expect(await read('w')).to.deep.equal(['INFO a 2']);
  });

  it('sets a file aside when it is full, and keeps so many of them', async () => {
    await use(base(`class=handlers.RotatingFileHandler\nargs=('${path('r')}', 'a', 2*20, 2)`));
    for (let number = 0; number < 10; number += 1) getLogger('a').info(`line ${number}`);
    const files = await Promise.all(['r', 'r.1', 'r.2'].map(read));
    expect(files.flat().length).to.be.greaterThan(5);
    expect(files[0]?.at(-1)).to.equal('INFO a line 9');
    expect([...(files[2] ?? []), ...(files[1] ?? []), ...(files[0] ?? [])]).to.deep.equal(
      [4, 5, 6, 7, 8, 9].map((number) => `INFO a line ${number}`).slice(-files.flat().length),
    );
    await readFile(path('r.3')).then(
      () => expect.fail('there is one too many'),
      () => undefined,
    );
  });

  it('sends lines to syslog over UDP, with facility, severity and the name of the program', async () => {
    const server = createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const target = `(('127.0.0.1', ${server.address().port}), handlers.SysLogHandler.LOG_LOCAL3)`;
      await use(base(`class=handlers.SysLogHandler\nargs=${target}`));
      const received = once(server, 'message');
      getLogger('a').error('disk full');
      const [message] = (await received) as [Buffer];
      // 19 × 8 + 3
      expect(message.toString()).to.match(
        /^<155>\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ keystone\[\d+\]: ERROR a disk full$/,
      );
    } finally {
      server.close();
    }
  });

  it('loads as the sample that comes with the package', async () => {
    await copyFile(SAMPLE, path('logging.conf'));
    configureLogging({ ...DEFAULTS, log_config_append: path('logging.conf') });
  });

  it('loads as the sample with its commented handlers in force', async () => {
    const text = (await readFile(SAMPLE, 'utf8'))
      .replaceAll(/^class = NullHandler$/gm, '')
      .replaceAll(/^args = \(\)$/gm, '')
      .replaceAll(/^# ((?:class|args) = )/gm, '$1')
      .replaceAll('/var/log/keystone', folder);
    await use(text.replace('handlers = stderr', 'handlers = file'));
    getLogger('keystone.server').warn('there');
    expect((await read('keystone.log'))[0]).to.contain('WARNING keystone.server [-] there');
  });

  describe('is refused with file, line, section and option for', () => {
    const cases: readonly (readonly [what: string, text: string, message: RegExp])[] = [
      [
        'code in place of a value',
        base("class=FileHandler\nargs=(open('/tmp/x'),)"),
        /logging\.conf:13: option "args" of section \[handler_h\]: open\(…\) would have to be run/,
      ],
      [
        'a handler that does not exist',
        base('class=handlers.SMTPHandler\nargs=()'),
        /:12: option "class" of section \[handler_h\]: there is no handler "handlers.SMTPHandler"; supported are/,
      ],
      [
        'a formatter that is not listed',
        base('class=NullHandler').replace('formatter=f', 'formatter=g'),
        /option "formatter" of section \[handler_h\]: "g" is not among/,
      ],
      [
        'a handler that is not listed',
        base('class=NullHandler').replace('handlers=h', 'handlers=h,i'),
        /option "handlers" of section \[logger_root\]: "i" is not among/,
      ],
      [
        'a level that does not exist',
        base('class=NullHandler').replace('level=INFO', 'level=LOUD'),
        /:8: option "level" of section \[logger_root\]: "LOUD" is none of/,
      ],
      [
        'a missing root',
        base('class=NullHandler').replace('keys=root', 'keys=other'),
        /option "keys" of section \[loggers\]: the logger "root" is missing/,
      ],
      [
        'a listed section that is missing',
        base('class=NullHandler').replace('keys=h', 'keys=h,i'),
        /option "class" of section \[handler_i\]: it is missing/,
      ],
      [
        'a style of formats that is not Python’s first',
        base('class=NullHandler', 'style={'),
        /option "style" of section \[formatter_f\]/,
      ],
      [
        'a file that cannot be opened',
        base("class=FileHandler\nargs=('/nowhere/at/all.log',)"),
        /\/nowhere\/at\/all\.log cannot be opened: its folder does not exist/,
      ],
      ['a line that is none', base('class=NullHandler', 'nonsense'), /logging\.conf:15: neither a section/],
    ];
    for (const [what, text, message] of cases) {
      it(what, async () => expect(await refusal(text)).to.match(message));
    }

    it('a file that is not there', () => {
      expect(() => configureLogging({ ...DEFAULTS, log_config_append: path('none.conf') })).to.throw(
        LoggingError,
        /none\.conf does not exist.*log_config_append/,
      );
    });
  });
});
