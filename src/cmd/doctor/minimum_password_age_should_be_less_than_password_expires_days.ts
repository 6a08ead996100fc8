import { foundIf, type Symptom } from './symptom.js';

export const minimumPasswordAge: Symptom = {
  name: 'minimum_password_age_should_be_less_than_password_expires_days',
  what: 'A password expires before it may be changed.',
  why: 'Users whose password has expired could not help themselves.',
  advice: 'Set [security_compliance] minimum_password_age below password_expires_days.',
  look({
    conf: {
      security_compliance: { minimum_password_age: age, password_expires_days: days },
    },
  }) {
    const expires = days ?? 0;
    return foundIf(
      age > 0 && expires > 0 && age >= expires,
      `minimum_password_age is ${age}, password_expires_days ${expires}`,
    );
  },
};
