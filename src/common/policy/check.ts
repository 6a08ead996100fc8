/** The tree that a policy rule is parsed into, and how it is written back. */

export type Check =
  /** `@`, the empty rule: always true. */
  | { readonly kind: 'always' }
  /** `!`: always false. Also what cannot be understood, and then `reason` says why. */
  | { readonly kind: 'never'; readonly reason?: string }
  /** A lone keyword, parenthesis or quoted string where a check is due. Has no truth value: deciding it is an error. */
  | { readonly kind: 'stray'; readonly text: string }
  /** `rule:NAME`: whatever that rule says. */
  | { readonly kind: 'rule'; readonly name: string }
  /** `role:NAME`: the caller has a role of this name, in any case of letters. */
  | { readonly kind: 'role'; readonly match: string }
  /** `http:…` and `https:…`: ask another server. */
  | { readonly kind: 'remote'; readonly scheme: 'http' | 'https'; readonly match: string }
  /** `SUBJECT:MATCH`: a literal or a value of the credentials equals the match. */
  | { readonly kind: 'compare'; readonly subject: string; readonly match: string }
  | { readonly kind: 'not'; readonly check: Check }
  | { readonly kind: 'and' | 'or'; readonly checks: readonly Check[] };

/** The rule in oslo.policy's canonical form: every `and` and `or` in parentheses, the empty rule as `@`. */
export function printCheck(check: Check): string {
  switch (check.kind) {
    case 'always':
      return '@';
    case 'never':
      return '!';
    case 'stray':
      return check.text;
    case 'rule':
      return `rule:${check.name}`;
    case 'role':
      return `role:${check.match}`;
    case 'remote':
      return `${check.scheme}:${check.match}`;
    case 'compare':
      return `${check.subject}:${check.match}`;
    case 'not':
      return `not ${printCheck(check.check)}`;
    default:
      return `(${check.checks.map(printCheck).join(` ${check.kind} `)})`;
  }
}
