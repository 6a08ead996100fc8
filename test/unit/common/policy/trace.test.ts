import { expect } from 'chai';
import { buildTarget, flatTarget, Policy, renderTrace } from '../../../../src/common/policy/index.js';

const policy = Policy.compile({
  admin: 'role:admin or is_admin:1',
  owner: 'user_id:%(user_id)s',
  r: 'rule:admin or (rule:owner and not domain_id:None)',
  remote: 'role:admin or http://policy.example/',
  circle: 'rule:circle',
  secret: 'user_id:%(user.password)s',
});
const creds = { user_id: 'u1', roles: ['member'], domain_id: null };

describe('policy trace', () => {
  it('shows every check with its value and what was compared', async () => {
    const trace = await policy.explain('r', buildTarget({ path: { user_id: 'u1' } }), creds);
    expect(renderTrace(trace).split('\n')).to.deep.equal([
      'false  r  [built-in default]',
      'false    (rule:admin or (rule:owner and not domain_id:None))',
      'false      rule:admin  [built-in default]',
      'false        (role:admin or is_admin:1)',
      "false          role:admin  [roles = ['member']]",
      'false          is_admin:1  [is_admin = absent]',
      'false      (rule:owner and not domain_id:None)',
      'true         rule:owner  [built-in default]',
      "true           user_id:%(user_id)s  [user_id = 'u1', %(user_id)s = 'u1']",
      'false        not domain_id:None',
      'true           domain_id:None  [domain_id = None]',
    ]);
  });

  it('evaluates and marks what the decision did not need', async () => {
    const trace = await policy.explain('admin', flatTarget({}), { roles: ['admin'] });
    expect(trace.result).to.equal(true);
    expect(trace.children[0]?.children.map(({ result, needed }) => ({ result, needed }))).to.deep.equal([
      { result: true, needed: true },
      { result: false, needed: false },
    ]);
  });

  it('says which rule answers for one that does not exist', async () => {
    const missing = await policy.explain('nope', flatTarget({}), creds);
    expect(missing).to.include({ result: false, detail: 'there is no such rule' });
    const origins = new Map([['default', { file: 'policy.json', line: 3 }]]);
    const fallback = await Policy.compile({ default: '!' }, { origins }).explain(
      'nope',
      flatTarget({}),
      creds,
    );
    expect(fallback.detail).to.equal("there is no such rule: 'default' answers, policy.json:3");
  });

  it('ends where a rule refers to itself', async () => {
    const trace = await policy.explain('circle', flatTarget({}), creds);
    expect(trace.result).to.equal('error');
    expect(renderTrace(trace)).to.match(/error {4}rule:circle {2}\[rule 'circle' refers to itself\]/u);
  });

  it('asks another server only when told to', async () => {
    const silent = await policy.explain('remote', flatTarget({}), creds);
    expect(silent.result).to.equal('skipped');
    const asked = await policy.explain('remote', flatTarget({}), creds, {
      remote: () => Promise.resolve(true),
    });
    expect(asked.result).to.equal(true);
    const failed = await policy.explain('remote', flatTarget({}), creds, {
      remote: () => Promise.reject(new Error('down')),
    });
    expect(renderTrace(failed)).to.contain('no answer from http://policy.example: down');
  });

  it('hides secrets', async () => {
    const target = buildTarget({ body: { user: { password: 'hunter2' } } });
    const text = renderTrace(await policy.explain('secret', target, creds));
    expect(text).to.contain('***').and.not.contain('hunter2');
  });
});
