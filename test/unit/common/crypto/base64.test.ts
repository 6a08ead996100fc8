import { expect } from 'chai';
import { decodeBase64Lenient, stripPadding } from '../../../../src/common/crypto/base64.js';

describe('lenient base64', () => {
  const decoded = (text: string): string | null => decodeBase64Lenient(text)?.toString('latin1') ?? null;

  it('reads both alphabets', () => {
    expect(decodeBase64Lenient('-_-_')).to.deep.equal(Buffer.from([0xfb, 0xff, 0xbf]));
    expect(decodeBase64Lenient('+/+/')).to.deep.equal(Buffer.from([0xfb, 0xff, 0xbf]));
  });

  it('skips foreign characters, wherever they stand', () => {
    expect(decoded(' a\nG%é k=')).to.equal('hi');
  });

  it('refuses text whose padding does not complete the last group', () => {
    for (const text of ['aGk', 'a', 'aGkaa', 'aG=k']) expect(decoded(text), text).to.equal(null);
  });

  it('ignores everything behind complete padding', () => {
    expect(decoded('aGk=aGk=')).to.equal('hi');
    expect(decoded('aA==!')).to.equal('h');
  });

  it('ignores padding before a group has two characters', () => {
    expect(decoded('==aGk=')).to.equal('hi');
  });

  it('takes nothing for nothing', () => {
    expect(decoded('')).to.equal('');
    expect(decoded('!!!')).to.equal('');
  });

  it('strips padding only from the end', () => {
    expect(stripPadding('a=b==')).to.equal('a=b');
    expect(stripPadding('ab')).to.equal('ab');
    expect(stripPadding('==')).to.equal('');
  });
});
