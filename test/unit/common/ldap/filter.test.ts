import { expect } from 'chai';
import { encodableFilter, type Filter } from '../../../../src/common/ldap/filter.js';
import {
  ANYTHING,
  and,
  byRule,
  contains,
  endsWith,
  equals,
  FilterError,
  filterText,
  NOTHING,
  or,
  parseFilter,
  present,
  startsWith,
} from '../../../../src/common/ldap/index.js';

/** BER as text, other bytes in hexadecimal. */
function wire(filter: Filter): string {
  return encodableFilter(filter)
    .toBer()
    .buffer.toString('latin1')
    .replace(/[^ -~]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

describe('search filters', () => {
  it('send values as they are, whatever they look like', () => {
    expect(wire(equals('cn', '*)(x=\\2a'))).to.equal('\\a3\\0e\\04\\02cn\\04\\08*)(x=\\2a');
    expect(wire(contains('cn', '\\2a'))).to.equal('\\a4\\0b\\04\\02cn0\\05\\81\\03\\2a');
    expect(wire(startsWith('cn', 'a*'))).to.contain('\\80\\02a*');
    expect(wire(endsWith('cn', 'b('))).to.contain('\\82\\02b(');
    expect(wire(byRule('member', '1.2.3', 'cn=a\\, b'))).to.contain('\\83\\08cn=a\\, b');
    expect(wire(or(equals('a', '1'), present('b')))).to.equal('\\a1\\0b\\a3\\06\\04\\01a\\04\\011\\87\\01b');
  });

  it('never carry a NUL byte', () => {
    for (const make of [equals, contains, startsWith, endsWith]) expect(make('cn', 'a\0b')).to.equal(NOTHING);
    expect(byRule('member', '1.2.3', '\0')).to.equal(NOTHING);
  });

  it('find everything by empty parts', () => {
    expect(contains('cn', '')).to.deep.equal(present('cn'));
    expect(and(ANYTHING)).to.equal(ANYTHING);
  });

  describe('of the configuration', () => {
    const same: [string, string][] = [
      ['(cn=a)', '(cn=a)'],
      ['cn=a', '(cn=a)'],
      [' ( cn = u1 ) ', '(cn=u1)'],
      ['(cn=)', '(cn=)'],
      ['(|)', '(|)'],
      ['(&)', '(&)'],
      ['(a=1)(b=2)', '(&(a=1)(b=2))'],
      ['(&(objectClass=person)(|(ou=a)(ou=b))(!(ou=c)))', '(&(objectClass=person)(|(ou=a)(ou=b))(!(ou=c)))'],
      ['( & ( a = 1 ) ( b = 2 ) )', '(&(a=1)(b=2))'],
      ['((a=1))', '(a=1)'],
      ['(cn=*)', '(cn=*)'],
      ['(cn=a*b*c)', '(cn=a*b*c)'],
      ['(cn=*a*)', '(cn=*a*)'],
      ['(cn=\\2a\\28)', '(cn=\\2a\\28)'],
      ['(memberOf=CN=Doe\\, J,dc=x)', '(memberOf=CN=Doe, J,dc=x)'],
      ['(createTimestamp>=2020)', '(createTimestamp>=2020)'],
      ['(n<=5)', '(n<=5)'],
      ['(cn~=a)', '(cn~=a)'],
      ['(userAccountControl:1.2.840.113556.1.4.803:=2)', '(userAccountControl:1.2.840.113556.1.4.803:=2)'],
      ['(ou:dn:=Sales)', '(ou:dn:=Sales)'],
      ['(:caseExactMatch:=x)', '(:caseExactMatch:=x)'],
      ['(cn;lang-de=ä)', '(cn;lang-de=ä)'],
      ['(2.5.4.3=x)', '(2.5.4.3=x)'],
    ];
    for (const [text, meaning] of same) {
      it(`read ${text}`, () => {
        expect(filterText(parseFilter(text))).to.equal(meaning);
        encodableFilter(parseFilter(text)).toBer();
      });
    }

    it('take bytes that are no text', () => {
      expect(parseFilter('(objectGUID=\\ff\\00)')).to.have.deep.property('value', Buffer.from([0xff, 0]));
    });

    const wrong: [string, RegExp][] = [
      ['', /it is empty/],
      ['(', /"=" is missing|"\)" is missing/],
      ['(cn=a', /"\)" is missing \(character/],
      ['(cn=a))', /text after the last "\)"/],
      ['(cn)', /"=" is missing/],
      ['(=a)', /"" is no attribute/],
      ['(!(a=1)(b=2))', /"!" takes one filter/],
      ['(!)', /"!" takes one filter/],
      ['(cn=a(b)', /must be written \\28/],
      ['(c n=a)', /"c n" is no attribute/],
      ['(cn=a\\)', /a backslash at the end/],
      ['((a=1)(b=2))', /is missing/],
      ['(cn:a:b:=x)', /wrong matching rule/],
    ];
    for (const [text, reason] of wrong) {
      it(`refuse "${text}" with the reason`, () => {
        expect(() => parseFilter(text)).to.throw(FilterError, reason);
      });
    }
  });
});
