/** The oslo.policy rule language and its enforcer. Knows nothing of routes, requests or Koa. */
export type { Answer, Credentials } from './compile.js';
export { type MappingText, readMapping } from './data.js';
export { DEFAULT_RULES } from './defaults.js';
export { CheckError, DataError, describeOrigin, PolicyError, type RuleOrigin } from './errors.js';
export { type CompileOptions, Policy, type Rule, type RuleSource } from './policy.js';
export type { PolicyProblem } from './problems.js';
export { httpCheck, type RemoteCheck, type RemoteOptions, type RemoteQuestion } from './remote.js';
export { type PolicyLog, type PolicyStatus, PolicyStore, type StoreOptions } from './store.js';
export {
  buildTarget,
  flatTarget,
  flatten,
  type Target,
  type TargetKey,
  type TargetSources,
} from './target.js';
export { type ExplainOptions, type PolicyTrace, renderTrace } from './trace.js';
