/** One server looked at step by step, for people who set a directory up. */
import { type ConnectionOptions, LdapConnection } from './connection.js';
import type { LdapServer } from './options.js';

export interface ProbeStep {
  /** Of the server, as in the configuration. */
  readonly url: string;
  readonly step: 'connect' | 'tls' | 'bind';
  /** Null when it worked. */
  readonly error: Error | null;
  /** Who is asked for, or what was done. */
  readonly detail: string;
}

/** The steps up to the first that fails. */
export async function probeServer(
  server: LdapServer,
  options: ConnectionOptions,
  account: { readonly dn: string; readonly password: string } | null,
): Promise<ProbeStep[]> {
  const { url } = server;
  const steps: ProbeStep[] = [];
  const tried = async (
    step: ProbeStep['step'],
    detail: string,
    work: () => Promise<LdapConnection>,
  ): Promise<LdapConnection | null> => {
    try {
      const connection = await work();
      steps.push({ url, step, error: null, detail });
      return connection;
    } catch (error) {
      const failed = error instanceof Error ? error : new Error(String(error));
      steps.push({ url, step, error: failed, detail });
      return null;
    }
  };
  const where = server.path ?? `${server.host} port ${server.port}`;
  // TLS apart from the network, so that it is clear which of them fails.
  const plain = await tried('connect', where, () =>
    LdapConnection.open({ ...server, isSecure: false }, { ...options, startTls: false }),
  );
  plain?.close();
  if (plain === null) return steps;
  const kind = server.isSecure ? 'ldaps' : options.startTls ? 'StartTLS' : null;
  const open = (): Promise<LdapConnection> => LdapConnection.open(server, options);
  const connection = kind === null ? await open().catch(() => null) : await tried('tls', kind, open);
  if (connection === null) return steps;
  const who = account === null ? 'anonymous' : account.dn;
  const bound = await tried('bind', who, async () => {
    if (account !== null) await connection.bind(account.dn, account.password);
    return connection;
  });
  (bound ?? connection).close();
  return steps;
}
