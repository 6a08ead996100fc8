/**
 * The cloud in which the personas live, under either policy file, and their tokens. Names as in the tables under
 * test/fixtures/personas: `@name` stands for an id here.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exchange } from '../cloud.js';
import { type Json, Population } from './population.js';
import { Servers } from './servers.js';

export const POLICIES = ['policy.json', 'policy.v3cloudsample.json'] as const;
export type PolicyName = (typeof POLICIES)[number];

export const PERSONAS = [
  'cloud_admin',
  'domain_admin',
  'project_admin',
  'member',
  'same_domain_user',
  'other_domain_user',
  'self',
  'trustee',
  'service',
  'unscoped',
  'expired',
  'none',
] as const;
export type Persona = (typeof PERSONAS)[number];

export interface World {
  /** The id of `@name`. @throws Error when there is none */
  id(name: string): string;
  /** The persona's token; null for the one without. */
  token(persona: Persona): string | null;
  /** A token of @self as it gets it by signing in. */
  subjectToken(): Promise<string>;
  /** The status of the answer. */
  ask(policy: PolicyName, method: string, path: string, headers: Headers, body?: string): Promise<number>;
  /** Something like what `@name` stands for, made to be deleted; its id. */
  victim(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Seconds that the token of the expired persona lives. */
const SHORT_LIFE = 1;

const etc = (name: string): string => fileURLToPath(new URL(`../../../etc/${name}`, import.meta.url));

export async function createWorld(): Promise<World> {
  const servers = await Servers.create();
  try {
    return await populate(servers);
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

async function populate(servers: Servers): Promise<World> {
  const plain = await servers.serve('plain', '[oslo_policy]', `policy_file = ${etc('policy.json')}`);
  const population = new Population(plain);
  await population.build();
  const tokens = await signInAll(population, servers);
  const urls: Readonly<Record<PolicyName, string>> = {
    'policy.json': plain,
    'policy.v3cloudsample.json': await serveCloudSample(servers, population.id('cloud')),
  };
  const agent = new Agent({ keepAlive: true });
  return {
    id: (name) => population.id(name),
    token: (persona) => tokens.get(persona) ?? null,
    subjectToken: () => population.signIn('self', { project: { id: population.id('project_q') } }),
    async ask(policy, method, path, headers, body) {
      const url = new URL(`${urls[policy]}/v3${path}`);
      if (body !== undefined) headers.set('Content-Length', String(Buffer.byteLength(body)));
      return (await exchange(url, { method, headers, body, agent })).status;
    },
    victim: (name) =>
      name === 'trust' ? population.trust(tokens.get('project_admin') ?? '') : population.victim(name),
    stop: () => {
      agent.destroy();
      return servers.stop();
    },
  };
}

/** The tokens of all personas but the one without; that of the expired one has expired. */
async function signInAll(population: Population, servers: Servers): Promise<ReadonlyMap<Persona, string>> {
  const project = (name: string): Json => ({ project: { id: population.id(name) } });
  const domain = (name: string): Json => ({ domain: { id: population.id(name) } });
  const shortLived = await servers.serve('short', '[token]', `expiration = ${SHORT_LIFE}`);
  const expired = await population.signIn('cloud_admin', domain('cloud'), shortLived);
  const expiry = sleep(SHORT_LIFE * 1000);
  const projectAdmin = await population.signIn('project_admin', project('project'));
  const trust = { 'OS-TRUST:trust': { id: await population.trust(projectAdmin) } };
  const tokens = new Map<Persona, string>([
    ['cloud_admin', await population.signIn('cloud_admin', domain('cloud'))],
    ['domain_admin', await population.signIn('domain_admin', domain('domain_a'))],
    ['project_admin', projectAdmin],
    ['member', await population.signIn('member', project('project'))],
    ['same_domain_user', await population.signIn('same_domain_user', project('project_q'))],
    ['other_domain_user', await population.signIn('other_domain_user', domain('domain_b'))],
    ['self', await population.signIn('self', project('project_q'))],
    ['trustee', await population.signIn('trustee', trust)],
    ['service', await population.signIn('service_user', project('project_s'))],
    ['unscoped', await population.signIn('cloud_admin', { unscoped: {} })],
    ['expired', expired],
  ]);
  await expiry;
  return tokens;
}

/** The sample names the domain of the cloud's administrators by a word that operators replace. */
async function serveCloudSample(servers: Servers, cloudDomain: string): Promise<string> {
  const word = 'domain_id:admin_domain_id';
  const sample = await readFile(etc('policy.v3cloudsample.json'), 'utf8');
  if (!sample.includes(word)) throw new Error(`${word} is not in the sample`);
  const file = servers.deployment.path('policy.v3cloudsample.json');
  await writeFile(file, sample.replace(word, `domain_id:${cloudDomain}`));
  return servers.serve('sample', '[oslo_policy]', `policy_file = ${file}`);
}
