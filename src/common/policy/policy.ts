/** A compiled policy: rules by name, ready to decide. */
import { type Check, printCheck } from './check.js';
import { type Answer, type Credentials, compileCheck, type Decide } from './compile.js';
import { CheckError, PolicyError, type RuleOrigin } from './errors.js';
import { parseRule } from './parser.js';
import { findProblems, type PolicyProblem } from './problems.js';
import { httpCheck, type RemoteCheck } from './remote.js';
import type { Target } from './target.js';
import { type ExplainOptions, type PolicyTrace, traceRule } from './trace.js';

/** Rules as written: a text, or the older list form. */
export type RuleSource = Readonly<Record<string, unknown>>;

export interface CompileOptions {
  /** Rule that answers for rules that do not exist (`[oslo_policy] policy_default_rule`). */
  readonly defaultRule?: string;
  /** Where rules were written, for messages. */
  readonly origins?: ReadonlyMap<string, RuleOrigin>;
  /** Who answers `http:` and `https:` checks; by default an HTTP POST with five seconds of time. */
  readonly remote?: RemoteCheck;
}

/** One rule of a compiled policy. */
export interface Rule {
  readonly name: string;
  /** As written. */
  readonly source: unknown;
  readonly check: Check;
  readonly decide: Decide;
  readonly origin: RuleOrigin | undefined;
}

export class Policy {
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #fallback: Rule | undefined;
  /** Rules that can never do what was meant; the policy works all the same. */
  readonly problems: readonly PolicyProblem[];

  private constructor(rules: ReadonlyMap<string, Rule>, defaultRule: string) {
    this.#rules = rules;
    this.#fallback = defaultRule === '' ? undefined : rules.get(defaultRule);
    this.problems = findProblems(rules, (name) => this.rule(name));
  }

  /**
   * Compile rules.
   * @throws PolicyError when a rule is neither a text nor a list; what is merely not understood never grants anything
   *   and is told in `problems`
   */
  static compile(source: RuleSource, options: CompileOptions = {}): Policy {
    const rules = new Map<string, Rule>();
    const { defaultRule = 'default', origins, remote = httpCheck() } = options;
    const names = Object.keys(source);
    const fallback = (): Rule | undefined => (defaultRule === '' ? undefined : rules.get(defaultRule));
    const context = {
      resolve: (name: string) => rules.get(name) ?? fallback(),
      maxDepth: names.length + 1,
      remote,
    };
    for (const name of names) {
      const origin = origins?.get(name);
      const check = parse(name, source[name], origin);
      rules.set(name, { name, source: source[name], check, origin, decide: compileCheck(check, context) });
    }
    return new Policy(rules, defaultRule);
  }

  /**
   * Decide whether the caller may do what the rule is about.
   *
   * @returns true or false, or a promise of it when an `http:` or `https:` check had to be asked
   */
  allows(rule: string, target: Target, credentials: Credentials): Answer {
    const found = this.rule(rule);
    if (found === undefined) return false;
    try {
      const answer = found.decide(target, credentials, rule, 0);
      return typeof answer === 'boolean' ? answer : answer.catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  }

  /** Why the decision is what it is: the rule as a tree with the value of every check. */
  explain(
    rule: string,
    target: Target,
    credentials: Credentials,
    options: ExplainOptions = {},
  ): Promise<PolicyTrace> {
    return traceRule({ policy: this, target, credentials, asked: rule, ...options }, rule);
  }

  /** The rule that answers for a name: the one so named, else the default rule, else none. */
  rule(name: string): Rule | undefined {
    return this.#rules.get(name) ?? this.#fallback;
  }

  /** Names of all rules. */
  names(): string[] {
    return [...this.#rules.keys()];
  }

  /** A rule in its canonical form; undefined when there is none of this name. */
  print(name: string): string | undefined {
    const found = this.#rules.get(name);
    return found === undefined ? undefined : printCheck(found.check);
  }
}

function parse(name: string, source: unknown, origin: RuleOrigin | undefined): Check {
  try {
    return parseRule(source);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PolicyError(
      error.message,
      { rule: name, ...(origin === undefined ? {} : { origin }) },
      { cause: error },
    );
  }
}

/** A check without an answer refuses. Too deep recursion is one, as in a rule with thousands of parentheses. */
function refuse(error: unknown): false {
  if (error instanceof CheckError || error instanceof RangeError) return false;
  throw error;
}
