import { expect } from 'chai';
import {
  type Credentials,
  flatTarget,
  Policy,
  PolicyError,
  type RemoteQuestion,
} from '../../../../src/common/policy/index.js';

const admin: Credentials = { user_id: 'u1', roles: ['Admin'] };
const member: Credentials = { user_id: 'u2', roles: ['member'] };
const nothing = flatTarget({});

describe('Policy', () => {
  it('refuses a check without an answer, also beneath `not`', () => {
    const policy = Policy.compile({
      stray: 'not (',
      subject: 'not 1a:x',
      type: 'not user_id.x:y',
      roles: 'not role:x',
      circle: 'not rule:circle',
      text: 'not and',
    });
    const odd: Credentials = { user_id: 'u1', roles: [5] };
    for (const rule of policy.names()) expect(policy.allows(rule, nothing, odd), rule).to.equal(false);
  });

  it('grants by a rule that refers to itself only where it needs no more of it', () => {
    const policy = Policy.compile({ a: 'role:admin or rule:b', b: 'rule:a' });
    expect(policy.allows('b', nothing, admin)).to.equal(true);
    expect(policy.allows('a', nothing, member)).to.equal(false);
    expect(policy.allows('b', nothing, member)).to.equal(false);
  });

  it('reaches the end of long chains of references', () => {
    const rules: Record<string, string> = { r500: 'role:admin' };
    for (let index = 0; index < 500; index += 1) rules[`r${index}`] = `rule:r${index + 1}`;
    expect(Policy.compile(rules).allows('r0', nothing, admin)).to.equal(true);
  });

  it('takes undefined for absent, never for None', () => {
    const policy = Policy.compile({ creds: 'domain_id:None', target: 'None:%(domain_id)s' });
    expect(policy.allows('creds', nothing, { domain_id: undefined })).to.equal(false);
    expect(policy.allows('creds', nothing, { domain_id: null })).to.equal(true);
    expect(policy.allows('target', flatTarget({ domain_id: undefined }), {})).to.equal(false);
    expect(policy.allows('target', flatTarget({ domain_id: null }), {})).to.equal(true);
  });

  it('answers `system` from `system_scope`', () => {
    const policy = Policy.compile({ r: 'system:all' });
    expect(policy.allows('r', nothing, { system_scope: 'all' })).to.equal(true);
    expect(policy.allows('r', nothing, { system_scope: null, system: 'none' })).to.equal(false);
  });

  it('sees own keys only', () => {
    const policy = Policy.compile({
      r: 'constructor.name:Object',
      s: 'toString:%(toString)s',
      t: '__proto__.x:1',
    });
    for (const rule of ['r', 's', 't']) {
      expect(policy.allows(rule, nothing, Object.create({ x: '1' }) as Credentials)).to.equal(false);
    }
  });

  it('never grants to credentials whose roles are inherited from a prototype', () => {
    const policy = Policy.compile({ r: 'role:admin' });
    expect(policy.allows('r', nothing, Object.create({ roles: ['admin'] }) as Credentials)).to.equal(false);
  });

  it('names file, line and rule of what cannot be compiled', () => {
    const origins = new Map([['r', { file: '/etc/keystone/policy.json', line: 7 }]]);
    expect(() => Policy.compile({ r: true }, { origins })).to.throw(
      PolicyError,
      "/etc/keystone/policy.json:7: policy rule 'r': a rule is a text or a list of checks, not true",
    );
  });

  it('tells of mistakes that need no request to be seen', () => {
    const { problems } = Policy.compile({
      broken: 'role:a role:b',
      unknown: 'rule:nope',
      circle: 'not rule:circle',
      subject: '1a:x',
      template: 'user_id:100%',
      empty: null,
      fine: '',
    });
    expect(problems.map(({ rule, severity }) => `${severity} ${rule}`)).to.deep.equal([
      'error broken',
      'warning unknown',
      'warning circle',
      'warning subject',
      'warning template',
      'error empty',
    ]);
  });

  it('knows rules whose names are properties of every object', () => {
    const policy = Policy.compile({ default: 'role:admin' });
    expect(policy.allows('constructor', nothing, member)).to.equal(false);
    expect(policy.allows('__proto__', nothing, admin)).to.equal(true);
    const own = Policy.compile(JSON.parse('{"__proto__": "role:member"}') as Record<string, unknown>);
    expect(own.allows('__proto__', nothing, member)).to.equal(true);
  });

  describe('with checks of another server', () => {
    const rules = {
      first: 'role:admin or http://policy.example/%(user_id)s',
      both: 'http://policy.example/a and http://policy.example/b',
      not: 'not http://policy.example/a',
    };
    const target = flatTarget({ user_id: 'u9' });

    function withAnswers(answers: Record<string, boolean | Error>, asked: RemoteQuestion[] = []): Policy {
      return Policy.compile(rules, {
        remote: (question) => {
          asked.push(question);
          const answer = answers[new URL(question.url).pathname];
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? false);
        },
      });
    }

    it('asks only when it must, and then says which rule it is about', async () => {
      const asked: RemoteQuestion[] = [];
      const policy = withAnswers({ '/u9': true }, asked);
      expect(policy.allows('first', target, admin)).to.equal(true);
      expect(asked).to.deep.equal([]);
      expect(await policy.allows('first', target, member)).to.equal(true);
      expect(asked).to.deep.equal([
        { url: 'http://policy.example/u9', rule: 'first', target: { user_id: 'u9' }, credentials: member },
      ]);
    });

    it('goes on after a yes in `and`, and turns answers round in `not`', async () => {
      expect(await withAnswers({ '/a': true, '/b': true }).allows('both', target, member)).to.equal(true);
      expect(await withAnswers({ '/a': true, '/b': false }).allows('both', target, member)).to.equal(false);
      expect(await withAnswers({ '/a': false }).allows('not', target, member)).to.equal(true);
    });

    it('refuses when there is no answer, also beneath `not`', async () => {
      const policy = withAnswers({ '/a': new Error('connection refused') });
      expect(await policy.allows('both', target, member)).to.equal(false);
      expect(await policy.allows('not', target, member)).to.equal(false);
      expect(policy.allows('first', nothing, member)).to.equal(false);
    });
  });
});
