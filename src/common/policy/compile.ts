/** From the tree of a rule to one function. Everything that can be decided before a request is decided here. */
import type { Check } from './check.js';
import { CheckError } from './errors.js';
import { codePoints, isFalsy, isPlainObject, pyStr } from './py_value.js';
import { askRemote, type RemoteCheck } from './remote.js';
import { parseSubject } from './subject.js';
import type { Target } from './target.js';
import { compileTemplate } from './template.js';

/** What is known of the caller. Values are plain data, as a token's body; undefined counts as absent. */
export interface Credentials {
  readonly [key: string]: unknown;
}

/** A decision that may have to wait for another server. */
export type Answer = boolean | Promise<boolean>;

/**
 * A compiled check.
 * @param rule name of the rule that was asked for
 * @param depth how many `rule:` references lead here
 * @throws CheckError when there is no answer; a rejection with it when waiting
 */
export type Decide = (target: Target, credentials: Credentials, rule: string, depth: number) => Answer;

/** What checks need of the policy around them. */
export interface CompileContext {
  /** The function of a rule; undefined when neither it nor the default rule exists. Called at decision time. */
  resolve(name: string): { readonly decide: Decide } | undefined;
  /** Chains of references longer than this are circles. */
  readonly maxDepth: number;
  readonly remote: RemoteCheck;
}

const always: Decide = () => true;
const never: Decide = () => false;

/** Compile one check; `context.resolve` must be able to answer only when the first decision is made. */
export function compileCheck(check: Check, context: CompileContext): Decide {
  switch (check.kind) {
    case 'always':
      return always;
    case 'never':
      return never;
    case 'stray':
      return () => {
        throw new CheckError(`'${check.text}' stands alone and is not a check`);
      };
    case 'rule':
      return compileReference(check.name, context);
    case 'role':
      return compileRole(check.match);
    case 'compare':
      return compileComparison(check.subject, check.match);
    case 'remote':
      return compileRemote(`${check.scheme}:${check.match}`, context.remote);
    case 'not':
      return compileNot(compileCheck(check.check, context));
    default:
      return compileChain(
        check.checks.map((part) => compileCheck(part, context)),
        check.kind === 'or',
      );
  }
}

function compileReference(name: string, context: CompileContext): Decide {
  const { maxDepth } = context;
  let rule: { readonly decide: Decide } | undefined;
  let resolved = false;
  return (target, credentials, asked, depth) => {
    if (!resolved) {
      rule = context.resolve(name);
      resolved = true;
    }
    if (rule === undefined) return false;
    if (depth >= maxDepth) throw new CheckError(`rule '${name}' refers to itself`);
    return rule.decide(target, credentials, asked, depth + 1);
  };
}

function compileRole(match: string): Decide {
  const { fill, constant } = compileTemplate(match);
  if (constant !== undefined) {
    const wanted = constant.toLowerCase();
    return (_target, credentials) => hasRole(credentials, wanted);
  }
  return (target, credentials) => {
    const wanted = fill(target);
    return wanted !== undefined && hasRole(credentials, wanted.toLowerCase());
  };
}

/** @param wanted in lower case */
function hasRole(credentials: Credentials, wanted: string): boolean {
  const roles = Object.hasOwn(credentials, 'roles') ? credentials['roles'] : undefined;
  if (roles === undefined) return false;
  if (!Array.isArray(roles)) return roleNames(roles).some((name) => name.toLowerCase() === wanted);
  let found = false;
  for (const role of roles as readonly unknown[]) {
    if (typeof role !== 'string') throw new CheckError('a role of the credentials is not a name');
    found ||= role === wanted || role.toLowerCase() === wanted;
  }
  return found;
}

/** Roles that are not in a list: Python goes through the letters of a text and the keys of a mapping. */
function roleNames(roles: unknown): readonly string[] {
  if (typeof roles === 'string') return codePoints(roles);
  if (isPlainObject(roles)) return Object.keys(roles);
  throw new CheckError('the roles of the credentials are not a list');
}

function compileComparison(source: string, match: string): Decide {
  const { fill } = compileTemplate(match);
  const subject = parseSubject(source);
  if (subject.kind === 'path') {
    const find = compilePath(subject.segments);
    return (target, credentials) => {
      const wanted = fill(target);
      return wanted !== undefined && find(credentials, wanted);
    };
  }
  if (subject.kind === 'literal') return (target) => fill(target) === subject.text;
  const reason = `'${source}' names nothing: ${subject.reason}`;
  return (target) => {
    if (fill(target) === undefined) return false;
    throw new CheckError(reason);
  };
}

type Find = (credentials: Credentials, wanted: string) => boolean;

function compilePath(segments: readonly string[]): Find {
  const [key] = segments;
  if (segments.length > 1 || key === undefined || key === 'system') {
    return (credentials, wanted) => findIn(withSystem(credentials, key), segments, 0, wanted);
  }
  return (credentials, wanted) => {
    const value = Object.hasOwn(credentials, key) ? credentials[key] : undefined;
    if (typeof value === 'string') return value === wanted;
    return (
      value !== undefined &&
      (Array.isArray(value) ? value.some((item) => pyStr(item) === wanted) : pyStr(value) === wanted)
    );
  };
}

/** oslo.policy sets `system` from `system_scope` where credentials have the latter. */
function withSystem(credentials: Credentials, key: string | undefined): Credentials {
  if (key !== 'system' || !Object.hasOwn(credentials, 'system_scope')) return credentials;
  const scope = credentials['system_scope'];
  return isFalsy(scope) ? credentials : { ...credentials, system: scope };
}

/** Follow the path; where it meets a list, one item that matches is enough. */
function findIn(value: unknown, segments: readonly string[], index: number, wanted: string): boolean {
  const segment = segments[index];
  if (segment === undefined) return pyStr(value) === wanted;
  if (!isPlainObject(value))
    throw new CheckError(`credentials have nothing named '${segment}' within a value`);
  const next = Object.hasOwn(value, segment) ? value[segment] : undefined;
  if (next === undefined) return false;
  if (!Array.isArray(next)) return findIn(next, segments, index + 1, wanted);
  return next.some((item) => findIn(item, segments, index + 1, wanted));
}

function compileRemote(source: string, remote: RemoteCheck): Decide {
  const { fill } = compileTemplate(source);
  return (target, credentials, rule) => {
    const url = fill(target);
    if (url === undefined) throw new CheckError(`the target lacks a value for ${source}`);
    return askRemote(remote, { url, rule, target: Object.fromEntries(target.entries()), credentials });
  };
}

function compileNot(decide: Decide): Decide {
  return (target, credentials, rule, depth) => {
    const answer = decide(target, credentials, rule, depth);
    return typeof answer === 'boolean' ? !answer : answer.then((value) => !value);
  };
}

/**
 * `or` and `and`: the first answer that settles it ends the search.
 * @param settling true for `or`, false for `and`
 */
function compileChain(checks: readonly Decide[], settling: boolean): Decide {
  const decideFrom = (
    start: number,
    target: Target,
    credentials: Credentials,
    rule: string,
    depth: number,
  ): Answer => {
    for (let index = start; index < checks.length; index += 1) {
      const answer = (checks[index] as Decide)(target, credentials, rule, depth);
      if (answer === settling) return settling;
      if (typeof answer !== 'boolean') {
        return answer.then((value) =>
          value === settling ? settling : decideFrom(index + 1, target, credentials, rule, depth),
        );
      }
    }
    return !settling;
  };
  return (target, credentials, rule, depth) => decideFrom(0, target, credentials, rule, depth);
}
