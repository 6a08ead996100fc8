import { expect } from 'chai';
import {
  decodeDate,
  decodeMicroseconds,
  encodeColumn,
  encodeDate,
  encodeParameter,
} from '../../../../src/common/sql/codec.js';
import { InvalidValueError } from '../../../../src/common/sql/errors.js';
import { tables } from '../../../../src/common/sql/models/index.js';

const INSTANT = new Date('2026-02-03T04:05:06.789Z');

describe('stored values', () => {
  it('are times in the form that SQLAlchemy writes', () => {
    expect(encodeDate(INSTANT, 'sqlite')).to.equal('2026-02-03 04:05:06.789000');
    expect(encodeDate(INSTANT, 'postgres')).to.equal('2026-02-03 04:05:06.789000');
    expect(encodeDate(INSTANT, 'mysql')).to.equal('2026-02-03 04:05:06');
  });

  it('are read back whatever fraction they have', () => {
    expect(decodeDate('2026-02-03 04:05:06.789012')).to.deep.equal(INSTANT);
    expect(decodeDate('2026-02-03 04:05:06.7')).to.deep.equal(new Date('2026-02-03T04:05:06.700Z'));
    expect(decodeDate('2026-02-03 04:05:06')).to.deep.equal(new Date('2026-02-03T04:05:06Z'));
    expect(decodeMicroseconds('2026-02-03 04:05:06.789012')).to.equal(INSTANT.getTime() * 1000 + 12);
    expect(decodeMicroseconds('2026-02-03 04:05:06.5')).to.equal(Date.UTC(2026, 1, 3, 4, 5, 6, 500) * 1000);
  });

  it('are refused alike on all databases when a column cannot hold them', () => {
    const refused = (column: string, value: unknown): string => {
      try {
        encodeColumn(tables.project, column, value, 'sqlite');
        return 'accepted';
      } catch (error) {
        expect(error).to.be.instanceOf(InvalidValueError);
        return (error as Error).message;
      }
    };
    expect(refused('name', 'x'.repeat(64))).to.equal('accepted');
    expect(refused('name', '𝒳'.repeat(64))).to.equal('accepted');
    expect(refused('name', 'x'.repeat(65))).to.equal('project.name cannot hold more than 64 characters');
    expect(refused('name', null)).to.equal('project.name cannot be null');
    expect(refused('name', 5)).to.equal('project.name cannot hold a number');
    expect(refused('enabled', 'true')).to.equal('project.enabled cannot hold a string');
    expect(refused('name', 'a\0b')).to.equal('a NUL character cannot be stored');
    expect(refused('nope', 'x')).to.equal('table project has no column nope');
    expect(() => encodeColumn(tables.assignment, 'type', 'Nobody', 'sqlite')).to.throw(InvalidValueError);
    expect(() => encodeParameter(Number.NaN, 'sqlite')).to.throw(InvalidValueError);
    expect(() => encodeParameter(new Date('x'), 'sqlite')).to.throw(InvalidValueError);
  });
});
