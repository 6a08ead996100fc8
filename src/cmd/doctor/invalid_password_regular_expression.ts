import { compilePythonRegex, PythonRegexError } from '../../common/python_regex.js';
import type { Symptom } from './symptom.js';

export const invalidPasswordRegex: Symptom = {
  name: 'invalid_password_regular_expression',
  what: 'The expression that passwords must match is none.',
  why: 'No password can be set.',
  advice: 'Correct [security_compliance] password_regex.',
  look({
    conf: {
      security_compliance: { password_regex: pattern },
    },
  }) {
    if (pattern === null || pattern === '') return [];
    try {
      compilePythonRegex(pattern, 'match');
      return [];
    } catch (error) {
      if (error instanceof PythonRegexError)
        return [`[security_compliance] password_regex: ${error.message}`];
      throw error;
    }
  },
  inProblems: (problems) =>
    problems.filter(({ place }) => place.option === 'password_regex').map(({ message }) => message),
};
