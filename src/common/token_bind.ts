/** Enforcement of token binding. Source: `[token] enforce_token_bind`. */
import type { RemoteIdentity } from './context.js';
import { Unauthorized } from './errors.js';

/**
 * @param mode `disabled`, `permissive`, `strict`, `required`, or the name of a bind that must be there
 * @throws Unauthorized when the caller is not the one that the token is bound to
 */
export function assertTokenBind(
  mode: string,
  bind: Readonly<Record<string, string>> | undefined,
  remote: RemoteIdentity | null,
): void {
  if (mode === 'disabled') return;
  const lenient = mode === 'permissive' || mode === 'strict';
  const binds = Object.entries(bind ?? {});
  if (binds.length === 0) {
    if (lenient) return;
    throw new Unauthorized('No bind information present in token');
  }
  if (!lenient && mode !== 'required' && !binds.some(([type]) => type === mode)) {
    throw new Unauthorized(`Named bind mode ${mode} not in bind information`);
  }
  for (const [type, identifier] of binds) {
    if (type === 'kerberos') assertKerberos(identifier, remote);
    else if (mode !== 'permissive') throw new Unauthorized(`Could not verify unknown bind: ${type}`);
  }
}

function assertKerberos(identifier: string, remote: RemoteIdentity | null): void {
  if (remote?.authType?.toLowerCase() !== 'negotiate') {
    throw new Unauthorized('Kerberos credentials required and not present');
  }
  if (remote.user !== identifier) throw new Unauthorized('Kerberos credentials do not match those in bind');
}
