/** Finding secrets in requests, and then in logs. scripts/test.mjs does the latter at the end of a run. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run notes its secrets, in the folder of its logs: a JSON string per line. */
export const SECRETS_FILE = 'secrets';

const FIELDS =
  /"(?:password|original_password|adminPass|secret|client_secret|user_secret|access_secret)"\s*:\s*"((?:[^"\\]|\\.)*)"/g;
const V2_TOKEN = /"token"\s*:\s*\{[^{}]*?"id"\s*:\s*"([^"\\]+)"/g;
const FORM = /(?:^|&)oauth_token_secret=([^&\s]+)/g;

/** Values of fields that are secret, in the text of a request or an answer. */
export function secretsIn(text: string): string[] {
  const found: string[] = [];
  // Once more for JSON within JSON: the blob of a credential.
  for (const layer of text.includes('\\"') ? [text, text.replaceAll('\\"', '"')] : [text]) {
    for (const pattern of [FIELDS, V2_TOKEN, FORM]) {
      for (const [, value = ''] of layer.matchAll(pattern)) found.push(unescaped(value));
    }
  }
  return found;
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/**
 * Whether a text can be searched for at all: a short one, a plain word such as "password", or one that is made of a few
 * characters only (an id of zeros) is found in any log.
 */
export function isSearchable(text: string): boolean {
  return (
    text.length >= 8 && new Set(text).size >= 5 && !/^[A-Za-z_ -]+$/.test(text) && !/[\0\r\n]/.test(text)
  );
}

export interface Search {
  /** How many were searched for. */
  readonly secrets: number;
  /** How much was searched. */
  readonly bytes: number;
  /** `FILE:LINE:text`, the secret replaced. */
  readonly findings: readonly string[];
}

/** Search all logs of a folder for the secrets that are noted in it. */
export function searchLogs(folder: string): Search {
  const noted = join(folder, SECRETS_FILE);
  const texts = existsSync(noted)
    ? readFileSync(noted, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];
  const secrets = [...new Set(texts.map((line) => JSON.parse(line) as string))].filter(isSearchable);
  const logs = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder, name));
  const bytes = logs.reduce((sum, path) => sum + statSync(path).size, 0);
  if (secrets.length === 0 || logs.length === 0) return { secrets: secrets.length, bytes, findings: [] };
  const patterns = join(folder, 'patterns');
  const forms = secrets.flatMap((secret) => [...new Set([secret, encodeURIComponent(secret)])]);
  writeFileSync(patterns, `${forms.join('\n')}\n`);
  // Thousands of texts at once, in one pass.
  const args = ['-a', '-n', '-H', '-F', '-f', patterns, ...logs];
  const { status, stdout, stderr, error } = spawnSync('grep', args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (error !== undefined || status === null || status > 1) {
    return { secrets: secrets.length, bytes, findings: [`grep failed: ${error?.message ?? stderr}`] };
  }
  const findings = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => forms.reduce((shown, form) => shown.replaceAll(form, '<SECRET>'), line.slice(0, 2000)));
  return { secrets: secrets.length, bytes, findings };
}
