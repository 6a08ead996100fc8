import { expect } from 'chai';
import { strftime } from '../../../../src/common/log/date.js';
import { plainFormatter } from '../../../../src/common/log/format.js';
import { levelOf } from '../../../../src/common/log/plan.js';
import type { LogRecord } from '../../../../src/common/log/types.js';

const RECORD: LogRecord = {
  time: new Date(2026, 0, 9, 7, 5, 3, 42),
  level: 'WARNING',
  name: 'keystone.auth',
  message: 'm',
  subject: null,
  site: { functionName: 'f', path: '/a/b/plugin.js', line: 12 },
};

describe('format of log lines', () => {
  const cases: [format: string, line: string][] = [
    ['%(levelname)-9s|%(levelname)9s|%(levelname).4s', 'WARNING  |  WARNING|WARN'],
    ['%(levelno)05d %(levelno)s', '00030 30'],
    ['%(msecs)03d', '042'],
    ['%(asctime)s', '2026-01-09 07:05:03,042'],
    ['%(module)s %(filename)s %(funcName)s:%(lineno)d', 'plugin plugin.js f:12'],
    ['100%% %(message)s %(nonsense)s %', '100% m - %'],
    ['%(processName)s %(threadName)s', 'MainProcess MainThread'],
  ];
  for (const [format, line] of cases) {
    it(`reads ${format} as Python's logging does`, () => {
      expect(plainFormatter(format, null)(RECORD)).to.equal(line);
    });
  }

  it('uses a date format where one is given', () => {
    expect(plainFormatter('%(asctime)s', '%d/%b/%Y %H:%M')(RECORD)).to.equal('09/Jan/2026 07:05');
  });

  it('knows the directives of strftime', () => {
    const evening = new Date(2024, 11, 31, 21, 4, 5);
    expect(strftime('%Y %y %m %d %H %I %p %M %S %j %a %A %B %% %Q', evening)).to.equal(
      '2024 24 12 31 21 09 PM 04 05 366 Tue Tuesday December % %Q',
    );
    expect(strftime('%z', evening)).to.match(/^[+-]\d{4}$/);
  });

  it("knows the levels of Python's logging by name and number", () => {
    expect(['NOTSET', 'warning', 'Critical', '10', '35', '0'].map(levelOf)).to.deep.equal([
      'ALL',
      'WARN',
      'FATAL',
      'DEBUG',
      'ERROR',
      'ALL',
    ]);
    expect(levelOf('LOUD')).to.equal(null);
  });
});
