/**
 * Certificates by which services check `pki` and `pkiz` tokens without asking. They are public, as certificates are.
 * Source: Identity API, OS-SIMPLE-CERT; `[signing] ca_certs` and `certfile`.
 */
import { readFile } from 'node:fs/promises';
import { CertificateFilesUnavailable } from '../../common/errors.js';
import type { ApiResult } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';

export class CertificateController {
  constructor(private readonly conf: Pick<Conf, 'signing'>) {}

  ca = (): Promise<ApiResult> => this.send('ca_certs');

  signing = (): Promise<ApiResult> => this.send('certfile');

  /** @throws CertificateFilesUnavailable when the file cannot be read */
  private async send(option: 'ca_certs' | 'certfile'): Promise<ApiResult> {
    const path = this.conf.signing[option];
    try {
      return { status: 200, body: await readFile(path), contentType: 'application/x-pem-file' };
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      throw new CertificateFilesUnavailable(`[signing] ${option} = ${path} cannot be read (${code})`, {
        cause: error,
      });
    }
  }
}
