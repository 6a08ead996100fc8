import { expect } from 'chai';
import {
  DnError,
  dnKey,
  escapeDnValue,
  firstAva,
  formatDn,
  isBelow,
  isDn,
  parseDn,
  sameDn,
} from '../../../../src/common/ldap/index.js';

describe('distinguished names', () => {
  const values = [
    'plain',
    'Doe, Jane',
    'back\\slash',
    'both\\,',
    'plus+equals=semicolon;',
    '"quoted" <angle>',
    '#hash',
    ' leading',
    'trailing ',
    '  ',
    ' ',
    'Émile ✓ 𝄞',
    'line\nfeed',
    'a\u0000b',
    'ends with \\',
    'ends with \\ ',
    '\\2c',
    'cn=x,dc=y',
  ];
  for (const value of values) {
    it(`hold the value ${JSON.stringify(value)} and give it back`, () => {
      const dn = `cn=${escapeDnValue(value)},ou=Users,dc=example`;
      expect(parseDn(dn)[0]).to.deep.equal([{ type: 'cn', value }]);
      expect(parseDn(dn)).to.have.length(3);
      expect(parseDn(formatDn(parseDn(dn)))).to.deep.equal(parseDn(dn));
    });
  }

  it('escape as RFC 4514 has it', () => {
    expect(escapeDnValue('James "Jim" Smith, III')).to.equal('James \\"Jim\\" Smith\\, III');
    expect(escapeDnValue(' #a ')).to.equal('\\ #a\\ ');
    expect(escapeDnValue('a\\b')).to.equal('a\\\\b');
  });

  const read: [string, string, string][] = [
    ['UID=jsmith,DC=example,DC=net', 'UID', 'jsmith'],
    ['OU=Sales+CN=J.  Smith,DC=example', 'OU', 'Sales'],
    ['CN=James \\"Jim\\" Smith\\, III,DC=example', 'CN', 'James "Jim" Smith, III'],
    ['CN=Before\\0dAfter,DC=example', 'CN', 'Before\rAfter'],
    ['1.3.6.1.4.1.1466.0=#04024869', '1.3.6.1.4.1.1466.0', 'Hi'],
    ['CN=Lu\\C4\\8Di\\C4\\87', 'CN', 'Lučić'],
    ['cn="Doe, Jane" , dc=x', 'cn', 'Doe, Jane'],
    ['cn = spaced out ; dc=x', 'cn', 'spaced out'],
    ['cn=Doe\\2C Jane,dc=x', 'cn', 'Doe, Jane'],
  ];
  for (const [text, type, value] of read) {
    it(`read ${text}`, () => {
      expect(firstAva(text)).to.deep.equal({ type, value });
    });
  }

  for (const text of [
    'cn',
    '=x',
    'cn=a,,dc=b',
    'cn=a,',
    'cn=a\\',
    'cn="a',
    'cn="a"b',
    'c n=a',
    'cn=#0',
    'cn=#zz',
  ]) {
    it(`refuse ${text}`, () => {
      expect(() => parseDn(text)).to.throw(DnError);
      expect(isDn(text)).to.equal(false);
      expect(firstAva(text)).to.equal(null);
    });
  }

  it('are the same however they are written', () => {
    expect(sameDn('CN=Doe\\, Jane,ou=A', 'cn="doe,  jane" , OU=a')).to.equal(true);
    expect(sameDn('cn=a+sn=b,dc=x', 'SN=B+CN=A,DC=X')).to.equal(true);
    expect(sameDn('cn=a,dc=x', 'cn=a,dc=y')).to.equal(false);
    expect(sameDn('cn=a\\,dc=x', 'cn=a,dc=x')).to.equal(false);
    expect(dnKey('not a name')).to.equal('?not a name');
  });

  it('lie beneath others', () => {
    expect(isBelow('cn=a,ou=Users,dc=x', 'OU=users,DC=x')).to.equal(true);
    expect(isBelow('ou=Users,dc=x', 'ou=Users,dc=x')).to.equal(false);
    expect(isBelow('cn=a,ou=Others,dc=x', 'ou=Users,dc=x')).to.equal(false);
    expect(isBelow('cn=a', '')).to.equal(true);
  });
});
