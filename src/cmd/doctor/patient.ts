/** The deployment that the doctor looks at. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../common/sql/index.js';
import { parseSqlUrl } from '../../common/sql/sqlalchemy_url.js';
import { type LoadedConf, loadDomainConf } from '../../conf/index.js';
import type { Directory, Patient } from './symptom.js';

const HEALTH_TIMEOUT_MS = 5_000;

/** The `[ldap]` sections in use. Those that the API stored are in the database, and looked at by ldap_check. */
async function directoriesOf({ conf }: LoadedConf): Promise<readonly Directory[]> {
  const found: Directory[] = [];
  if (conf.identity.driver === 'ldap') found.push({ name: '[ldap]', options: conf.ldap });
  if (!conf.identity.domain_specific_drivers_enabled || conf.identity.domain_configurations_from_database) {
    return found;
  }
  const folder = conf.identity.domain_config_dir;
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((file) => /^keystone\..+\.conf$/.test(file)).sort()) {
    const path = join(folder, name);
    const domain = loadDomainConf(path).conf;
    if (domain.identity.driver === 'ldap') found.push({ name: path, options: domain.ldap });
  }
  return found;
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

/** @throws ConfError when the file of a domain cannot be used */
export async function admit(loaded: LoadedConf, peers: readonly string[]): Promise<Consultation> {
  const { conf } = loaded;
  let database: ReturnType<typeof openDatabase> | undefined;
  const patient: Patient = {
    loaded,
    conf,
    peers,
    directories: await directoriesOf(loaded),
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
