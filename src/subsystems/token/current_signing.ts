/**
 * The key that new tokens are signed with, while its files may be replaced: `keystone-manage pki_setup --rebuild`, or a
 * certificate that is renewed. Services get the certificates as they are now, so tokens have to go with these.
 */
import { stat } from 'node:fs/promises';
import type { Signer } from '../../common/crypto/cms/index.js';
import { getLogger } from '../../common/log/index.js';
import type { Conf } from '../../conf/index.js';
import { readSigning, SigningError } from './signing.js';

type SigningConf = Pick<Conf['signing'], 'keyfile' | 'certfile' | 'ca_certs'>;

const log = getLogger('keystone.token');

export class CurrentSigning {
  private reading: Promise<void> | null = null;

  private constructor(
    private readonly conf: SigningConf,
    private readonly placeOf: ((section: string, option: string) => string) | undefined,
    private current: Signer,
    /** What the files looked like before they were read. */
    private seen: string,
  ) {}

  /** @param placeOf as for `readSigning` @throws SigningError */
  static async open(
    conf: SigningConf,
    placeOf?: (section: string, option: string) => string,
  ): Promise<CurrentSigning> {
    const seen = await lookAt(conf);
    return new CurrentSigning(conf, placeOf, (await readSigning(conf, placeOf)).signer, seen);
  }

  /**
   * What there is to sign with now. Files that were replaced count as soon as they fit together; until then, those from
   * before do.
   */
  async signer(): Promise<Signer> {
    const found = await lookAt(this.conf);
    if (found !== this.seen) {
      this.reading ??= this.readAgain(found).finally(() => (this.reading = null));
      await this.reading;
    }
    return this.current;
  }

  private async readAgain(found: string): Promise<void> {
    try {
      this.current = (await readSigning(this.conf, this.placeOf)).signer;
      log.info('The files of [signing] were replaced: new tokens are signed with the new key');
    } catch (error) {
      if (!(error instanceof SigningError)) throw error;
      log.warn(`Tokens are still signed with the key from before: ${error.message}`);
    }
    this.seen = found;
  }
}

/** Changes with the files: one that is missing looks like no other. */
async function lookAt(conf: SigningConf): Promise<string> {
  const looks = await Promise.all(
    [conf.keyfile, conf.certfile, conf.ca_certs].map(async (path) => {
      try {
        const { ino, size, ctimeMs } = await stat(path);
        return [ino, size, ctimeMs].join(' ');
      } catch (error) {
        return String((error as NodeJS.ErrnoException).code);
      }
    }),
  );
  return looks.join('\n');
}
