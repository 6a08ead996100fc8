/** A service that is protected by python-keystonemiddleware. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findPython, needed } from '../support/reference/python.js';

export interface ProtectedService {
  /** What the service tells a caller with this token. */
  ask(
    token: string | null,
  ): Promise<{ readonly status: number; readonly text: string; readonly challenge: string | null }>;
  stop(): Promise<void>;
}

/** Skips the caller's tests when the middleware is not installed. @param context `this` of the mocha hook */
export function pythonOfMiddleware(context: Mocha.Context): string {
  const missing = 'package python3-keystonemiddleware is not installed';
  return needed(context, findPython(['keystonemiddleware.auth_token']), missing);
}

/** @param user the service's own: a user who may validate tokens */
export async function startProtected(
  python: string,
  url: string,
  user: Readonly<Record<'name' | 'password' | 'project', string>>,
): Promise<ProtectedService> {
  const script = join(import.meta.dirname, 'service.py');
  const child = spawn(python, [script, url, user.name, user.password, user.project], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { value: port, done } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (done === true) throw new Error('the protected service ended');
  return {
    async ask(token) {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        headers: token === null ? {} : { 'X-Auth-Token': token },
      });
      return {
        status: response.status,
        text: await response.text(),
        challenge: response.headers.get('WWW-Authenticate'),
      };
    },
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
