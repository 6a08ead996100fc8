/** Trust in the certificates of directory servers: `tls_cacertfile`, `tls_cacertdir`, `tls_req_cert`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { LdapOptionError } from './errors.js';

export interface TlsOptions {
  readonly caFile: string | null;
  /** Not looked at when there is a file. */
  readonly caFolder: string | null;
  /** Whether a certificate that cannot be trusted ends the connection. */
  readonly verify: boolean;
  /** Files are looked at only when there is TLS. */
  readonly isUsed: boolean;
}

/** What is trusted now: files that are renewed count from the next connection on. */
export class Trust {
  private context: SecureContext | null = null;
  private state = '';

  /** @throws LdapOptionError when a file or folder is missing or holds no certificates */
  constructor(private readonly options: TlsOptions) {
    if (options.isUsed) this.secureContext();
  }

  /** @param socket a connection to take into TLS; without one it is opened. Errors come as events. */
  connect(host: string, port: number, socket?: Socket): TLSSocket {
    return connect({
      host,
      port,
      ...(socket !== undefined && { socket }),
      ...(isIP(host) === 0 && { servername: host }),
      secureContext: this.secureContext(),
      rejectUnauthorized: this.options.verify,
    });
  }

  private secureContext(): SecureContext {
    const files = this.files();
    const state = files.map((file) => `${file}:${statSync(file).mtimeMs}`).join();
    if (this.context === null || state !== this.state) {
      const ca = files.map((file) => readFileSync(file, 'utf8')).filter((text) => /BEGIN /.test(text));
      if (files.length > 0 && ca.length === 0) {
        throw new LdapOptionError(`[ldap] ${this.option()}: holds no certificates (PEM)`);
      }
      try {
        this.context = createSecureContext(ca.length === 0 ? {} : { ca });
      } catch (error) {
        throw new LdapOptionError(`[ldap] ${this.option()}: ${(error as Error).message}`, { cause: error });
      }
      this.state = state;
    }
    return this.context;
  }

  private option(): string {
    const { caFile, caFolder } = this.options;
    return caFile === null ? `tls_cacertdir = ${caFolder}` : `tls_cacertfile = ${caFile}`;
  }

  private files(): string[] {
    const { caFile, caFolder } = this.options;
    if (caFile !== null) {
      if (statSync(caFile, { throwIfNoEntry: false })?.isFile() !== true) {
        throw new LdapOptionError(`[ldap] tls_cacertfile = ${caFile}: not found, or no file`);
      }
      return [caFile];
    }
    if (caFolder === null) return [];
    if (statSync(caFolder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new LdapOptionError(`[ldap] tls_cacertdir = ${caFolder}: not found, or no folder`);
    }
    return readdirSync(caFolder)
      .sort()
      .map((name) => join(caFolder, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  }
}
