/** Mistakes in a policy that can be seen without a request. */
import type { Check } from './check.js';
import type { RuleOrigin } from './errors.js';
import type { Rule } from './policy.js';
import { pyStr } from './py_value.js';
import { parseSubject } from './subject.js';
import { compileTemplate } from './template.js';

export interface PolicyProblem {
  readonly rule: string;
  readonly origin: RuleOrigin | undefined;
  /** `error`: some or all of the rule was not understood and refuses. `warning`: legal, but hardly meant. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** @param answering the rule that answers for a name, the default rule included */
export function findProblems(
  rules: ReadonlyMap<string, Rule>,
  answering: (name: string) => Rule | undefined,
): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const circular = circularRules(rules, answering);
  for (const { name, source, check, origin } of rules.values()) {
    const add = (severity: PolicyProblem['severity'], message: string): void => {
      problems.push({ rule: name, origin, severity, message });
    };
    if (check.kind === 'always' && typeof source !== 'string' && !Array.isArray(source)) {
      add(
        'error',
        `has no text (${pyStr(source)}) and so would allow everybody; write "" for that, or "!" for nobody`,
      );
    }
    for (const part of parts(check)) inspect(part, rules, answering, add);
    if (circular.has(name)) add('warning', 'refers to itself and refuses where it does');
  }
  return problems;
}

function inspect(
  check: Check,
  rules: ReadonlyMap<string, Rule>,
  answering: (name: string) => Rule | undefined,
  add: (severity: PolicyProblem['severity'], message: string) => void,
): void {
  if (check.kind === 'never' && check.reason !== undefined) add('error', check.reason);
  if (check.kind === 'stray') add('error', `'${check.text}' stands alone and is not a check`);
  if (check.kind === 'rule' && !rules.has(check.name)) {
    const fallback = answering(check.name)?.name;
    const effect = fallback === undefined ? 'which refuses' : `for which '${fallback}' answers`;
    add('warning', `refers to the unknown rule '${check.name}', ${effect}`);
  }
  if (check.kind === 'compare') {
    const subject = parseSubject(check.subject);
    if (subject.kind === 'invalid') add('warning', `'${check.subject}' names nothing: ${subject.reason}`);
  }
  if (check.kind === 'compare' || check.kind === 'role' || check.kind === 'remote') {
    const { problem } = compileTemplate(check.match);
    if (problem !== undefined) add('warning', problem);
  }
}

/** The check and all checks within it. */
function* parts(check: Check): Iterable<Check> {
  yield check;
  if (check.kind === 'not') yield* parts(check.check);
  if (check.kind === 'and' || check.kind === 'or') for (const part of check.checks) yield* parts(part);
}

/** Names of the rules from which a chain of references leads back to them. */
function circularRules(
  rules: ReadonlyMap<string, Rule>,
  answering: (name: string) => Rule | undefined,
): Set<string> {
  const references = new Map<string, readonly string[]>();
  for (const { name, check } of rules.values()) {
    const names = [...parts(check)].flatMap((part) => (part.kind === 'rule' ? [part.name] : []));
    references.set(name, [...new Set(names.flatMap((found) => answering(found)?.name ?? []))]);
  }
  const circular = new Set<string>();
  for (const name of rules.keys()) {
    const seen = new Set<string>();
    const open = [...(references.get(name) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(references.get(next) ?? []));
    }
    if (seen.has(name)) circular.add(name);
  }
  return circular;
}
