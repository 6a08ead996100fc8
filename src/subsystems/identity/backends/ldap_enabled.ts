/** Whether a user is enabled, by an attribute: as it stands, inverted, or by a bit of a number. */
import type { LdapConf } from './ldap_mapping.js';

export interface EnabledRule {
  /** @param value of the attribute; undefined when the user has none */
  isEnabled(value: string | undefined): boolean;
  /** The value to write. @param value that is there now; undefined for a new user, or one without */
  valueFor(enabled: boolean, value: string | undefined): string;
}

/** As `user_enabled_mask`, `user_enabled_invert` and `user_enabled_default` say. */
export function enabledRule(options: LdapConf): EnabledRule {
  const { user_enabled_default: fallback, user_enabled_mask: mask } = options;
  if (mask !== 0) return maskRule(mask, fallback);
  const invert = options.user_enabled_invert;
  return {
    isEnabled: (value) => isTrue(value ?? fallback) !== invert,
    valueFor: (enabled) => (enabled !== invert ? 'TRUE' : 'FALSE'),
  };
}

/** Active Directory: the bit says that the account is disabled; the others are kept. */
function maskRule(mask: number, fallback: string): EnabledRule {
  const number = (value: string | undefined): number => {
    const parsed = wholeNumber(value) ?? wholeNumber(fallback);
    return parsed ?? 0;
  };
  return {
    isEnabled: (value) => (number(value) & mask) !== mask,
    valueFor: (enabled, value) => String(enabled ? number(value) & ~mask : number(value) | mask),
  };
}

function wholeNumber(value: string | undefined): number | null {
  return value !== undefined && /^\s*-?\d+\s*$/.test(value) ? Number(value) : null;
}

/** FALSE in any case and 0 are false; directories without booleans have all sorts of words for true. */
function isTrue(value: string): boolean {
  const word = value.trim().toLowerCase();
  return word !== 'false' && word !== '' && wholeNumber(word) !== 0;
}
