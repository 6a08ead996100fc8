/** What the database holds, and what of it has no use here. */
import { DatabaseError, type DatabaseSurvey, surveyDatabase } from '../../common/sql/index.js';
import type { LoadedConf } from '../../conf/index.js';
import { differs, type Finding, ignored, problem, used } from './finding.js';

const ORIGINS = {
  empty: 'an empty database',
  ours: 'a database of this service',
  migrate: 'a database of Keystone from Newton to Xena',
  alembic: 'a database of Keystone 21 or 22 (Yoga, Zed)',
} as const;

const CONTENT = [
  'user',
  'group',
  'project',
  'role',
  'assignment',
  'service',
  'endpoint',
  'trust',
  'credential',
];

/** What later releases keep, and what becomes of it. */
const LATER = [
  { table: 'application_credential', what: 'application credentials: nobody can sign in with them' },
  { table: 'access_rule', what: 'access rules of application credentials' },
  { table: 'system_assignment', what: 'roles on the system: they give nothing' },
  { table: 'registered_limit', what: 'registered limits' },
  { table: 'limit', what: 'limits' },
  { table: 'project_tag', what: 'tags of projects' },
  {
    table: 'expiring_user_group_membership',
    what: 'memberships by federation that expire: they give nothing',
  },
  { table: 'identity_provider', what: 'identity providers: federation is not available yet' },
  { table: 'federated_user', what: 'users of federations: they cannot sign in' },
] as const;

export async function inspectDatabase({ conf }: LoadedConf): Promise<readonly Finding[]> {
  try {
    return await surveyDatabase(conf.database.connection, { ...conf.database, max_retries: 0 }, describe);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return [problem(reasonOf(error))];
  }
}

/** The option, and what the driver said. */
function reasonOf({ message, cause }: DatabaseError): string {
  if (message.startsWith('[database] connection')) return message;
  return `[database] connection: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
}

async function describe(survey: DatabaseSurvey): Promise<readonly Finding[]> {
  const { version, dialect } = survey;
  const findings: Finding[] = [used(`${ORIGINS[version.origin]}, on ${dialect}`)];
  if (version.origin === 'empty') {
    findings.push(problem('it has no tables: run keystone-manage db_sync, then bootstrap'));
    return findings;
  }
  if (!version.complete) {
    const next = Object.entries(version.phases).find(([, step]) => step === null)?.[0] ?? 'expand';
    findings.push(
      differs(
        `its schema needs keystone-manage db_sync (next phase: --${next}); docs/database.md says what it does`,
      ),
    );
  }
  const counts: string[] = [];
  for (const table of CONTENT) counts.push(`${table} ${await survey.count(table)}`);
  findings.push(used(`rows: ${counts.join(', ')}`));
  for (const { table, what } of LATER) {
    const count = await survey.count(table);
    if (count > 0) findings.push(ignored(`${count} ${what} (table ${table})`));
  }
  // Keystone marks multi-factor rules so in its options of users.
  const rules = await survey.count('user_option', "option_id IN ('MFAR', 'MFAE')");
  if (rules > 0)
    findings.push(
      problem(
        `${rules} rules for several factors (table user_option) are not enforced: those users sign in with one`,
      ),
    );
  const immutable = await survey.count('role_option', "option_id = 'IMMU'");
  if (immutable > 0)
    findings.push(differs(`${immutable} roles are marked immutable: they can be changed here`));
  return findings;
}
