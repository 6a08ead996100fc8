/** Passwords in a directory: the directory checks them, by a bind as the user. */
import { randomBytes } from 'node:crypto';
import { NotImplemented, Unauthorized, UserDisabled, ValidationError } from '../../../common/errors.js';
import { apiError, type LdapDirectory } from '../../../common/ldap/index.js';
import type { PasswordDriver, PreparedPassword } from '../driver.js';
import type { LdapConf } from './ldap_mapping.js';
import type { LdapUsers } from './ldap_users.js';

export class LdapPasswords implements PasswordDriver {
  constructor(
    private readonly directory: LdapDirectory,
    private readonly users: LdapUsers,
    private readonly options: LdapConf,
  ) {}

  async authenticate(userId: string, password: string): Promise<void> {
    const entry = await this.users.entryOrNull(userId);
    // The same questions are asked of the directory whether the user exists or not.
    const isRight = await this.check(entry?.dn ?? this.nobody(), password);
    if (entry === null || !isRight) throw new Unauthorized('Invalid user / password');
    if (!(await this.users.isEnabled(entry))) throw new UserDisabled({ user_id: userId });
  }

  async pretend(password: string): Promise<void> {
    await this.users.entryOrNull(randomBytes(16).toString('hex'));
    await this.check(this.nobody(), password);
  }

  /** The directory hashes passwords, where it is set up so. */
  prepare(password: string | null): Promise<PreparedPassword> {
    if (password === '' || password?.includes('\0') === true) {
      const text = 'The directory cannot hold a password that is empty or has a NUL character';
      return Promise.reject(new ValidationError(text));
    }
    return Promise.resolve({ stored: password });
  }

  prepareOwn(): Promise<PreparedPassword> {
    return Promise.reject(this.notHere());
  }

  changeOwn(): Promise<void> {
    return Promise.reject(this.notHere());
  }

  private async check(dn: string, password: string): Promise<boolean> {
    try {
      return await this.directory.checkBind(dn, password);
    } catch (error) {
      throw apiError(error, 'LDAP user authenticate');
    }
  }

  /** A name that nobody has. */
  private nobody(): string {
    const { user_id_attribute: attribute } = this.options;
    return `${attribute || 'cn'}=${randomBytes(16).toString('hex')},${this.users.tree.options.base}`;
  }

  private notHere(): Error {
    return new NotImplemented('Self-service user password changes are not implemented for LDAP.');
  }
}

/** What is written for a password: none for null. Active Directory takes it in quotes, as UTF-16. */
export function passwordValue(attribute: string, { stored }: PreparedPassword): (string | Buffer)[] {
  if (stored === null) return [];
  return attribute.toLowerCase() === 'unicodepwd' ? [Buffer.from(`"${stored}"`, 'utf16le')] : [stored];
}
