/** Whether the key repositories hold keys that this service can use. */
import { FernetKey } from '../../common/crypto/fernet.js';
import { type KeyFile, readKeyFiles, repositoryProblem } from '../../common/crypto/key_files.js';
import type { Conf, LoadedConf } from '../../conf/index.js';
import { readSigning, SigningError } from '../../server/signing_files.js';
import { differs, type Finding, problem, used } from './finding.js';

export async function inspectKeys({ conf }: LoadedConf): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (conf.token.provider === 'fernet') {
    findings.push(...(await inspectRepository('fernet_tokens', conf.fernet_tokens.key_repository, 'tokens')));
  } else if (conf.token.provider === 'pki' || conf.token.provider === 'pkiz') {
    findings.push(await inspectSigning(conf.signing));
  } else {
    findings.push(used(`[token] provider = ${conf.token.provider} needs no keys`));
  }
  const { key_repository: credentialKeys } = conf.credential;
  if ((await repositoryProblem(credentialKeys, { write: false })) === null) {
    findings.push(...(await inspectRepository('credential', credentialKeys, 'credentials')));
  } else {
    findings.push(
      differs(
        `[credential] key_repository = ${credentialKeys} is not there: credentials have the key that everybody knows`,
      ),
    );
  }
  return findings;
}

async function inspectSigning(signing: Conf['signing']): Promise<Finding> {
  try {
    await readSigning(signing);
    return used(`[signing] keyfile = ${signing.keyfile} and certfile = ${signing.certfile} sign tokens`);
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    return problem(error.message);
  }
}

async function inspectRepository(section: string, path: string, what: string): Promise<readonly Finding[]> {
  const place = `[${section}] key_repository = ${path}`;
  const wrong = await repositoryProblem(path, { write: false });
  if (wrong !== null) return [problem(`${place} ${wrong}`)];
  const { files, worldReadable } = await readKeyFiles(path);
  if (files.length === 0) return [problem(`${place} holds no key`)];
  const broken = files.filter((file) => !isKey(file));
  const primary = files[0]?.number;
  return [
    used(`${place}: ${files.length} keys for ${what}, ${primary} is the primary one`),
    ...broken.map((file) => problem(`${file.path} holds no Fernet key`)),
    ...(worldReadable || files.some((file) => file.worldReadable)
      ? [problem(`${place} can be read by everybody on this machine`)]
      : []),
  ];
}

function isKey({ text }: KeyFile): boolean {
  try {
    return new FernetKey((text ?? '').trim()) instanceof FernetKey;
  } catch {
    return false;
  }
}
