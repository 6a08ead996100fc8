import { foundIf, type Symptom } from './symptom.js';

export const passwordRegexDescription: Symptom = {
  name: 'password_regular_expression_description_not_set',
  what: 'Nobody is told what a password must be like.',
  why: 'Users whose password is refused cannot know why.',
  advice: 'Set [security_compliance] password_regex_description.',
  look: ({
    conf: {
      security_compliance: { password_regex: pattern, password_regex_description: text },
    },
  }) =>
    foundIf(
      (pattern ?? '') !== '' && (text ?? '') === '',
      'password_regex is set, password_regex_description is not',
    ),
};
