/** The differences from Keystone 22 that are meant to be, each with the line of `docs/differences.md` that says so. */
import type { Difference } from './compare.js';

export interface Explanation {
  /** Where a line of `docs/differences.md` begins. */
  readonly line: string;
  matches(difference: Difference): boolean;
}

/** Attributes that releases after Newton added, where they are absent in ours. */
const LATER = /(^|[.\]])(options|tags|password_expires_at|membership_expires_at)$/;
/** What is in the answer to an error: other than its status it follows from that. */
const OF_ERROR = /^(status|error|error\.\w+|message|header (allow|content-type|www-authenticate)|)$/;
const WRITES_TO_ONE = /^PUT \/v3\/(users|groups|projects|domains|roles|services|policies)\/\{\w+\}$/;
const UNKNOWN_PATH = /^GET \/v3\/unknown$|\/roles\/inherited_to_projects$/;

/** Texts of Newton that Zed words in another way. */
const REWORDED = [
  /^"Expecting to find (\w+ in request body|methods in identity|.* in scope) - /,
  /name should not be greater than \d+ characters\."$/,
  /\.\.\. is too long"$/,
  /^"Conflict occurred attempting to store project /,
  /^"Cannot change ID"$/,
  /^"This is not a recognized Fernet token"$/,
  /^"Could not find role assignment with role: /,
];

/** A text of Zed without what it says more than Newton: the schema and the full stops. */
function plain(text: string): string {
  return text
    .replace(/\\n\\nFailed validating.*"$/s, '"')
    .replace(/\.+"$/, '"')
    .replace('. The server could not comply', ' - the server could not comply');
}

export const EXPLANATIONS: readonly Explanation[] = [
  {
    line: '- Texts of errors are Newton',
    matches: ({ where, first, second }) =>
      where === 'error.message' &&
      (plain(first) === plain(second) || REWORDED.some((text) => text.test(first))),
  },
  {
    line: '- Attributes that came after Newton are absent',
    matches: ({ step, where, first }) =>
      first === '(absent)' &&
      (LATER.test(where) || (/\/roles/.test(step) && /(^|\.|\])description$/.test(where))),
  },
  {
    line: '- A method that a path does not have gets 404',
    matches: ({ step, where }) =>
      (WRITES_TO_ONE.test(step) || UNKNOWN_PATH.test(step)) && OF_ERROR.test(where),
  },
  {
    line: '- `WWW-Authenticate` names the service without a version',
    matches: ({ where, first }) =>
      where === 'header www-authenticate' && first === '"Keystone uri=\\"{url}\\""',
  },
  {
    line: '- The list of versions has v2.0',
    matches: ({ step, where }) => step === 'GET /' || where === 'version.id' || where === 'version.updated',
  },
  {
    line: '- `bootstrap` makes the role of the first user alone',
    matches: ({ where }) => where === 'token.roles',
  },
  {
    line: '- Who may not do something learns nothing of what exists',
    matches: ({ step, where, first, second }) =>
      step.startsWith('DELETE') &&
      step.endsWith('/unknown') &&
      ((first === '403' && second === '404') ||
        (first === '"Forbidden"' && second === '"Not Found"') ||
        (where === 'error.message' && first.startsWith('"You are not authorized'))),
  },
  {
    line: '- The id of a domain cannot be changed',
    matches: ({ step }) => step === 'PATCH /v3/domains/{domain}',
  },
  {
    line: '- The methods that a refused sign-in is told',
    matches: ({ step, where, first }) =>
      where === 'error.identity.methods' ||
      (step === 'POST /v3/auth/tokens' && where === 'header www-authenticate' && first === '(absent)'),
  },
  {
    line: '- An implied role on its own has no link',
    matches: ({ step, where }) => /\/implies\/\{\w+\}$/.test(step) && where === 'links',
  },
  {
    line: '- Changing the own password needs a token',
    matches: ({ step, where }) => step.endsWith('/password') && OF_ERROR.test(where),
  },
];

/** Why the two differ here; undefined when nothing explains it. */
export function explanationOf(difference: Difference): Explanation | undefined {
  return EXPLANATIONS.find((explanation) => explanation.matches(difference));
}
