import { expect } from 'chai';
import { createSandbox, type Sandbox } from './support.js';

describe('policy check', () => {
  let sandbox: Sandbox;
  let conf: string[];
  before(async () => {
    sandbox = await createSandbox();
    const policy = await sandbox.file(
      'policy.json',
      JSON.stringify({ 'identity:get_user': 'role:reader and domain_id:%(target.user.domain_id)s' }),
    );
    conf = ['--config-file', await sandbox.file('keystone.conf', `[oslo_policy]\npolicy_file = ${policy}\n`)];
    await sandbox.file('caller.json', '{"user_id": "u1", "domain_id": "d1", "roles": ["Reader"]}');
    await sandbox.file('caller.yaml', 'user_id: u1\nroles: [member]\n');
    await sandbox.file('user.json', '{"target": {"user": {"domain_id": "d1"}}}');
    await sandbox.file('broken.json', '{"a": \n [}');
  });
  after(() => sandbox.remove());
  const check = (rule: string, caller: string, target?: string): ReturnType<Sandbox['run']> =>
    sandbox.run(
      ...conf,
      'policy',
      'check',
      '--rule',
      rule,
      '--credentials',
      sandbox.path(caller),
      ...(target === undefined ? [] : ['--target', sandbox.path(target)]),
    );

  it('prints the decision and the value of every check, with where the rule stands', async () => {
    const { status, out } = await check('identity:get_user', 'caller.json', 'user.json');
    expect(status).to.equal(0);
    expect(out).to.match(/^identity:get_user: allowed\n/);
    expect(out).to.contain('policy.json').and.to.contain("%(target.user.domain_id)s = 'd1'");
  });

  it('explains a refusal, with exit status 0', async () => {
    const { status, out } = await check('identity:get_user', 'caller.yaml');
    expect(status).to.equal(0);
    expect(out).to.match(/^identity:get_user: refused\n/);
    expect(out).to.match(/false +role:reader/);
  });

  it('knows the built-in rules that the file does not override', async () => {
    expect((await check('identity:list_users', 'caller.json')).out).to.contain('built-in default');
  });

  it('names file and line of data that cannot be read', async () => {
    const { status, err } = await check('identity:get_user', 'broken.json');
    expect(status).to.equal(1);
    expect(err).to.match(/^error: --credentials: .*broken\.json:2: /);
    expect((await check('identity:get_user', 'absent.json')).err).to.match(
      /--credentials: .*absent\.json.*ENOENT/,
    );
  });
});
