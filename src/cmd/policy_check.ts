import { readFile } from 'node:fs/promises';
import { DataError, flatTarget, flatten, readMapping, renderTrace } from '../common/policy/index.js';
import { loadPolicyStore } from '../server/policy_store.js';
import { CommandError, type ManageCommand } from './command.js';

interface PolicyCheckOptions {
  readonly rule: string;
  readonly credentials: string;
  readonly target?: string;
}

/** A mapping from a JSON or YAML file. */
async function readData(option: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(
      `${option}: ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ''}`,
      {
        cause: error,
      },
    );
  }
  try {
    return readMapping(text).values;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const line = error.line === undefined ? '' : `:${error.line}`;
    throw new CommandError(`${option}: ${path}${line}: ${error.message}`, { cause: error });
  }
}

export const policyCheck: ManageCommand = {
  group: 'policy',
  name: 'check',
  summary: 'say what policy decides, and why',
  details:
    'Decide a rule with the policy in force ([oslo_policy]) and print the decision and the rule as a tree with the value' +
    ' of every check; what stands in parentheses was not needed. Nothing is changed, and no other server is asked.' +
    '\n\nCredentials are what a token says of its user: user_id, project_id, domain_id, roles (names), is_admin_project,' +
    ' and what the rules use besides. The target is what the request is about: variables of the path such as user_id,' +
    ' and the stored entity under "target", as in {"user_id": "…", "target": {"user": {"domain_id": "…"}}}.' +
    '\n\nThe exit status is 0 whatever the decision is.',
  examples: [
    [
      'policy check --rule identity:get_user --credentials caller.json --target user.json',
      'may this caller show this user?',
    ],
  ],
  configure(command, run) {
    command
      .requiredOption('--rule <name>', 'rule, such as identity:list_users')
      .requiredOption('--credentials <file>', 'JSON or YAML file with the credentials of the caller')
      .option('--target <file>', 'JSON or YAML file with the target (default: empty)')
      .action((options: PolicyCheckOptions) =>
        run(async ({ loadConf, output }) => {
          const store = await loadPolicyStore(loadConf());
          try {
            const credentials = await readData('--credentials', options.credentials);
            const values = options.target === undefined ? {} : await readData('--target', options.target);
            const trace = await store
              .current()
              .explain(options.rule, flatTarget(flatten(values)), credentials);
            output.line(`${options.rule}: ${trace.result === true ? 'allowed' : 'refused'}`);
            output.line(renderTrace(trace));
          } finally {
            store.close();
          }
        }),
      );
  },
};
