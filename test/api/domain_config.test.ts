/** Configurations of domains over HTTP, through the whole pipeline. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, type Cloud, startCloud } from './cloud.js';
import { type Json, Tenancy } from './tenancy.js';

interface Option {
  readonly group: string;
  readonly option: string;
  readonly kind: string;
  readonly value: string;
}

const TABLE = join(import.meta.dirname, '../fixtures/domain_config_options.tsv');
const OPTIONS: readonly Option[] = readFileSync(TABLE, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [group = '', option = '', kind = '', value = ''] = line.split('\t');
    return { group, option, kind, value };
  });

/** A default of the table as JSON: `<None>`, booleans, numbers, lists and texts. */
function fromTable(text: string): string {
  if (text === '<None>') return 'null';
  return text === '[]' ? '' : text;
}

describe('configurations of domains over HTTP', () => {
  let cloud: Cloud;
  let admin: string;
  let member: string;
  let tenancy: Tenancy;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud();
    admin = await cloud.adminToken();
    tenancy = new Tenancy(cloud, admin);
    await tenancy.build();
    member = await cloud.token(tenancy.alice.id, tenancy.alice.password);
  });
  after(() => cloud.stop());

  let domain: string;
  beforeEach(async () => {
    domain = (await tenancy.newDomain()).id;
  });

  const call = (method: string, path: string, config?: unknown): Promise<Answer> =>
    cloud.request(method, `/v3/domains${path}`, admin, config === undefined ? undefined : { config });
  const statusOf = async (method: string, path: string, config?: unknown): Promise<number> =>
    (await call(method, path, config)).status;
  const put = (config: unknown): Promise<Answer> => call('PUT', `/${domain}/config`, config);
  const FULL = {
    identity: { driver: 'ldap' },
    ldap: { url: 'ldap://%(password)s', user_tree_dn: 'ou=u', password: 'top-secret' },
  };
  const SHOWN = { identity: FULL.identity, ldap: { url: FULL.ldap.url, user_tree_dn: 'ou=u' } };

  const ROUTES: [method: string, path: string, body?: object][] = [
    ['PUT', '/{domain}/config', { config: { ldap: { url: 'x' } } }],
    ...['', '/ldap', '/ldap/url'].flatMap((rest): [string, string, object?][] => [
      ['GET', `/{domain}/config${rest}`],
      ['HEAD', `/{domain}/config${rest}`],
      ['PATCH', `/{domain}/config${rest}`, { config: { ldap: { url: 'x' } } }],
      ['DELETE', `/{domain}/config${rest}`],
    ]),
    ['GET', '/config/default'],
    ['GET', '/config/ldap/default'],
    ['GET', '/config/ldap/url/default'],
  ];
  for (const [method, route, body] of ROUTES) {
    it(`are for administrators: ${method} ${route}`, async () => {
      await put(FULL);
      const path = `/v3/domains${route.replace('{domain}', domain)}`;
      expect((await cloud.request(method, path, null, body)).status).to.equal(401);
      expect((await cloud.request(method, path, member, body)).status).to.equal(403);
      expect((await call('GET', `/${domain}/config`)).body).to.deep.equal({ config: SHOWN });
    });
  }

  it('are made and replaced as a whole, without their secrets in any answer', async () => {
    const made = await put(FULL);
    expect({ status: made.status, body: made.body }).to.deep.equal({ status: 201, body: { config: SHOWN } });
    const other = { ldap: { suffix: 'dc=x', password: 'other-secret' } };
    const replaced = await put(other);
    expect(replaced.status).to.equal(200);
    expect(replaced.body).to.deep.equal({ config: { ldap: { suffix: 'dc=x' } } });
    expect((await call('GET', `/${domain}/config`)).body).to.deep.equal(replaced.body);
    const answers = [made, replaced, await call('GET', `/${domain}/config/ldap`)];
    for (const { text } of answers) expect(text).not.to.contain('secret');
  });

  it('are read whole, by group and by option', async () => {
    await put(FULL);
    expect((await call('GET', `/${domain}/config/ldap`)).body).to.deep.equal({
      config: { ldap: SHOWN.ldap },
    });
    expect((await call('GET', `/${domain}/config/ldap/url`)).body).to.deep.equal({
      config: { url: FULL.ldap.url },
    });
    const head = await call('HEAD', `/${domain}/config`);
    expect({ status: head.status, text: head.text }).to.deep.equal({ status: 200, text: '' });
  });

  it('are not there until something is set, and secrets never are', async () => {
    for (const path of ['', '/ldap', '/ldap/url', '/identity/driver', '/ldap/password']) {
      expect(await statusOf('GET', `/${domain}/config${path}`), path).to.equal(404);
    }
    await put({ ldap: { password: 'secret' } });
    for (const path of ['', '/ldap', '/ldap/password']) {
      expect(await statusOf('GET', `/${domain}/config${path}`), path).to.equal(404);
    }
    expect(await statusOf('DELETE', `/${domain}/config/ldap/password`)).to.equal(204);
    expect(await statusOf('DELETE', `/${domain}/config/ldap/password`)).to.equal(404);
  });

  it('are changed option by option; the answer is all of it', async () => {
    await put(FULL);
    const url = await call('PATCH', `/${domain}/config/ldap/url`, { url: 'ldap://new' });
    expect(url.status).to.equal(200);
    expect(url.body).to.deep.equal({ config: { ...SHOWN, ldap: { ...SHOWN.ldap, url: 'ldap://new' } } });
    const group = await call('PATCH', `/${domain}/config/ldap`, { ldap: { suffix: 'dc=y' } });
    expect(((group.body['config'] as Json)['ldap'] as Json)['suffix']).to.equal('dc=y');
    const all = await call('PATCH', `/${domain}/config`, { identity: { list_limit: 7 } });
    expect((all.body['config'] as Json)['identity']).to.deep.equal({ driver: 'ldap', list_limit: 7 });
    const secret = await call('PATCH', `/${domain}/config/ldap/password`, { password: 'new-secret' });
    expect(secret.status).to.equal(200);
    expect(secret.text).not.to.contain('secret');
  });

  it('are changed by exactly what the path names, which must be there', async () => {
    await put({ ldap: { url: 'x' } });
    const patch = (path: string, config: unknown): Promise<number> =>
      statusOf('PATCH', `/${domain}/config${path}`, config);
    const refused: readonly (readonly [string, object, string])[] = [
      [
        '/ldap',
        { identity: { driver: 'sql' } },
        'request to update group ldap, but config provided contains group identity instead',
      ],
      [
        '/ldap',
        { ldap: { url: 'y' }, identity: { driver: 'sql' } },
        'Trying to update group ldap, so that, and only that, group must be specified in the config',
      ],
      [
        '/ldap/url',
        { suffix: 'y' },
        'Trying to update option url in group ldap, but config provided contains option suffix instead',
      ],
      [
        '/ldap/url',
        { url: 'y', suffix: 'y' },
        'Trying to update option url in group ldap, so that, and only that, option must be specified in the config',
      ],
    ];
    for (const [path, config, text] of refused) {
      const answer = await call('PATCH', `/${domain}/config${path}`, config);
      expect(answer.status).to.equal(403);
      expect(answer.text).to.contain(`Invalid domain specific configuration: ${text}`);
    }
    expect(await patch('/ldap/url', { ldap: { url: 'y' } })).to.equal(403);
    expect(await patch('/identity', { identity: { driver: 'sql' } })).to.equal(404);
    expect(await patch('/ldap/suffix', { suffix: 'y' })).to.equal(404);
    expect((await call('GET', `/${domain}/config`)).body).to.deep.equal({ config: { ldap: { url: 'x' } } });
  });

  it('hold only what the API allows, in groups', async () => {
    const wrong: unknown[] = [
      {},
      { ldap: {} },
      { ldap: 'x' },
      { ldap: null },
      { ldap: ['url'] },
      { database: { connection: 'x' } },
      { ldap: { unknown: 'x' } },
      { ldap: { url: 'x' }, identity: { domain_config_dir: '/etc' } },
      { constructor: { name: 'x' } },
    ];
    for (const config of wrong) {
      const answer = await put(config);
      expect(answer.status, JSON.stringify(config)).to.equal(403);
      expect(await statusOf('PATCH', `/${domain}/config`, config)).to.equal(403);
    }
    expect(await statusOf('GET', `/${domain}/config`)).to.equal(404);
    for (const path of ['/database', '/ldap/unknown', '/database/connection', '/constructor']) {
      for (const method of ['GET', 'DELETE']) {
        expect(await statusOf(method, `/${domain}/config${path}`), `${method} ${path}`).to.equal(403);
      }
    }
    expect((await cloud.request('PUT', `/v3/domains/${domain}/config`, admin, {})).status).to.equal(400);
    expect((await cloud.request('PUT', `/v3/domains/${domain}/config`, admin)).status).to.equal(400);
  });

  it('take every option of the table', async () => {
    const config: Record<string, Record<string, string>> = {};
    for (const { group, option } of OPTIONS) config[group] = { ...config[group], [option]: `v-${option}` };
    expect((await put(config)).status).to.equal(201);
    for (const { group, option, kind } of OPTIONS) {
      const answer = await call('GET', `/${domain}/config/${group}/${option}`);
      if (kind === 'sensitive') expect(answer.status).to.equal(404);
      else expect(answer.body, option).to.deep.equal({ config: { [option]: `v-${option}` } });
    }
  });

  it('are deleted option by option, by group, or as a whole', async () => {
    await put(FULL);
    expect(await statusOf('DELETE', `/${domain}/config/ldap/url`)).to.equal(204);
    const missing = async (what: string): Promise<void> => {
      const answer = await call('DELETE', `/${domain}/config/ldap/url`);
      expect(answer.status).to.equal(404);
      expect(answer.text).to.contain(`Could not find ${what} in domain configuration for domain ${domain}`);
    };
    await missing('option url in group ldap');
    expect(await statusOf('DELETE', `/${domain}/config/ldap`)).to.equal(204);
    await missing('group ldap');
    expect((await call('GET', `/${domain}/config`)).body).to.deep.equal({
      config: { identity: FULL.identity },
    });
    expect(await statusOf('DELETE', `/${domain}/config/ldap`)).to.equal(404);
    expect(await statusOf('DELETE', `/${domain}/config`)).to.equal(204);
    expect(await statusOf('DELETE', `/${domain}/config`)).to.equal(204);
    expect(await statusOf('GET', `/${domain}/config`)).to.equal(404);
  });

  it('belong to domains that there are', async () => {
    for (const [method, route, body] of ROUTES) {
      if (!route.includes('{domain}')) continue;
      const path = `/v3/domains${route.replace('{domain}', 'nowhere')}`;
      expect((await cloud.request(method, path, admin, body)).status, `${method} ${route}`).to.equal(404);
    }
  });

  it('have the defaults that the table gives', async () => {
    const all = (await call('GET', '/config/default')).body['config'] as Record<string, Json>;
    const listed = OPTIONS.filter(({ kind }) => kind === 'whitelisted');
    expect(Object.values(all).flatMap((group) => Object.keys(group))).to.have.members(
      listed.map(({ option }) => option),
    );
    for (const { group, option, value } of listed) {
      expect(String(all[group]?.[option]), `${group}.${option}`).to.equal(fromTable(value));
      const one = await call('GET', `/config/${group}/${option}/default`);
      expect(one.body).to.deep.equal({ config: { [option]: all[group]?.[option] } });
    }
    const { ldap } = all;
    expect((await call('GET', '/config/ldap/default')).body).to.deep.equal({ config: { ldap } });
    expect(ldap?.['group_attribute_ignore']).to.deep.equal([]);
    expect(ldap?.['page_size']).to.equal(0);
    expect(ldap?.['use_tls']).to.equal(false);
    expect(await statusOf('GET', '/config/ldap/password/default')).to.equal(403);
    expect(await statusOf('GET', '/config/database/default')).to.equal(403);
    expect(await statusOf('GET', '/config/ldap/unknown/default')).to.equal(403);
  });
});
