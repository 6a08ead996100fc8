/** Which rules of the policy files count. */
import { DEFAULT_RULES, type Policy, PolicyError } from '../../common/policy/index.js';
import type { LoadedConf } from '../../conf/index.js';
import { loadPolicyStore } from '../../server/policy_store.js';
import { differs, type Finding, ignored, problem, used } from './finding.js';

/** Names shown of a list that may be long. */
const SHOWN = 5;

export async function inspectPolicy(loaded: LoadedConf): Promise<readonly Finding[]> {
  const said: Finding[] = [];
  try {
    const store = await loadPolicyStore(loaded, (level, message) => {
      if (level !== 'info') said.push(differs(message));
    });
    store.close();
    const { files, overridden, rules } = store.status();
    return [
      ...(files.length === 0
        ? [differs("no policy file was found: Newton's rules are in force, not those of a later release")]
        : files.map((file) => used(`file ${file}`))),
      used(`${overridden} rules of files, ${rules} with the built-in ones`),
      ...said,
      ...rulesOfLater(store.current()),
    ];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return [problem(error.message)];
  }
}

function rulesOfLater(policy: Policy): Finding[] {
  const own = policy.names().filter((name) => policy.rule(name)?.origin !== undefined);
  const unknown = own.filter((name) => name.startsWith('identity:') && !Object.hasOwn(DEFAULT_RULES, name));
  const system = own.filter((name) => String(policy.rule(name)?.source).includes('system_scope:'));
  return [
    ...(unknown.length === 0 ? [] : [ignored(`rules for what is not here: ${namesOf(unknown)}`)]),
    ...(system.length === 0
      ? []
      : [
          differs(
            `rules that ask for a token for the system, which nobody can have here: ${namesOf(system)}`,
          ),
        ]),
  ];
}

function namesOf(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
