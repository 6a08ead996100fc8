/**
 * A policy for this pipeline alone: routes further in are decided by the files that the filter names, so that the
 * admin and the public stack can differ. And the watch over it: a route that answers without a decision answers 500.
 * (The applications watch as well, so that a pipeline without this filter is enforced by the service's own policy.)
 */
import { resolve } from 'node:path';
import { requestContext } from '../common/context.js';
import { requireDecision } from '../common/http/decision.js';
import {
  after,
  defineFilter,
  type FilterFactory,
  type OptionValues,
  type PipelineMiddleware,
} from '../pipeline/index.js';
import type { FilterServices } from './services.js';

const OPTIONS = {
  policy_file: {
    type: 'str',
    help: 'JSON or YAML, relative to the paste file; by default the policy of [oslo_policy] is in force.',
  },
  policy_dirs: { type: 'list', separator: ',', help: 'Folders of more files, relative to the paste file.' },
  policy_default_rule: { type: 'str', help: 'By default [oslo_policy] policy_default_rule.' },
} as const;

type Services = Pick<FilterServices, 'conf' | 'policy' | 'openPolicy' | 'rendering'>;

export function createFilter({
  conf,
  policy,
  openPolicy,
  rendering,
}: Services): FilterFactory<OptionValues<typeof OPTIONS>> {
  return defineFilter(
    { options: OPTIONS, requires: ['auth_context'], provides: ['policy'] },
    async (globalConf, options) => {
      const { policy_file: file, policy_dirs: folders = [], policy_default_rule: defaultRule } = options;
      if (file === undefined && (folders.length > 0 || defaultRule !== undefined)) {
        throw new Error('policy_dirs and policy_default_rule need a policy_file that they belong to');
      }
      const here = globalConf['here'] ?? '.';
      const own =
        file === undefined
          ? null
          : await openPolicy({
              policyFile: resolve(here, file),
              policyDirs: folders.map((folder) => resolve(here, folder)),
              defaultRule: defaultRule ?? conf.oslo_policy.policy_default_rule,
            });
      const authority = own ?? policy;
      const middleware: PipelineMiddleware = (ctx, next) => {
        requestContext(ctx).policy = authority;
        return after(next(), () => requireDecision(ctx, rendering));
      };
      return Object.assign(middleware, { dispose: () => own?.close() });
    },
  );
}
