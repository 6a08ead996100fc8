/** Certificates by which services check signed tokens, as they are given to everybody. */
import { readFile } from 'node:fs/promises';

/**
 * The content of a file of certificates.
 * @throws Error saying why it cannot be given out, with no more of it than its path
 */
export async function readPublicCertificates(path: string): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Error(`${path} cannot be read (${code})`, { cause: error });
  }
  // Some programs want key and certificate in one file: that is not for everybody.
  if (content.includes('PRIVATE KEY-----')) throw new Error(`${path} holds a private key`);
  return content;
}
