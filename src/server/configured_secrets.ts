/** The secrets that the configuration holds, so that no line of the log shows one by accident. */
import type { OptionDeclaration } from '../common/config/declaration.js';
import { parseSqlUrl } from '../common/sql/sqlalchemy_url.js';
import { type LoadedConf, SECTIONS } from '../conf/index.js';

/** Values of all options that are declared secret and are set, and the passwords within addresses. */
export function configuredSecrets(loaded: LoadedConf): string[] {
  const secrets: string[] = [];
  for (const [section, { options }] of Object.entries(SECTIONS)) {
    const values = loaded.conf[section as keyof typeof SECTIONS] as Readonly<Record<string, unknown>>;
    for (const [name, declaration] of Object.entries<OptionDeclaration>(options)) {
      const value = values[name];
      if (declaration.secret !== true) continue;
      if (Array.isArray(value)) secrets.push(...value.flatMap((item) => passwordInArgument(String(item))));
      if (typeof value !== 'string' || value === declaration.default) continue;
      if (value.includes('://')) secrets.push(...passwordIn(value));
      else secrets.push(value);
    }
  }
  return secrets;
}

/** The password of a URL; the rest of it may be shown. */
function passwordIn(url: string): string[] {
  try {
    const { password } = parseSqlUrl(url);
    return password === null ? [] : [password];
  } catch {
    return [url];
  }
}

/** The password in `NAME:VALUE` (`[cache] backend_argument`), of which most hold none: nothing else is a secret there. */
function passwordInArgument(argument: string): string[] {
  const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(argument) ?? [];
  if (/passw|secret/i.test(name)) return [value.trim()];
  const [, password] = /^(?:[^/]*:\/\/)?[^/@]*?:([^/@]+)@/.exec(value.trim()) ?? [];
  return password === undefined ? [] : [decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
