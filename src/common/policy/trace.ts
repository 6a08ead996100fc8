/** Why a decision is what it is. */
import { type Check, printCheck } from './check.js';
import { type Credentials, compileCheck } from './compile.js';
import { CheckError, describeOrigin } from './errors.js';
import type { Policy } from './policy.js';
import { isPlainObject, pyRepr } from './py_value.js';
import { httpCheck, isSecretName, type RemoteCheck } from './remote.js';
import { parseSubject } from './subject.js';
import type { Target, TargetKey } from './target.js';
import { compileTemplate } from './template.js';

/** One check with its value, and the checks it is made of. */
export interface PolicyTrace {
  /** The check as the rule has it, in canonical form. */
  readonly text: string;
  /** `error`: no answer, which refuses whatever is around it. `skipped`: another server was not asked. */
  readonly result: boolean | 'error' | 'skipped';
  /** The values that were compared, or why there is no answer. */
  readonly detail?: string;
  /** Whether the decision needed it. The others are evaluated for the reader's sake. */
  readonly needed: boolean;
  readonly children: readonly PolicyTrace[];
}

export interface ExplainOptions {
  /** Who answers `http:` checks; they are left out when it is not given. `true`: an HTTP POST. */
  readonly remote?: RemoteCheck | true;
}

interface TraceContext extends ExplainOptions {
  readonly policy: Policy;
  readonly target: Target;
  readonly credentials: Credentials;
  /** Name of the rule that was asked for. */
  readonly asked: string;
}

type Result = PolicyTrace['result'];

/** The tree of a rule by its name. */
export function traceRule(context: TraceContext, name: string): Promise<PolicyTrace> {
  return traceReference(context, name, name, [], true);
}

async function traceReference(
  context: TraceContext,
  name: string,
  text: string,
  chain: readonly string[],
  needed: boolean,
): Promise<PolicyTrace> {
  const rule = context.policy.rule(name);
  if (rule === undefined)
    return { text, result: false, detail: 'there is no such rule', needed, children: [] };
  const detail =
    rule.name === name
      ? describeOrigin(rule.origin)
      : `there is no such rule: '${rule.name}' answers, ${describeOrigin(rule.origin)}`;
  if (chain.includes(rule.name)) {
    return { text, result: 'error', detail: `rule '${rule.name}' refers to itself`, needed, children: [] };
  }
  const child = await traceCheck(context, rule.check, [...chain, rule.name], needed);
  return { text, result: child.result, detail, needed, children: [child] };
}

async function traceCheck(
  context: TraceContext,
  check: Check,
  chain: readonly string[],
  needed: boolean,
): Promise<PolicyTrace> {
  const text = printCheck(check);
  switch (check.kind) {
    case 'rule':
      return traceReference(context, check.name, text, chain, needed);
    case 'not': {
      const child = await traceCheck(context, check.check, chain, needed);
      const result = typeof child.result === 'boolean' ? !child.result : child.result;
      return { text, result, needed, children: [child] };
    }
    case 'and':
    case 'or':
      return traceChain(context, check, chain, needed);
    default:
      return traceLeaf(context, check, needed);
  }
}

async function traceChain(
  context: TraceContext,
  check: Extract<Check, { kind: 'and' | 'or' }>,
  chain: readonly string[],
  needed: boolean,
): Promise<PolicyTrace> {
  const settling = check.kind === 'or';
  const children: PolicyTrace[] = [];
  let result: Result = !settling;
  let open = true;
  for (const part of check.checks) {
    const child = await traceCheck(context, part, chain, needed && open);
    children.push(child);
    if (open && child.result !== !settling) {
      result = child.result;
      open = false;
    }
  }
  return { text: printCheck(check), result, needed, children };
}

async function traceLeaf(context: TraceContext, check: Check, needed: boolean): Promise<PolicyTrace> {
  const text = printCheck(check);
  const remote = context.remote === true ? httpCheck() : context.remote;
  if (check.kind === 'remote' && (remote === undefined || !needed)) {
    return { text, result: 'skipped', detail: 'the other server was not asked', needed, children: [] };
  }
  try {
    const decide = compileCheck(check, {
      resolve: () => undefined,
      maxDepth: 0,
      remote: remote ?? (() => Promise.resolve(false)),
    });
    const result = await decide(context.target, context.credentials, context.asked, 0);
    return withDetail({ text, result, needed, children: [] }, describeLeaf(check, context));
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    return { text, result: 'error', detail: error.message, needed, children: [] };
  }
}

function withDetail(trace: PolicyTrace, detail: string | undefined): PolicyTrace {
  return detail === undefined ? trace : { ...trace, detail };
}

function describeLeaf(check: Check, { target, credentials }: TraceContext): string | undefined {
  if (check.kind === 'never') return check.reason;
  if (check.kind !== 'role' && check.kind !== 'compare') return undefined;
  const facts = compileTemplate(check.match).keys.map((key) => describeTarget(key, target));
  if (check.kind === 'role') facts.unshift(`roles = ${describe('roles', credentials['roles'])}`);
  else {
    const subject = parseSubject(check.subject);
    if (subject.kind === 'path') {
      facts.unshift(`${check.subject} = ${describe(check.subject, valueAt(credentials, subject.segments))}`);
    }
  }
  return facts.length === 0 ? undefined : facts.join(', ');
}

function describeTarget(key: TargetKey, target: Target): string {
  return `%(${key.name})s = ${describe(key.name, target.lookup(key))}`;
}

/** What stands at a path of the credentials; lists on the way are gone through, as in the check itself. */
function valueAt(value: unknown, segments: readonly string[]): unknown {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value;
  if (Array.isArray(value))
    return value.map((item) => valueAt(item, segments)).filter((item) => item !== undefined);
  return isPlainObject(value) && Object.hasOwn(value, segment) ? valueAt(value[segment], rest) : undefined;
}

function describe(name: string, value: unknown): string {
  if (value === undefined) return 'absent';
  if (isSecretName(name)) return '***';
  try {
    return pyRepr(value);
  } catch (error) {
    if (error instanceof CheckError) return 'not comparable';
    throw error;
  }
}

const MARKS: ReadonlyMap<Result, string> = new Map<Result, string>([
  [true, 'true '],
  [false, 'false'],
  ['error', 'error'],
  ['skipped', '-----'],
]);

/**
 * A trace for people: one line per check, indented; in parentheses what the decision did not need.
 *
 *     false  identity:get_user  (built-in default)
 *     false    rule:admin_or_owner  …
 */
export function renderTrace(trace: PolicyTrace): string {
  return renderLines(trace, 0).join('\n');
}

function renderLines(trace: PolicyTrace, depth: number): string[] {
  const mark = MARKS.get(trace.result) ?? '';
  const text = trace.needed ? trace.text : `(${trace.text})`;
  const detail = trace.detail === undefined ? '' : `  [${trace.detail}]`;
  const line = `${mark}  ${'  '.repeat(depth)}${text}${detail}`;
  return [line, ...trace.children.flatMap((child) => renderLines(child, depth + 1))];
}
