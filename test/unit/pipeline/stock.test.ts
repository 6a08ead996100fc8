import { expect } from 'chai';
import {
  checkFile,
  createRegistry,
  defineFilter,
  type FilterFactory,
  type PipelineMiddleware,
  type Registry,
} from '../../../src/pipeline/index.js';
import { loadStock, stockReleases, stockText, withStockFile } from './stock_files.js';
import { serve } from './support.js';

/** Filters that leave their name in a header, and apps that answer with theirs, under every name of these releases. */
function pretendKeystone(): Registry {
  const registry = createRegistry();
  const add = (
    egg: string,
    name: string,
    kind: 'filter' | 'app',
    aliases: readonly string[] = [],
    note?: string,
  ): void => {
    const filter: FilterFactory = () => (ctx, next) => {
      ctx.append('X-Trace', name);
      return next();
    };
    const app: PipelineMiddleware = (ctx) => {
      ctx.body = `${name} ${(ctx.state as { scriptName: string }).scriptName} ${ctx.path}`;
    };
    registry.add(egg, name, kind, () => (kind === 'filter' ? filter : () => app), {
      aliases,
      ...(note === undefined ? {} : { note }),
    });
  };
  const middleware = (name: string): string[] => [`keystone.middleware:${name}.factory`];
  add('keystone', 'build_auth_context', 'filter', middleware('AuthContextMiddleware'));
  add('keystone', 'token_auth', 'filter', middleware('TokenAuthMiddleware'));
  add('keystone', 'admin_token_auth', 'filter', middleware('AdminTokenAuthMiddleware'));
  add('keystone', 'json_body', 'filter', middleware('JsonBodyMiddleware'));
  add('keystone', 'url_normalize', 'filter', middleware('NormalizingFilter'));
  add('keystone', 'ec2_extension', 'filter', ['keystone.contrib.ec2:Ec2Extension.factory']);
  add('keystone', 'ec2_extension_v3', 'filter', ['keystone.contrib.ec2:Ec2ExtensionV3.factory']);
  add('keystone', 's3_extension', 'filter', ['keystone.contrib.s3:S3Extension.factory']);
  const idle = 'does nothing any more: its routes are part of the application';
  add(
    'keystone',
    'user_crud_extension',
    'filter',
    ['keystone.contrib.user_crud:CrudExtension.factory'],
    idle,
  );
  add('keystone', 'crud_extension', 'filter', ['keystone.contrib.admin_crud:CrudExtension.factory'], idle);
  add(
    'keystone',
    'simple_cert_extension',
    'filter',
    ['keystone.contrib.simple_cert:SimpleCertExtension.factory'],
    idle,
  );
  for (const [name, className] of [
    ['federation', 'FederationExtension'],
    ['oauth1', 'OAuth1Extension'],
    ['endpoint_filter', 'EndpointFilterExtension'],
    ['endpoint_policy', 'EndpointPolicyExtension'],
    ['revoke', 'RevokeExtension'],
  ] as const) {
    add(
      'keystone',
      `${name}_extension`,
      'filter',
      [`keystone.contrib.${name}.routers:${className}.factory`],
      idle,
    );
  }
  for (const name of ['debug', 'request_id', 'sizelimit']) add('keystone', name, 'filter');
  add('oslo.middleware', 'debug', 'filter', ['keystone.common.wsgi:Debug.factory']);
  add('oslo.middleware', 'request_id', 'filter', ['oslo_middleware:RequestId.factory']);
  add('oslo.middleware', 'sizelimit', 'filter', ['oslo_middleware.sizelimit:RequestBodySizeLimiter.factory']);
  add('oslo.middleware', 'http_proxy_to_wsgi', 'filter');
  add('oslo.middleware', 'healthcheck', 'filter');
  const cors = defineFilter(
    { options: { oslo_config_project: { type: 'str' } } },
    () => (_ctx, next) => next(),
  );
  registry.add('oslo.middleware', 'cors', 'filter', () => cors);
  add('osprofiler', 'osprofiler', 'filter');
  for (const [name, factory] of [
    ['public_service', 'public_app_factory'],
    ['admin_service', 'admin_app_factory'],
    ['service_v3', 'v3_app_factory'],
    ['public_version_service', 'public_version_app_factory'],
    ['admin_version_service', 'admin_version_app_factory'],
  ] as const) {
    add('keystone', name, 'app', [`keystone.service:${factory}`]);
  }
  return registry;
}

/** The items of `pipeline =` in a section of a file, read by the plainest means. */
function itemsOf(text: string, section: string): string[] {
  const found = new RegExp(`\\[pipeline:${section}\\]\\s*pipeline = (.*)`).exec(text)?.[1];
  return (found ?? '').split(' ');
}

describe('the stock keystone-paste.ini', () => {
  for (const release of stockReleases) {
    it(`of ${release} loads unmodified, with its filters in their order`, async () => {
      const { apps, branches } = await loadStock(release, { registry: pretendKeystone() });
      const text = await stockText(release);
      expect(Object.fromEntries(branches)).to.deep.equal({
        'main /v2.0': itemsOf(text, 'public_api'),
        'main /v3': itemsOf(text, 'api_v3'),
        'main /': itemsOf(text, 'public_version_api'),
        'admin /v2.0': itemsOf(text, 'admin_api'),
        'admin /v3': itemsOf(text, 'api_v3'),
        'admin /': itemsOf(text, 'admin_version_api'),
      });
      const serving = await serve(apps.main);
      try {
        const response = await fetch(`${serving.url}/v3/users`);
        expect(await response.text()).to.equal('service_v3 /v3 /users');
        expect(response.headers.get('x-trace')).to.include('json_body');
        expect(await (await fetch(serving.url)).text()).to.equal('public_version_service  /');
      } finally {
        await serving.close();
      }
    });

    it(`of ${release} has nothing to complain about`, async () => {
      const check = (file: string) => checkFile(file, { registry: pretendKeystone() });
      const { problems } = await withStockFile(release, check);
      expect(problems).to.deep.equal([]);
    });
  }

  it('of kilo and liberty names filters that do nothing any more, and later ones do not', async () => {
    const counts = new Map<string, number>();
    for (const release of stockReleases) {
      counts.set(release, (await loadStock(release, { registry: pretendKeystone() })).notes.length);
    }
    expect([...counts]).to.deep.equal([
      ['kilo', 8],
      ['liberty', 7],
      ['mitaka', 0],
      ['newton', 0],
      ['ocata', 0],
      ['pike', 0],
      ['queens', 0],
    ]);
  });
});
