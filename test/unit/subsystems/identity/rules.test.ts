import { expect } from 'chai';
import { PasswordValidationError, ValidationError } from '../../../../src/common/errors.js';
import { groupName, passwordRule, userEnabled, userName } from '../../../../src/subsystems/identity/rules.js';

type Options = Parameters<typeof passwordRule>[0];

function options(regex: string | null, description: string | null = null): Options {
  return { password_regex: regex, password_regex_description: description };
}

describe('identity/rules', () => {
  describe('names', () => {
    it('lose the blanks around them', () => {
      expect(userName('  alice\t')).to.equal('alice');
    });

    it('may be as long as their column, counted in characters', () => {
      expect(userName('😀'.repeat(255))).to.have.length(510);
      expect(() => userName('a'.repeat(256))).to.throw(ValidationError, 'greater than 255');
      expect(groupName('g'.repeat(64))).to.have.length(64);
      expect(() => groupName('g'.repeat(65))).to.throw(ValidationError, 'greater than 64');
    });

    it('must be texts that are not blank', () => {
      expect(() => userName(' \n')).to.throw(ValidationError, 'cannot be empty');
      expect(() => userName(7)).to.throw(ValidationError, 'not a str');
    });
  });

  it('take only booleans for enabled', () => {
    expect(userEnabled(false)).to.equal(false);
    for (const wrong of [null, 'true', 1]) expect(() => userEnabled(wrong)).to.throw(ValidationError);
  });

  describe('password_regex', () => {
    it('allows every password when it is not set', () => {
      for (const regex of [null, '']) expect(() => passwordRule(options(regex))(null)).not.to.throw();
    });

    it('must match from the beginning', () => {
      const check = passwordRule(options('[a-z]+\\d'));
      expect(() => check('abc1')).not.to.throw();
      expect(() => check('abc1')).not.to.throw();
      expect(() => check('1abc1')).to.throw(PasswordValidationError);
    });

    it('shows the description and never the password', () => {
      const check = passwordRule(options('\\d', 'begin with a digit'));
      expect(() => check('hunter2'))
        .to.throw(PasswordValidationError, 'The password does not meet the requirements: begin with a digit')
        .with.property('message')
        .that.does.not.contain('hunter2');
    });

    it('refuses what is no text', () => {
      expect(() => passwordRule(options('.*'))(null)).to.throw(PasswordValidationError, 'must be a string');
    });

    it('refuses every password when the expression is invalid', () => {
      expect(() => passwordRule(options('(['))('Passw0rd')).to.throw(
        PasswordValidationError,
        'invalid configuration',
      );
    });
  });
});
