/** What names, flags and passwords must be like. Source: Identity API v3; `[security_compliance]`. */
import { PasswordValidationError, ValidationError } from '../../common/errors.js';
import { getLogger } from '../../common/log/index.js';
import { compilePythonRegex, PythonRegexError } from '../../common/python_regex.js';
import type { Conf } from '../../conf/index.js';

const log = getLogger('keystone.identity');

const USER_NAME_LENGTH = 255;
const GROUP_NAME_LENGTH = 64;

/** @returns the name without the blanks around it. @throws ValidationError when it is blank, too long or no text */
export function userName(name: unknown): string {
  return checkedName('User', name, USER_NAME_LENGTH);
}

/** @returns the name without the blanks around it. @throws ValidationError when it is blank, too long or no text */
export function groupName(name: unknown): string {
  return checkedName('Group', name, GROUP_NAME_LENGTH);
}

function checkedName(entity: string, name: unknown, most: number): string {
  if (typeof name !== 'string') throw new ValidationError(`${entity} name is not a str or unicode`);
  const trimmed = name.trim();
  if (trimmed === '') throw new ValidationError(`${entity} name cannot be empty.`);
  // Columns count characters, not code units.
  if (trimmed.length > most && Array.from(trimmed).length > most) {
    throw new ValidationError(`${entity} name should not be greater than ${most} characters.`);
  }
  return trimmed;
}

/** @throws ValidationError when it is not a boolean */
export function userEnabled(enabled: unknown): boolean {
  if (typeof enabled !== 'boolean') throw new ValidationError('User enabled is not a boolean');
  return enabled;
}

/**
 * The check of new passwords against `[security_compliance] password_regex`, a regular expression in Python's syntax
 * that must match from the beginning of the password.
 * @returns a function that throws PasswordValidationError; every password is refused when the expression is invalid
 */
export function passwordRule(
  options: Pick<Conf['security_compliance'], 'password_regex' | 'password_regex_description'>,
): (password: unknown) => void {
  const { password_regex: pattern, password_regex_description: description } = options;
  if (pattern === null || pattern === '') return () => undefined;
  let regex: RegExp | null = null;
  try {
    regex = compilePythonRegex(pattern, 'match');
  } catch (error) {
    if (!(error instanceof PythonRegexError)) throw error;
    log.error(`Unable to validate passwords: [security_compliance] password_regex: ${error.message}`);
  }
  const requirements =
    description === null
      ? 'The password does not meet the requirements'
      : `The password does not meet the requirements: ${description}`;
  return (password) => {
    if (typeof password !== 'string') {
      throw new PasswordValidationError({ detail: 'Password must be a string type' });
    }
    if (regex === null) {
      throw new PasswordValidationError({
        detail: 'Unable to validate password due to invalid configuration',
      });
    }
    regex.lastIndex = 0;
    if (!regex.test(password)) throw new PasswordValidationError({ detail: requirements });
  };
}
