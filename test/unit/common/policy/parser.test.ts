import { expect } from 'chai';
import { type Check, printCheck } from '../../../../src/common/policy/check.js';
import { parseRule } from '../../../../src/common/policy/parser.js';

const printed = (rule: unknown): string => printCheck(parseRule(rule));

function reasonOf(rule: unknown): string | undefined {
  const check: Check = parseRule(rule);
  return check.kind === 'never' ? check.reason : undefined;
}

describe('policy rule parser', () => {
  it('lets `and` bind tighter than `or`, and `not` tightest', () => {
    expect(printed('not a:1 and b:2 or c:3 and not d:4')).to.equal(
      '((not a:1 and b:2) or (c:3 and not d:4))',
    );
  });

  it('knows keywords in any case of letters', () => {
    expect(printed('a:1 AND b:2 Or NOT c:3')).to.equal('((a:1 and b:2) or not c:3)');
  });

  it('takes parentheses at the outside of a check and keeps those within', () => {
    expect(printed('(a:%(x)s or ((b:2)))')).to.equal('(a:%(x)s or b:2)');
    expect(printed('((a:1) and(b:2))')).to.equal('!');
  });

  it('writes `x or (a and b) and c` back with one `and`', () => {
    expect(printed('x:1 or (a:1 and b:2) and c:3')).to.equal('(x:1 or (a:1 and b:2 and c:3))');
    expect(printed('(a:1 and b:2) and c:3')).to.equal('((a:1 and b:2) and c:3)');
  });

  it('splits at every character that is white space to Python, and at no other', () => {
    for (const space of [' ', '\t', '\n', '\u001f', '\u0085', '\u00a0', '\u3000']) {
      expect(printed(`a:1${space}or${space}b:2`)).to.equal('(a:1 or b:2)');
    }
    expect(printed('a:1\ufeffor b:2')).to.equal('!');
  });

  it('says why a rule cannot be understood, and never grants by it', () => {
    expect(reasonOf('a:1 or')).to.match(/missing at the end/u);
    expect(reasonOf('(a:1')).to.match(/'\)' is missing/u);
    expect(reasonOf('a:1 b:2')).to.match(/unexpected 'b:2'/u);
    expect(reasonOf('admin')).to.match(/no colon/u);
    expect(reasonOf('a:1 or "text"')).to.match(/unexpected 'text'/u);
  });

  it('takes a lone keyword, parenthesis or quoted text as no check at all', () => {
    for (const rule of ['and', '(', ')', '"a:1"', "'x'"])
      expect(parseRule(rule).kind, rule).to.equal('stray');
  });

  it('joins the outer list by `or` and the inner lists by `and`', () => {
    expect(printed([['a:1', 'b:2'], 'c:3', []])).to.equal('((a:1 and b:2) or c:3)');
    expect(printed(['a:1 or b:2'])).to.equal('a:1 or b:2');
    expect(printed([[]])).to.equal('!');
  });

  it('refuses values that are neither text nor list', () => {
    for (const rule of [true, 5, 1.5, [5], ['a:1', true], new Date(0)]) {
      expect(() => parseRule(rule), String(rule)).to.throw(TypeError);
    }
  });

  it('survives nesting beyond reason', () => {
    const deep = `${'('.repeat(200_000)}a:1${')'.repeat(200_000)}`;
    expect(printed(deep)).to.equal('!');
  });
});
