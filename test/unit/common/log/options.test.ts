import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileSink } from '../../../../src/common/log/file_sink.js';
import {
  configureLogging,
  getLogger,
  LoggingError,
  type LoggingOptions,
  shutdownLogging,
} from '../../../../src/common/log/index.js';
import { nextRotation } from '../../../../src/common/log/rotation.js';
import { loadConf } from '../../../../src/conf/index.js';

const DEFAULTS: LoggingOptions = loadConf({ configFiles: ['/dev/null'], env: {} }).conf.DEFAULT;

/** A receiver of datagrams, as a syslog daemon is. */
interface Receiver {
  bind(path: string): void;
  on(event: 'message', listener: (message: Buffer) => void): void;
  close(): void;
}
const unixDgram = createRequire(import.meta.url)('unix-dgram') as {
  createSocket(type: 'unix_dgram'): Receiver;
};

describe('the options of the log', () => {
  let folder: string;
  let file: string;
  const lines = async (path = file): Promise<string[]> =>
    (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const configure = (options: Partial<LoggingOptions>, syslogSocket?: string): void =>
    configureLogging(
      { ...DEFAULTS, use_stderr: false, logging_default_format_string: '%(message)s', ...options },
      { program: 'keystone-serve', ...(syslogSocket !== undefined && { syslogSocket }) },
    );

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-'));
    file = join(folder, 'keystone.log');
  });
  afterEach(async () => {
    shutdownLogging();
    await rm(folder, { recursive: true });
  });

  describe('use_syslog', () => {
    let received: string[];
    let waiting: (() => void) | null;
    let server: Receiver;
    function listen(): void {
      server = unixDgram.createSocket('unix_dgram');
      server.on('message', (message) => {
        received.push(message.toString());
        waiting?.();
      });
      server.bind(join(folder, 'log'));
    }
    async function messages(count: number): Promise<string[]> {
      while (received.length < count) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
      return received;
    }
    beforeEach(() => {
      received = [];
      waiting = null;
      listen();
    });
    afterEach(() => server.close());

    it('sends each line to the socket, with facility, severity and program', async () => {
      configure({ use_syslog: true, syslog_log_facility: 'LOG_LOCAL5' }, join(folder, 'log'));
      getLogger('keystone').warn('first\nsecond');
      getLogger('keystone').info('X-Auth-Token: gAAAAABhexhexhexhexhexhexhexhexhexhexhexhexhex');
      const [one, two, three] = await messages(3);
      // 21 × 8 + 4
      expect(one).to.match(/^<172>\w{3} [ \d]\d \d\d:\d\d:\d\d keystone-serve\[\d+\]: first$/);
      expect(two).to.match(/^<172>.* second$/);
      expect(three).to.match(/^<174>.*\*\*\*$/);
    });

    it('goes on when the daemon was started anew', async () => {
      configure({ use_syslog: true }, join(folder, 'log'));
      getLogger('keystone').info('1');
      await messages(1);
      server.close();
      await rm(join(folder, 'log'));
      listen();
      getLogger('keystone').info('2');
      expect((await messages(2)).map((text) => text.at(-1))).to.deep.equal(['1', '2']);
    });

    it('refuses a facility that does not exist', () => {
      expect(() => configure({ use_syslog: true, syslog_log_facility: 'LOG_NOWHERE' })).to.throw(
        LoggingError,
        /syslog_log_facility.*LOG_NOWHERE/,
      );
    });
  });

  it('use_json writes objects with the keys of oslo.log', async () => {
    configure({ log_file: file, use_json: true });
    getLogger('keystone').info('a "quoted" text');
    const [line = ''] = await lines();
    expect(JSON.parse(line)).to.deep.include({ message: 'a "quoted" text', levelname: 'INFO', context: {} });
  });

  it('watch_log_file begins a new file when the old one was moved away', async () => {
    configure({ log_file: file, watch_log_file: true });
    getLogger('keystone').info('1');
    await rename(file, `${file}.1`);
    getLogger('keystone').info('2');
    expect([await lines(`${file}.1`), await lines()]).to.deep.equal([['1'], ['2']]);
  });

  it('log_rotation_type = size keeps files below max_logfile_size_mb, max_logfile_count of them', async () => {
    configure({ log_file: file, log_rotation_type: 'Size', max_logfile_size_mb: 1, max_logfile_count: 1 });
    const block = 'x'.repeat(400_000);
    for (let number = 0; number < 6; number += 1) getLogger('keystone').info(block);
    expect((await readdir(folder)).sort()).to.deep.equal(['keystone.log', 'keystone.log.1']);
    expect((await readFile(`${file}.1`)).length).to.be.lessThan(1_048_576);
  });

  it('log_rotation_type = size loses nothing of processes that share a file', async () => {
    const rotation = { kind: 'size', bytes: 60, keep: 20 } as const;
    const sinks = [0, 1].map(() => new FileSink({ kind: 'file', path: file, rotation }));
    const expected = Array.from({ length: 20 }, (_, number) => `line number ${number}`);
    for (const [number, line] of expected.entries()) sinks[number % 2]?.write(line, 'INFO');
    for (const sink of sinks) sink.close();
    const files = await Promise.all((await readdir(folder)).map((name) => lines(join(folder, name))));
    expect(files.length).to.be.greaterThan(3);
    expect(files.flat().sort()).to.deep.equal([...expected].sort());
  });

  it('log_rotation_type = interval sets a file aside that was begun long ago, also by a process before', async () => {
    await writeFile(file, 'old\n');
    const [since, date] = [new Date(2020, 0, 31, 12), '2020-01-31'];
    await utimes(file, since, since);
    configure({ log_file: file, log_rotation_type: 'interval', log_rotate_interval_type: 'days' });
    getLogger('keystone').info('new');
    expect([await lines(`${file}.${date}`), await lines()]).to.deep.equal([['old'], ['new']]);
  });

  it('log_rotate_interval_type midnight and weekday are points of local time', () => {
    const at = (when: 'midnight' | `w${number}`): string =>
      // A Thursday.
      new Date(
        nextRotation({ kind: 'time', when, interval: 1, utc: false, keep: 0 }, new Date(2026, 0, 15, 13, 30)),
      ).toDateString();
    expect(at('midnight')).to.equal('Fri Jan 16 2026');
    // As in Python, the file of that day is full when the day is over.
    expect(at('w0')).to.equal('Tue Jan 20 2026');
    expect(at('w3')).to.equal('Fri Jan 16 2026');
    expect(at('w2')).to.equal('Thu Jan 22 2026');
  });

  it('rotation counts weekdays as Python does', () => {
    const script = `
import logging.handlers, time, datetime
for day in range(7):
    h = logging.handlers.TimedRotatingFileHandler('${join(folder, 'py')}', when='W%d' % day, delay=True)
    t = h.computeRollover(int(datetime.datetime(2026, 1, 15, 13, 30).timestamp()))
    print(datetime.datetime.fromtimestamp(t).strftime('%d'))
`;
    const theirs = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    const ours = Array.from({ length: 7 }, (_, day) =>
      String(
        new Date(
          nextRotation(
            { kind: 'time', when: `w${day}`, interval: 1, utc: false, keep: 0 },
            new Date(2026, 0, 15, 13, 30),
          ),
        ).getDate(),
      ),
    );
    expect(ours).to.deep.equal(theirs);
  });

  it('refuses a day of the week that does not exist', () => {
    expect(() =>
      configure({
        log_file: file,
        log_rotation_type: 'interval',
        log_rotate_interval_type: 'Weekday',
        log_rotate_interval: 9,
      }),
    ).to.throw(LoggingError, /log_rotate_interval.*9 is no day/);
  });
});
