import { expect } from 'chai';
import { BerError, BerReader, Framer } from '../../../../src/common/ldap/ber.js';
import { readAnswer } from '../../../../src/common/ldap/messages.js';
import { cpuTime } from '../../../support/cpu_time.js';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
/** `cn=a` with `cn: a`. */
const ENTRY = bytes('30 1a 02 01 05 64 15 04 04 63 6e 3d 61 30 0d 30 0b 04 02 43 4e 31 05 04 01 61 04 00');
const DONE = bytes('30 0c 02 01 05 65 07 0a 01 00 04 00 04 00');

describe('what comes from directories', () => {
  it('is cut into messages however it arrives', () => {
    const stream = Buffer.concat([ENTRY, DONE, ENTRY]);
    for (let size = 1; size <= stream.length; size += 1) {
      const framer = new Framer();
      const messages: Buffer[] = [];
      for (let start = 0; start < stream.length; start += size) {
        messages.push(...framer.push(stream.subarray(start, start + size)));
      }
      expect(
        messages.map((message) => message.toString('hex')),
        `pieces of ${size}`,
      ).to.deep.equal([ENTRY, DONE, ENTRY].map((message) => message.toString('hex')));
      expect(framer.isInside).to.equal(false);
    }
  });

  it('takes long messages in many pieces without copying them again and again', async () => {
    const value = Buffer.alloc(8_000_000, 0x61);
    const head = bytes('30 84 00 7a 12 00');
    const stream = Buffer.concat([head, value]);
    const framer = new Framer();
    let found = 0;
    const took = await cpuTime(() => {
      for (let start = 0; start < stream.length; start += 1000) {
        found += framer.push(stream.subarray(start, start + 1000)).length;
      }
    });
    expect(found).to.equal(1);
    // Each piece copied anew would be 32 GB.
    expect(took).to.be.below(2000);
  });

  it('is read', () => {
    const answer = readAnswer(ENTRY);
    expect(answer).to.include({ kind: 'entry', id: 5 });
    if (answer.kind !== 'entry') return;
    expect(answer.entry.dn).to.equal('cn=a');
    expect(answer.entry.texts('Cn')).to.deep.equal(['a', '']);
    expect(answer.entry.texts('sn')).to.deep.equal([]);
    expect(readAnswer(DONE)).to.deep.equal({
      kind: 'result',
      id: 5,
      code: 0,
      diagnostic: '',
      referrals: [],
      cookie: null,
    });
  });

  it('leaves out values that are no UTF-8', () => {
    const broken = Buffer.from(ENTRY);
    broken[25] = 0xff;
    const answer = readAnswer(broken);
    expect(answer.kind === 'entry' && answer.entry.texts('cn')).to.deep.equal(['']);
  });

  it('tells referrals and the cookie of the next page', () => {
    const referral = bytes('30 16 02 01 01 65 11 0a 01 0a 04 00 04 00 a3 08 04 06 6c 64 61 70 3a 2f');
    expect(readAnswer(referral)).to.deep.include({ code: 10, referrals: ['ldap:/'] });
    const oid = Buffer.from('1.2.840.113556.1.4.319').toString('hex');
    const page = bytes(
      `30 32 02 01 05 65 07 0a 01 00 04 00 04 00 a0 24 30 22 04 16 ${oid} 04 08 30 06 02 01 00 04 01 07`,
    );
    expect(readAnswer(page)).to.have.deep.property('cookie', Buffer.from([7]));
  });

  const malformed = [
    '30 00',
    '30 03 02 01 05',
    '30 05 02 01 05 64 00',
    '30 05 02 01 05 99 00',
    '30 0c 02 01 05 65 07 0a 01 00 04 ff 04 00',
    '30 0a 02 05 01 01 01 01 01 65 00 00',
    '31 03 02 01 05',
    '30 0f 02 01 05 64 0a 04 04 63 6e 3d 61 30 7f 30 00',
  ];
  for (const message of malformed) {
    it(`refuses ${message}`, () => {
      expect(() => readAnswer(bytes(message))).to.throw(BerError);
    });
  }

  it('refuses streams that are no LDAP', () => {
    for (const stream of ['48 54 54 50', '30 80 00 00', '30 85 01 01 01 01 01', '30 84 7f ff ff ff']) {
      expect(() => new Framer().push(bytes(stream)), stream).to.throw(BerError);
    }
  });

  it('never reads beyond the end of what holds it', () => {
    // Every message, cut or damaged anywhere, is refused or read, and nothing else.
    for (let position = 0; position < ENTRY.length; position += 1) {
      for (const value of [0x00, 0x04, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
        const damaged = Buffer.from(ENTRY);
        damaged[position] = value;
        try {
          readAnswer(damaged);
        } catch (error) {
          expect(error, `${value} at ${position}`).to.be.instanceOf(BerError);
        }
      }
      expect(() => readAnswer(ENTRY.subarray(0, position)), `cut at ${position}`).to.throw(BerError);
    }
    expect(() => new BerReader(Buffer.alloc(0)).integer(2)).to.throw(BerError, 'the end');
  });
});
