/**
 * Certificates by which services check `pki` and `pkiz` tokens without asking. They are public, as certificates are.
 * Source: Identity API, OS-SIMPLE-CERT; `[signing] ca_certs` and `certfile`.
 */
import { CertificateFilesUnavailable } from '../../common/errors.js';
import type { ApiResult } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';
import { readPublicCertificates } from './certificate_file.js';

export class CertificateController {
  constructor(private readonly conf: Pick<Conf, 'signing'>) {}

  ca = (): Promise<ApiResult> => this.send('ca_certs');

  signing = (): Promise<ApiResult> => this.send('certfile');

  /** @throws CertificateFilesUnavailable when the file cannot be given out */
  private async send(option: 'ca_certs' | 'certfile'): Promise<ApiResult> {
    try {
      const body = await readPublicCertificates(this.conf.signing[option]);
      return { status: 200, body, contentType: 'application/x-pem-file' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CertificateFilesUnavailable(`[signing] ${option}: ${reason}`, { cause: error });
    }
  }
}
