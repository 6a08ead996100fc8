/** The deployment that the doctor looks at. */
import { existsSync } from 'node:fs';
import { openDatabase } from '../../common/sql/index.js';
import { parseSqlUrl } from '../../common/sql/sqlalchemy_url.js';
import type { Conf, LoadedConf } from '../../conf/index.js';
import { type DomainFiles, domainFilesInUse } from '../domain_files.js';
import type { Directory, Patient } from './symptom.js';

const HEALTH_TIMEOUT_MS = 5_000;

/** The `[ldap]` sections in use. Those that the API stored are in the database, and looked at by ldap_check. */
function directoriesOf(conf: Conf, { loaded }: DomainFiles): readonly Directory[] {
  const main = { file: '[ldap]', conf: { conf } };
  return [main, ...loaded]
    .filter((each) => each.conf.conf.identity.driver === 'ldap')
    .map((each) => ({ name: each.file, options: each.conf.conf.ldap }));
}

async function healthOf(peer: string): Promise<unknown> {
  const response = await fetch(new URL('/healthcheck', peer), {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
  });
  const document: unknown = await response.json();
  if (response.status !== 200) throw new Error(`it answers ${response.status}`);
  return document;
}

/** One question per address, whoever asks. */
function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key) => {
    const answer = answers.get(key) ?? ask(key);
    answers.set(key, answer);
    return answer;
  };
}

/** Without waiting for a database that may come, and without making one. */
async function open({ conf }: LoadedConf): ReturnType<typeof openDatabase> {
  const url = parseSqlUrl(conf.database.connection);
  if (url.path !== null && !existsSync(url.path)) throw new Error(`${url.path} does not exist`);
  return await openDatabase({ url, options: { ...conf.database, max_retries: 0 } });
}

export interface Consultation {
  readonly patient: Patient;
  /** Let go of what was opened. */
  readonly close: () => Promise<void>;
}

export async function admit(loaded: LoadedConf, peers: readonly string[]): Promise<Consultation> {
  const { conf } = loaded;
  const domainFiles = await domainFilesInUse(conf);
  let database: ReturnType<typeof openDatabase> | undefined;
  const patient: Patient = {
    loaded,
    conf,
    peers,
    domainFiles,
    directories: directoriesOf(conf, domainFiles),
    healthOf: once(healthOf),
    database: () => (database ??= open(loaded)),
  };
  return {
    patient,
    close: async () => {
      await (await database?.catch(() => undefined))?.close();
    },
  };
}
