import { expect } from 'chai';
import {
  type Branch,
  configUri,
  defineFilter,
  explainApp,
  explainFile,
  type PipelineMiddleware,
  type Registry,
  type Route,
  renderJson,
  renderMermaid,
  renderRoute,
  renderText,
  routeOf,
} from '../../../src/pipeline/index.js';
import { withStockFile } from './stock_files.js';
import { Folder, refusal, tracingRegistry } from './support.js';

const ini = `[DEFAULT]
colour = red
admin_token = hunter2

[filter:base]
use = egg:t#mark
as = base
size = 1

[filter:named]
use = base
as = %(colour)s %(here)s
get tint = colour

[filter:keeper]
use = egg:t#keeper
pin = 1234

[app:say]
use = egg:t#say

[app:other]
use = egg:t#say
set colour = blue

[pipeline:api]
pipeline = named keeper inner
filter-with = base

[filter-app:inner]
use = egg:t#mark
next = say

[composite:tries]
use = egg:Paste#cascade
app2 = say
app1 = other

[composite:main]
use = egg:Paste#urlmap
/v3 = api
/x = tries
domain id.example / = other
/é = say

[filter:shy]
use = egg:t#mark
url = mysql://root:hunter3@db/x
made = x-%(admin_token)s
get fetched = admin_token

[pipeline:shy]
pipeline = shy keeper say
`;

describe('explaining a paste file', () => {
  let folder: Folder;
  let file: string;
  let called = 0;

  function registry(): Registry {
    const made = tracingRegistry();
    const keeper = defineFilter({ options: { pin: { type: 'int', secret: true } } }, () => {
      called += 1;
      return (_ctx, next) => next();
    });
    made.add('t', 'keeper', 'filter', () => keeper, { note: 'is old', module: 'src/keeper' });
    made.add('t', 'unsaid', 'composite', () => () => (() => undefined) satisfies PipelineMiddleware);
    return made;
  }

  before(async () => {
    folder = await Folder.create({ 'paste.ini': ini });
    file = folder.file('paste.ini');
  });

  after(() => folder.remove());

  const explain = (name = 'main'): Promise<Branch> =>
    explainApp(configUri(file, name), { registry: registry() });

  it('lists the filters in the order in which a request passes them, whatever they were put together by', async () => {
    const { filters, app, section } = await explain('api');
    expect(filters.map((filter) => filter.name)).to.deep.equal(['base', 'named', 'keeper', 'inner']);
    expect(app.name).to.equal('say');
    expect(section).to.deep.equal({ name: 'pipeline:api', file, line: 26 });
  });

  it('says where each value comes from', async () => {
    const { filters } = await explain('api');
    const named = filters[1];
    expect(named?.sections.map((each) => [each.name, each.line])).to.deep.equal([
      ['filter:named', 10],
      ['filter:base', 5],
    ]);
    expect(named?.settings).to.deep.equal([
      {
        name: 'as',
        value: `red ${folder.path}`,
        from: { file, line: 12 },
        uses: [{ file, line: 2 }, 'computed'],
      },
      { name: 'size', value: '1', from: { file, line: 8 } },
      { name: 'tint', value: 'red', from: { file, line: 2 }, via: { file, line: 13 } },
    ]);
  });

  it('says what the caller gave', async () => {
    const { app } = await explainApp(configUri(file, 'say'), {
      registry: registry(),
      globalConf: { extra: 'e' },
    });
    expect(app.globals).to.deep.include({ name: 'extra', value: 'e', from: 'caller' });
  });

  it('names the module behind each name', async () => {
    const { filters } = await explain('api');
    expect(filters[2]?.factory).to.deep.equal({
      name: 'egg:t#keeper',
      protocol: 'paste.filter_factory',
      module: 'src/keeper',
      note: 'is old',
    });
  });

  it('does not show secrets, in any form', async () => {
    const branch = await explain('shy');
    for (const text of [renderText([branch]), renderJson([branch]), renderMermaid([branch])]) {
      expect(text).not.to.match(/hunter|1234/);
    }
    expect(renderText([branch]))
      .to.include('admin_token = ***')
      .and.include('pin = ***')
      .and.include('url = mysql://root:***@db/x');
  });

  it('calls no factory', async () => {
    called = 0;
    await explain();
    await explainFile(file, { registry: registry() });
    expect(called).to.equal(0);
  });

  it('finds what there is to be served: what is no part of anything', async () => {
    const branches = await explainFile(file, { registry: registry() });
    expect(branches.map((branch) => branch.name)).to.deep.equal(['main', 'shy']);
  });

  it('is refused like the start when the file is wrong', async () => {
    const wrong = await folder.write('wrong.ini', '[pipeline:main]\npipeline = nobody\n');
    expect((await refusal(explainApp(configUri(wrong)))).kind).to.equal('no-section');
    expect((await refusal(explainFile(wrong))).kind).to.equal('no-section');
  });

  it('is written as text with every filter, its module and the places of its values', async () => {
    const lines = renderText([await explain('api')], { folder: folder.path }).split('\n');
    expect(lines[0]).to.equal('api  [pipeline:api]  paste.ini:26');
    expect(lines).to.include('   2. named   egg:t#mark  (built in)  paste.ini:10 → paste.ini:5');
    expect(lines).to.include('        tint = red  (paste.ini:2, paste.ini:13)');
    expect(lines).to.include('        note: is old');
    expect(lines).to.include('   => say     egg:t#say  (built in)  paste.ini:19');
  });

  it('is written as JSON that says all of it', async () => {
    const branch = await explain();
    expect(JSON.parse(renderJson([branch]))).to.deep.equal([JSON.parse(JSON.stringify(branch))]);
  });

  it('is written as a Mermaid flowchart', async () => {
    const lines = renderMermaid([await explain('tries')]).split('\n');
    expect(lines).to.deep.equal([
      'flowchart LR',
      '  n0{{"tries"}}',
      '  n1(["say"])',
      '  n0 -->|"app2"| n1',
      '  n2(["other"])',
      '  n0 -->|"app1"| n2',
      '',
    ]);
  });

  describe('the way of a request', () => {
    const ends = (route: Route): string[] =>
      route.next.length === 0
        ? [`${route.outcome} ${route.branch.app.name} ${route.scriptName}|${route.path}`]
        : route.next.flatMap(ends);

    for (const [path, host, expected] of [
      ['/v3/users', undefined, ['app say /v3|/users']],
      ['/v3', undefined, ['app say /v3|/']],
      ['//v3//users', undefined, ['app say /v3|/users']],
      ['/caf', undefined, ['not-found main |/caf']],
      ['/caf', 'ID.example:80', ['app other |/caf']],
      ['/%C3%A9/a', undefined, ['app say /%C3%A9|/a']],
      ['/x/y', undefined, ['app other /x|/y', 'app say /x|/y']],
    ] as const) {
      it(`of ${path}${host === undefined ? '' : ` on ${host}`} is ${expected.join(', then ')}`, async () => {
        expect(ends(routeOf(await explain(), { path, host }))).to.deep.equal(expected);
      });
    }

    it('is unknown beyond a composite that does not say where it leads', async () => {
      const unsaid = await folder.write('unsaid.ini', '[composite:main]\nuse = egg:t#unsaid\na = b\n');
      const branch = await explainApp(configUri(unsaid), { registry: registry() });
      expect(routeOf(branch, { path: '/' }).outcome).to.equal('unknown');
    });

    it('is written as text', async () => {
      expect(renderRoute(routeOf(await explain(), { path: '/v3/users' })).split('\n')).to.deep.equal([
        'main  (mounted at /, sees /v3/users)',
        '  /v3 → api  (mounted at /v3, sees /users)',
        '    base → named → keeper → inner',
        '    answered by say (egg:t#say)',
        '',
      ]);
    });
  });

  it('of a stock file finds main and admin', async () => {
    const made = registry();
    for (const name of [
      'build_auth_context',
      'token_auth',
      'admin_token_auth',
      'json_body',
      'ec2_extension',
      'ec2_extension_v3',
      's3_extension',
      'url_normalize',
    ]) {
      made.add('keystone', name, 'filter', () => () => undefined);
    }
    for (const name of [
      'public_service',
      'service_v3',
      'admin_service',
      'public_version_service',
      'admin_version_service',
    ]) {
      made.add('keystone', name, 'app', () => () => undefined);
    }
    for (const name of ['debug', 'request_id', 'cors', 'http_proxy_to_wsgi', 'sizelimit']) {
      made.add('oslo.middleware', name, 'filter', () => () => undefined);
    }
    made.add('osprofiler', 'osprofiler', 'filter', () => () => undefined);
    const branches = await withStockFile('newton', (stock) => explainFile(stock, { registry: made }));
    expect(branches.map((branch) => branch.name)).to.deep.equal(['main', 'admin']);
  });
});
