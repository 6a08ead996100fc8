import { expect } from 'chai';
import { InvalidTokenError } from '../../../../../src/subsystems/token/formatters/errors.js';
import { isotime, parseIsotime } from '../../../../../src/subsystems/token/formatters/isotime.js';
import { MethodBits } from '../../../../../src/subsystems/token/formatters/methods.js';
import { Float64, pack, unpackArray } from '../../../../../src/subsystems/token/formatters/msgpack.js';
import { uuidBytes } from '../../../../../src/subsystems/token/formatters/uuid.js';

describe('times of tokens', () => {
  it('are whole seconds, rounded to the microsecond first', () => {
    expect(isotime(0)).to.equal('1970-01-01T00:00:00.000000Z');
    expect(isotime(-1)).to.equal('1969-12-31T23:59:59.000000Z');
    expect(isotime(1_486_094_706.789_012)).to.equal('2017-02-03T04:05:06.000000Z');
    expect(isotime(1.999_999_9)).to.equal('1970-01-01T00:00:02.000000Z');
    expect(isotime(253_402_300_799)).to.equal('9999-12-31T23:59:59.000000Z');
  });

  it('are none outside the years 1000 to 9999', () => {
    for (const time of [
      253_402_300_800,
      -30_610_224_001,
      -62_135_596_800,
      Number.NaN,
      Infinity,
      -Infinity,
      1e300,
    ]) {
      expect(isotime(time), String(time)).to.equal(null);
    }
  });

  it('are read with fraction and offset', () => {
    expect(parseIsotime('2017-02-03T04:05:06.789012Z')).to.equal(1_486_094_706.789_012);
    expect(parseIsotime('2017-02-03T04:05:06+02:00')).to.equal(1_486_087_506);
    expect(parseIsotime('2017-02-03T04:05:06-0130')).to.equal(1_486_100_106);
    expect(parseIsotime('2017-02-03 04:05')).to.equal(1_486_094_700);
    expect(parseIsotime('2017-02-03')).to.equal(1_486_080_000);
  });

  it('are read with as little as the parser of Keystone needs', () => {
    expect(parseIsotime('20170203T040506Z')).to.equal(1_486_094_706);
    expect(parseIsotime('2017-2-3 04Z')).to.equal(1_486_094_400);
    expect(parseIsotime('2017-02-03T04:05:6+00')).to.equal(1_486_094_706);
    expect(parseIsotime('2017-02')).to.equal(1_485_907_200);
    expect(parseIsotime('2017')).to.equal(1_483_228_800);
  });

  it('are not read from anything else', () => {
    for (const text of [
      '',
      'now',
      '2017-02-30T00:00:00Z',
      '2017-13-01T00:00:00Z',
      '2017-02-03T24:00:00Z',
      '1486094706',
      '201702',
      '2017-02-03T04:05:06 Z',
      '2017-02-03T04:05:06+24:00',
      '0999-12-31T23:59:59Z',
      '9999-12-31T23:59:59-01:00',
    ]) {
      expect(parseIsotime(text), text).to.equal(null);
    }
  });
});

describe('method bits', () => {
  it('follow the configured order, in both directions', () => {
    const bits = new MethodBits(['password', 'token']);
    expect(bits.toInteger(['token', 'password', 'unknown'])).to.equal(3);
    expect(bits.toMethods(3)).to.deep.equal(['token', 'password']);
  });

  it('are read wherever they come from, however large', () => {
    const bits = new MethodBits(['password', 'token']);
    expect(bits.toMethods(2 ** 32 + 1)).to.deep.equal(['ec2credential', 'password']);
    for (const integer of [-1, 4, 2 ** 40, Number.MAX_VALUE])
      expect(bits.toMethods(integer)).to.deep.equal([]);
  });
});

describe('MessagePack of payloads', () => {
  it('writes lengths as each of the two libraries did', () => {
    const text = (length: number): string => 'x'.repeat(length);
    const head = (length: number, wire: 'newton' | 'zed', bytes = false): string =>
      pack(bytes ? Buffer.from(text(length)) : text(length), wire)
        .subarray(0, -length)
        .toString('hex');
    expect([31, 32, 255, 256, 65_536].map((length) => head(length, 'newton'))).to.deep.equal([
      'bf',
      'da0020',
      'da00ff',
      'da0100',
      'db00010000',
    ]);
    expect([31, 32, 255, 256].map((length) => head(length, 'zed'))).to.deep.equal([
      'bf',
      'd920',
      'd9ff',
      'da0100',
    ]);
    expect([16, 256, 65_536].map((length) => head(length, 'zed', true))).to.deep.equal([
      'c410',
      'c50100',
      'c600010000',
    ]);
    expect(head(16, 'newton', true)).to.equal('b0');
  });

  it('writes numbers in their shortest form, and floats always in 64 bits', () => {
    const hex = (value: number | Float64): string => pack(value, 'newton').toString('hex');
    expect([0, 127, 128, 256, 65_536, 2 ** 32].map(hex)).to.deep.equal([
      '00',
      '7f',
      'cc80',
      'cd0100',
      'ce00010000',
      'cf0000000100000000',
    ]);
    expect(hex(new Float64(1))).to.equal('cb3ff0000000000000');
  });

  it('reads what it wrote, with long lists', () => {
    const list = Array.from({ length: 70_000 }, (_, index) => index % 2 === 0);
    expect(unpackArray(pack(list, 'zed'))).to.deep.equal(list);
    expect(unpackArray(pack([null, 2 ** 40, new Float64(1.5)], 'zed'))).to.deep.equal([null, 2 ** 40, 1.5]);
  });

  it('refuses whatever is not exactly one array', () => {
    for (const hex of ['', 'c0', '80', '91', '9100ff', 'c1', 'dd7fffffff', 'df7fffffff', '81a16101']) {
      expect(() => unpackArray(Buffer.from(hex, 'hex')), hex).to.throw(InvalidTokenError);
    }
  });

  it('still reads after a failure', () => {
    expect(() => unpackArray(Buffer.from('9392', 'hex'))).to.throw(InvalidTokenError);
    expect(unpackArray(Buffer.from('9101', 'hex'))).to.deep.equal([1]);
  });
});

describe('UUIDs in tokens', () => {
  it('are recognised in all spellings', () => {
    const hex = '1d903d3b1aef266a166c7a2f7ad0ce09';
    for (const text of [
      hex,
      hex.toUpperCase(),
      `{${hex}}`,
      `urn:uuid:${hex}`,
      '1d903d3b-1aef-266a-166c-7a2f7ad0ce09',
    ]) {
      expect(uuidBytes(text)?.toString('hex'), text).to.equal(hex);
    }
  });

  it('are nothing else', () => {
    const hex = '1d903d3b1aef266a166c7a2f7ad0ce09';
    for (const text of [
      '',
      'default',
      hex.slice(1),
      `${hex}0`,
      `0x${hex.slice(2)}`,
      `${hex.slice(0, 31)}g`,
      ` ${hex.slice(1)}`,
    ]) {
      expect(uuidBytes(text), text).to.equal(null);
    }
  });
});
