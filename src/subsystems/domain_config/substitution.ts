/** `%(password)s` in the options of a domain: references to its sensitive options. */
import { getLogger } from '../../common/log/index.js';
import type { ConfigOption } from './types.js';

const log = getLogger('keystone.resource.domain_config');

/**
 * Fill references to sensitive options of the same domain into its other options. `%%` is a percent sign. A value
 * with a reference that nothing answers, or that is malformed, stays as it is, with a warning.
 */
export function substitute(domainId: string, options: readonly ConfigOption[]): ConfigOption[] {
  const secrets = new Map(
    options.filter((option) => option.sensitive).map((option) => [option.option, option.value]),
  );
  return options.map((option) => {
    if (option.sensitive || typeof option.value !== 'string') return option;
    const value = fill(option.value, secrets);
    if (value !== null) return { ...option, value };
    log.warn(
      `Found what looks like an unmatched or malformed config option substitution reference - domain: ${domainId},` +
        ` group: ${option.group}, option: ${option.option}. Perhaps the option to which it refers has yet to be added?`,
    );
    return option;
  });
}

/** @returns null when the text holds a reference that cannot be filled */
function fill(text: string, secrets: ReadonlyMap<string, unknown>): string | null {
  let failed = false;
  const filled = text.replace(/%(?:%|\((\w+)\)s)?/g, (whole, name: string | undefined) => {
    if (whole === '%%') return '%';
    const secret = name === undefined ? undefined : secrets.get(name);
    if (secret === undefined) failed = true;
    return String(secret);
  });
  return failed ? null : filled;
}
