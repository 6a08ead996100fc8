import { maskSecrets } from '../common/log/index.js';
import { ConfError } from '../conf/index.js';
import { describeError, type Output } from '../server/output.js';
import { type CommandContext, CommandError, EXIT, type ManageCommand } from './command.js';
import { admit } from './doctor/patient.js';
import type { Findings, Symptom } from './doctor/symptom.js';
import { SYMPTOMS } from './doctor/symptoms.js';

interface DoctorOptions {
  readonly list?: true;
  readonly json?: true;
  readonly peer: readonly string[];
}

interface Diagnosis {
  readonly symptom: Symptom;
  readonly findings: Findings;
}

/** @throws CommandError for a name that is none */
function chosen(names: readonly string[]): readonly Symptom[] {
  if (names.length === 0) return SYMPTOMS;
  return names.map((name) => {
    const found = SYMPTOMS.find((symptom) => symptom.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    throw new CommandError(`there is no symptom "${name}": keystone-manage doctor --list shows them`, {
      exitCode: EXIT.usage,
    });
  });
}

/** What cannot be looked at may be anything: it counts as found. */
async function lookFor(symptom: Symptom, look: () => Findings | Promise<Findings>): Promise<Diagnosis> {
  try {
    return { symptom, findings: (await look()).map(maskSecrets) };
  } catch (error) {
    return { symptom, findings: [`it could not be looked at: ${maskSecrets(describeError(error))}`] };
  }
}

async function examine(
  symptoms: readonly Symptom[],
  { loadConf, output }: CommandContext,
  peers: readonly string[],
): Promise<readonly Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  try {
    const loaded = loadConf();
    const { patient, close } = await admit(loaded, peers);
    try {
      for (const symptom of symptoms) {
        // Some take a while.
        if (loaded.conf.DEFAULT.debug) output.note(`looking for ${symptom.name}`);
        diagnoses.push(await lookFor(symptom, () => symptom.look(patient)));
      }
    } finally {
      await close();
    }
    return diagnoses;
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    const { problems } = error;
    return Promise.all(
      symptoms.map((symptom) => lookFor(symptom, () => symptom.inProblems?.(problems) ?? [])),
    );
  }
}

function print({ symptom, findings }: Diagnosis, output: Output): void {
  const { name, what, why, advice } = symptom;
  output.line(`WARNING: ${name}`);
  output.line(`  ${what}`);
  for (const finding of findings) {
    for (const line of finding.split('\n')) output.line(`    ${line}`);
  }
  output.line(`  Why it matters: ${why}`);
  output.line(`  What to do: ${advice}`);
  output.line();
}

function document(diagnoses: readonly Diagnosis[]): string {
  const symptoms = diagnoses.map(({ symptom: { name, what, why, advice }, findings }) => ({
    name,
    found: findings.length > 0,
    findings,
    what,
    why,
    advice,
  }));
  return JSON.stringify({ found: symptoms.filter(({ found }) => found).length, symptoms }, null, 2);
}

export const doctor: ManageCommand = {
  name: 'doctor',
  summary: 'look for what is wrong with this deployment',
  details:
    'Look for known symptoms of trouble: in the configuration, its files and their permissions, the keys, the database,' +
    ' the servers that it names, and the keys of other nodes. Each symptom that is found is told with what it is, why it' +
    ' matters and what to do. Nothing is changed.' +
    '\n\nThe exit status is 1 when a symptom was found, else 0. Run it as the user that the service runs as: what that' +
    ' user cannot read, the service cannot either.',
  examples: [
    ['doctor', 'everything'],
    ['doctor clock_skew world_readable_keys', 'two symptoms only'],
    [
      'doctor --peer http://10.0.0.2:5000 --peer http://10.0.0.3:5000',
      'compare the keys with those of other nodes',
    ],
    ['doctor --json', 'for a program to read'],
    ['doctor --list', 'what is looked for'],
  ],
  configure(command, run) {
    command
      .argument('[symptom...]', 'look for these only')
      .option('--list', 'list the symptoms, and look for none')
      .option('--json', 'write one JSON document')
      .option(
        '--peer <url>',
        'base URL of another node, whose health document is asked for; may be repeated',
        (url: string, before: readonly string[]) => [...before, url],
        [],
      )
      .action((names: readonly string[], { list, json, peer }: DoctorOptions) =>
        run(async (context) => {
          const { output } = context;
          const symptoms = chosen(names);
          if (list === true) {
            const width = Math.max(...symptoms.map(({ name }) => name.length));
            for (const { name, what } of symptoms) output.line(`${name.padEnd(width)}  ${what}`);
            return EXIT.success;
          }
          for (const url of peer) {
            if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
              throw new CommandError(`--peer ${url}: a URL such as http://10.0.0.2:5000 is needed`, {
                exitCode: EXIT.usage,
              });
            }
          }
          const diagnoses = await examine(symptoms, context, peer);
          const found = diagnoses.filter(({ findings }) => findings.length > 0);
          if (json === true) {
            output.line(document(diagnoses));
          } else {
            for (const diagnosis of found) print(diagnosis, output);
            output.line(`${diagnoses.length} symptoms looked for, ${found.length} found`);
          }
          return found.length === 0 ? EXIT.success : EXIT.failure;
        }),
      );
  },
};
