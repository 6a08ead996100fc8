/** Private OpenLDAP servers: an example tree, one as in Active Directory, and as many people as are asked for. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Certificate } from '../certificates.js';
import {
  type Account,
  answersTcp,
  findProgram,
  freePort,
  giveTo,
  hasNoted,
  runProgram,
  runServer,
  serverAccount,
} from './processes.js';
import { adTree, exampleTree, SCHEMA } from './slapd_trees.js';
import type { RunningService, ServiceDefinition } from './types.js';

/** Suffixes of the two trees, and who may write both of them. */
export const SUFFIX = 'dc=example,dc=org';
export const AD_SUFFIX = 'dc=ad,dc=example,dc=org';
export const ADMIN = { dn: `cn=admin,${SUFFIX}`, password: 'admin secret' } as const;

export interface SlapdOptions {
  /** Switches on StartTLS and ldaps. */
  readonly tls?: Certificate;
  /** People `cn=p000000` and so on in ou=People of the example tree, in groups of 1,000 in ou=Teams. */
  readonly people?: number;
  /** Lines for the example database, such as `readonly on`. */
  readonly settings?: readonly string[];
  /** A port that was used before. */
  readonly port?: number;
}

export interface RunningSlapd extends RunningService {
  readonly port: number;
  /** Null without TLS. */
  readonly securePort: number | null;
}

const SCHEMAS = ['core', 'cosine', 'inetorgperson', 'nis'];
const MODULES = '/usr/lib/ldap';

export const slapd: ServiceDefinition = {
  name: 'slapd',
  variable: 'TEST_LDAP_URL',

  missing() {
    const names = ['slapd', 'slapadd'].filter((name) => findProgram(name) === null);
    return names.length === 0 ? null : `${names.join(' and ')} not found (package slapd)`;
  },

  start: (folder) => startSlapd(folder),
};

/** @param folder an empty folder, which the server's account may reach */
export async function startSlapd(folder: string, options: SlapdOptions = {}): Promise<RunningSlapd> {
  const account = serverAccount('openldap');
  await giveTo(account, folder);
  const port = options.port ?? (await freePort());
  const securePort = options.tls === undefined ? null : await freePort();
  const file = await configure(folder, account, options);
  await load(folder, account, file, SUFFIX, exampleTree(SUFFIX, options.people ?? 0));
  await load(folder, account, file, AD_SUFFIX, adTree(AD_SUFFIX));
  const urls = [`ldap://127.0.0.1:${port}/`];
  if (securePort !== null) urls.push(`ldaps://127.0.0.1:${securePort}/`);
  const server = await runServer({
    program: findProgram('slapd') ?? '',
    // With a debug level it stays in the foreground.
    args: ['-f', file, '-h', urls.join(' '), '-d', '0'],
    account,
    folder,
    probe: async (pid) => {
      await hasNoted(pid, join(folder, 'slapd.pid'));
      await answersTcp(port);
    },
  });
  return { address: `ldap://127.0.0.1:${port}`, port, securePort, ...server };
}

async function configure(folder: string, account: Account | null, options: SlapdOptions): Promise<string> {
  const schema = join(folder, 'test.schema');
  await writeFile(schema, SCHEMA, { mode: 0o644 });
  const tls: string[] = [];
  if (options.tls !== undefined) {
    const [certificate, key] = [join(folder, 'server.pem'), join(folder, 'server.key')];
    await writeFile(certificate, options.tls.certificate, { mode: 0o644 });
    await writeFile(key, options.tls.key, { mode: 0o644 });
    tls.push(`TLSCertificateFile ${certificate}`, `TLSCertificateKeyFile ${key}`);
  }
  const database = async (suffix: string, lines: readonly string[]): Promise<string[]> => {
    const data = join(folder, suffix.replaceAll(/\W/g, '_'));
    await mkdir(data);
    await giveTo(account, data);
    return [
      '',
      'database mdb',
      `suffix "${suffix}"`,
      `rootdn "${ADMIN.dn}"`,
      // Only the database that the name lies in can check the password.
      ...(suffix === SUFFIX ? [`rootpw "${ADMIN.password}"`] : []),
      `directory ${data}`,
      'maxsize 1073741824',
      'dbnosync',
      'index objectClass,cn,sn,mail,member,uid,sAMAccountName eq',
      'index ou eq',
      'access to attrs=userPassword by self write by anonymous auth by * none',
      'access to * by * read',
      ...lines,
    ];
  };
  const file = join(folder, 'slapd.conf');
  const lines = [
    ...SCHEMAS.map((name) => `include /etc/ldap/schema/${name}.schema`),
    `modulepath ${MODULES}`,
    'moduleload back_mdb',
    'moduleload memberof',
    `include ${schema}`,
    `pidfile ${join(folder, 'slapd.pid')}`,
    'sizelimit unlimited',
    'threads 4',
    ...tls,
    ...(await database(AD_SUFFIX, [
      'overlay memberof',
      'memberof-group-oc adGroup',
      'memberof-member-ad member',
      'memberof-memberof-ad memberOf',
    ])),
    ...(await database(SUFFIX, options.settings ?? [])),
    '',
    'database monitor',
    'access to * by * read',
    '',
  ];
  await writeFile(file, lines.join('\n'), { mode: 0o644 });
  return file;
}

/** Offline, which takes seconds for 100,000 people. */
async function load(
  folder: string,
  account: Account | null,
  config: string,
  suffix: string,
  tree: Iterable<string>,
): Promise<void> {
  const file = join(folder, 'load.ldif');
  await pipeline(Readable.from(tree), createWriteStream(file, { mode: 0o644 }));
  await runProgram(
    findProgram('slapadd') ?? '',
    ['-q', '-f', config, '-b', suffix, '-l', file],
    account,
    folder,
  );
  await rm(file);
}
