import type { Setting } from './context.js';

/** Does the name of a setting say that its value is not for everybody's eyes? */
export function isSecretName(name: string): boolean {
  return /pass(?:word|wd|phrase)?$|^pass|secret|token$|credential|(?:^|_)keys?$/i.test(name);
}

/** The password of a URL: `scheme://user:PASSWORD@host`. */
const urlPassword = /(:\/\/[^\s:/@]*:)[^\s@]+(?=@)/g;

/**
 * The value of a setting as people may see it: `***` when its name, or the name of a setting that it was made from, says
 * that it is secret; without the passwords of URLs.
 *
 * @param declared the option is declared to be secret
 */
export function shownValue(name: string, setting: Setting, declared = false): string {
  const names = [
    name,
    ...(setting.via === undefined ? [] : [setting.via.name]),
    ...(setting.uses ?? []).map((use) => use.name),
  ];
  if (declared || names.some(isSecretName)) return '***';
  return setting.value.replace(urlPassword, '$1***');
}
