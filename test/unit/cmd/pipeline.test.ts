import { expect } from 'chai';
import { createSandbox, type Sandbox } from './support.js';

const STOCK = `[DEFAULT]
[filter:request_id]
use = egg:oslo.middleware#request_id
[filter:build_auth_context]
use = egg:keystone#build_auth_context
[filter:json_body]
use = egg:keystone#json_body
[filter:sizelimit]
use = egg:oslo.middleware#sizelimit
[app:service_v3]
use = egg:keystone#service_v3
[app:public_version_service]
use = egg:keystone#public_version_service
[pipeline:api_v3]
pipeline = sizelimit request_id build_auth_context json_body service_v3
[composite:main]
use = egg:Paste#urlmap
/v3 = api_v3
/ = public_version_service
`;

describe('pipeline check and show', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await createSandbox();
    await sandbox.file('keystone-paste.ini', STOCK);
    await sandbox.file('keystone.conf', '[paste_deploy]\nallowed_modules =\n');
  });
  after(() => sandbox.remove());
  const run = (...args: string[]): ReturnType<Sandbox['run']> =>
    sandbox.run('--config-file', sandbox.path('keystone.conf'), 'pipeline', ...args);

  it('finds the configured file, and nothing wrong with it', async () => {
    const { status, out, err } = await run('check');
    expect(err).to.equal('');
    expect(out).to.equal(`${sandbox.path('keystone-paste.ini')}: 8 sections are in order\n`);
    expect(status).to.equal(0);
  });

  const wrong: [what: string, before: string, after: string, message: RegExp][] = [
    [
      'an unknown filter',
      'sizelimit request_id',
      'sizelimit requestid',
      /:15: .*requestid.*nearest: request_id/,
    ],
    ['an unknown module', 'keystone#json_body', 'keystone#json_bodi', /:7: .*json_bodi.*nearest: json_body/],
    [
      'an order that cannot work',
      'build_auth_context json_body',
      'json_body',
      /:15: .*'service_v3' needs 'auth_context'/,
    ],
    ['a filter as the last item', 'json_body service_v3', 'json_body', /:15: /],
    ['a composite without its app', '/v3 = api_v3', '/v3 = api_v4', /:18: .*api_v4.*nearest: api_v3/],
  ];
  for (const [what, from, to, message] of wrong) {
    it(`refuses ${what}, with file, line and what was probably meant`, async () => {
      const file = await sandbox.file('other.ini', STOCK.replace(from, to));
      const { status, out, err } = await run('check', '--paste', file);
      expect(status).to.equal(1);
      expect(out).to.equal('');
      expect(err)
        .to.match(/^error: /)
        .and.to.match(message);
      expect(err).to.contain(file);
    });
  }

  it('does not mind an app that no pipeline uses', async () => {
    const file = await sandbox.file('spare.ini', `${STOCK}[app:spare]\nuse = egg:keystone#admin_service\n`);
    expect(await run('check', '--paste', file)).to.include({ status: 0, err: '' });
  });

  it('names a file that is not there', async () => {
    const { status, err } = await run('check', '--paste', '/nowhere/paste.ini');
    expect(status).to.equal(1);
    expect(err).to.contain('/nowhere/paste.ini');
    const conf = await sandbox.file('absent.conf', '[paste_deploy]\nconfig_file = absent.ini\n');
    const configured = await sandbox.run('--config-file', conf, 'pipeline', 'check');
    expect(configured.status).to.equal(1);
    expect(configured.err).to.contain('config_file = absent.ini');
  });

  it('shows filters in order with module and place', async () => {
    const { status, out } = await run('show', 'main');
    expect(status).to.equal(0);
    expect(out).to.match(/sizelimit[^]*request_id[^]*build_auth_context[^]*json_body[^]*service_v3/);
    expect(out)
      .to.contain('src/filters/json_body')
      .and.to.match(/keystone-paste\.ini:6\b/);
  });

  it('shows everything that can be served when no name is given', async () => {
    expect((await run('show')).out)
      .to.match(/^main /)
      .and.to.not.match(/^api_v3 /m);
  });

  it('shows JSON for programs and a chart for documents', async () => {
    const [branch] = JSON.parse((await run('show', 'api_v3', '--format', 'json')).out) as [
      { filters: { name: string }[] },
    ];
    expect(branch.filters.map(({ name }) => name)).to.deep.equal([
      'sizelimit',
      'request_id',
      'build_auth_context',
      'json_body',
    ]);
    expect((await run('show', '--format', 'mermaid')).out).to.match(/^flowchart /);
    expect((await run('show', '--format', 'yaml')).status).to.equal(2);
  });

  it('says which branch a request takes', async () => {
    const { out } = await run('show', 'main', '--path', '/v3/users');
    expect(out).to.contain('mounted at /v3, sees /users').and.to.contain('answered by service_v3');
    expect((await run('show', 'main', '--path', '/v3users')).out).to.contain('public_version_service');
  });

  it('names what was probably meant by an unknown name', async () => {
    const { status, err } = await run('show', 'mian');
    expect(status).to.equal(1);
    expect(err).to.contain("'mian'").and.to.contain('main');
  });
});
