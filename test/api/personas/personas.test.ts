/**
 * Who may do what. The tables are derived from the rules of the policy files (test/fixtures/personas/derive.py), with
 * the real oslo.policy and without our code; here the server is asked, with real tokens.
 */
import { expect } from 'chai';
import { readTable } from '../tables.js';
import { createWorld, PERSONAS, type Persona, POLICIES, type PolicyName, type World } from './world.js';

type Row = Record<'method' | 'path' | 'query' | 'body' | Persona, string>;

/** Requests that take away what they name: each caller who may gets something of its own. */
const DESTROYING =
  /^\/(users\/@self|groups\/@group|projects\/@project|roles\/@(?:domain_)?role|regions\/@region|domains\/@domain_a|OS-TRUST\/trusts\/@trust|users\/@self\/credentials\/OS-EC2\/@ec2)$/;

describe('who may do what', () => {
  let world: World;
  let subject: string;
  before(async function start() {
    this.timeout(120_000);
    world = await createWorld();
    subject = await world.subjectToken();
  });
  after(() => world.stop());

  async function pathOf({ method, path, query }: Row, mayDestroy: boolean): Promise<string> {
    let template = path;
    if (mayDestroy && method === 'DELETE' && DESTROYING.test(path)) {
      const name = path.slice(path.lastIndexOf('@') + 1);
      template = path.replace(`@${name}`, await world.victim(name));
    }
    const whole = query === '-' ? template : `${template}?${query}`;
    return whole.replace(/@\w+/g, (name) => world.id(name));
  }

  async function ask(policy: PolicyName, row: Row, persona: Persona): Promise<string> {
    const passes = row[persona] === 'pass';
    const headers = new Headers();
    const token = world.token(persona);
    if (token !== null) headers.set('X-Auth-Token', token);
    if (row.path === '/auth/tokens') {
      const isGoing = passes && row.method === 'DELETE';
      headers.set('X-Subject-Token', isGoing ? await world.subjectToken() : subject);
    }
    const hasBody = row.body !== '-';
    if (hasBody) headers.set('Content-Type', 'application/json');
    const body = hasBody ? row.body.replace(/@\w+/g, (name) => world.id(name)) : undefined;
    const status = await world.ask(policy, row.method, await pathOf(row, passes), headers, body);
    return passes && status < 500 && status !== 401 && status !== 403 ? 'pass' : String(status);
  }

  for (const policy of POLICIES) {
    describe(`under ${policy}`, () => {
      const rows = readTable<keyof Row>(`personas/${policy}.tsv`);
      // What is deleted is missed by nobody: the last requests are those that delete.
      const ordered = [
        ...rows.filter(({ method }) => method !== 'DELETE'),
        ...rows.filter(({ method }) => method === 'DELETE'),
      ];
      for (const row of ordered) {
        const { method, path, query, body } = row;
        const allowed = PERSONAS.filter((persona) => row[persona] === 'pass');
        const what = [method, path, query, body].filter((part) => part !== '-' && part !== '{}').join(' ');
        it(`${what}: ${allowed.length === 0 ? 'nobody' : allowed.join(', ')}`, async () => {
          const wanted: Partial<Record<Persona, string>> = {};
          const answered: Partial<Record<Persona, string>> = {};
          for (const persona of PERSONAS) {
            wanted[persona] = row[persona];
            answered[persona] = await ask(policy, row, persona);
          }
          expect(answered).to.deep.equal(wanted);
        });
      }
    });
  }

  it('is decided for every persona', () => {
    const [row] = readTable<keyof Row>('personas/policy.json.tsv');
    expect(Object.keys(row ?? {})).to.include.members([...PERSONAS]);
  });
});
