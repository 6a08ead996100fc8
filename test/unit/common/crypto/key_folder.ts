import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FernetKey } from '../../../../src/common/crypto/fernet.js';

/** Key files in a folder of their own, removed by `remove`. */
export class KeyFolder {
  private constructor(readonly path: string) {}

  static async create(): Promise<KeyFolder> {
    return new KeyFolder(await mkdtemp(join(tmpdir(), 'keys-')));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Write a key file; a new key when no text is given. */
  async put(name: string, text: string = FernetKey.generate().text): Promise<string> {
    await writeFile(this.file(name), text, { mode: 0o600 });
    return text;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
