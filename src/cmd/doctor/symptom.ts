/** What a file in this folder declares: one thing that may be wrong with a deployment, and how to see it. */
import type { ConfigError } from '../../common/config/errors.js';
import type { openDatabase } from '../../common/sql/index.js';
import type { Conf, LoadedConf } from '../../conf/index.js';
import type { DomainFiles } from '../domain_files.js';

/** What is looked at. What costs a round trip is had once for all symptoms, when the first asks for it. */
export interface Patient {
  readonly loaded: LoadedConf;
  readonly conf: Conf;
  /** The service's database, which the doctor only reads. @throws Error when it cannot be had */
  readonly database: () => ReturnType<typeof openDatabase>;
  /** The files of domains, where these are in use. */
  readonly domainFiles: DomainFiles;
  /** The `[ldap]` sections in use, each with a name for messages: that of the main file, and those of domains. */
  readonly directories: readonly Directory[];
  /** Base URLs of the other nodes of the cloud. */
  readonly peers: readonly string[];
  /** The health document of a peer. @throws Error when there is none */
  readonly healthOf: (peer: string) => Promise<unknown>;
}

export interface Directory {
  /** A file, or `[ldap]`. */
  readonly name: string;
  readonly options: Conf['ldap'];
}

/** What was found: one text per place, none when the symptom is not there. Never a secret. */
export type Findings = readonly string[];

export interface Symptom {
  /** As `keystone-manage doctor --list` shows it. */
  readonly name: string;
  /** What is the matter, in a sentence. */
  readonly what: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do about it. */
  readonly advice: string;
  /** @throws Error when it cannot be told; that counts as found */
  look(patient: Patient): Findings | Promise<Findings>;
  /** Where the configuration cannot be used at all: what its problems say about this symptom. */
  inProblems?(problems: readonly ConfigError[]): Findings;
}

/** A finding when a condition holds. */
export function foundIf(condition: boolean, finding: string): Findings {
  return condition ? [finding] : [];
}
