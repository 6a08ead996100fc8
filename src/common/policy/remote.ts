/** Checks that another server decides: `http://…` and `https://…`. */
import { CheckError } from './errors.js';
import { isPlainObject } from './py_value.js';

/** What the other server is told. Passwords and secrets are left out. */
export interface RemoteQuestion {
  readonly url: string;
  /** Name of the rule that was asked for, such as `identity:get_user`. */
  readonly rule: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** Asks the other server. Anything but a clear yes must be false or a rejection; both refuse. */
export type RemoteCheck = (question: RemoteQuestion) => Promise<boolean>;

export interface RemoteOptions {
  /** Milliseconds for the whole exchange. */
  readonly timeout?: number;
  /** Of the request: a form whose fields hold JSON, or one JSON document. */
  readonly contentType?: 'application/x-www-form-urlencoded' | 'application/json';
}

const MAX_ANSWER = 64;
const SECRET = /(?:^|[._])(?:password|secret|blob|passcode|access_token|private_key)$/u;

/** Whether a value of this name is a secret, by its last word. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/**
 * A check by HTTP POST, as oslo.policy sends it: fields `rule`, `target` and `credentials`. The answer is yes when the
 * status is 2xx and the body is `True`, in double quotes or not. Redirects, time-outs and any failure refuse.
 */
export function httpCheck(options: RemoteOptions = {}): RemoteCheck {
  const { timeout = 5000, contentType = 'application/x-www-form-urlencoded' } = options;
  return async ({ url, rule, target, credentials }) => {
    const question = { rule, target: withoutSecrets(target), credentials: withoutSecrets(credentials) };
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
      headers: { 'content-type': contentType },
      body: contentType === 'application/json' ? JSON.stringify(question) : form(question),
    });
    const answer = await readAnswer(response);
    return response.ok && answer.replaceAll(/^"+|"+$/gu, '') === 'True';
  };
}

/**
 * Ask, and turn every failure into a refusal that says which server failed.
 * @throws CheckError (as a rejection)
 */
export async function askRemote(check: RemoteCheck, question: RemoteQuestion): Promise<boolean> {
  try {
    return await check(question);
  } catch (error) {
    throw new CheckError(`no answer from ${originOf(question.url)}: ${reasonOf(error)}`, { cause: error });
  }
}

function form(question: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(question).map(([name, value]): [string, string] => [
    name,
    JSON.stringify(value),
  ]);
  return new URLSearchParams(fields).toString();
}

/** The body, cut off where it can no longer be a yes. */
async function readAnswer(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) throw new Error('the answer is too long');
  }
  return text;
}

function withoutSecrets(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (isSecretName(name)) continue;
    kept[name] = isPlainObject(value) ? withoutSecrets(value) : value;
  }
  return kept;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the address of the rule';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
