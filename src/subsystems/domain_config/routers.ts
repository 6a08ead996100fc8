/** Routes of domain configurations. */
import { coreParam, coreRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import type { Providers } from '../providers.js';
import { DomainConfigController } from './controllers.js';

const PARAMS = { group: coreParam('config_group'), option: coreParam('config_option') };

const LEVELS = [
  { path: '/domains/{domain_id}/config', rel: coreRel('domain_config') },
  { path: '/domains/{domain_id}/config/{group}', rel: coreRel('domain_config_group', { params: PARAMS }) },
  {
    path: '/domains/{domain_id}/config/{group}/{option}',
    rel: coreRel('domain_config_option', { params: PARAMS }),
  },
] as const;

const DEFAULTS = [
  { path: '/domains/config/default', rel: coreRel('domain_config_default') },
  {
    path: '/domains/config/{group}/default',
    rel: coreRel('domain_config_default_group', { params: PARAMS }),
  },
  {
    path: '/domains/config/{group}/{option}/default',
    rel: coreRel('domain_config_default_option', { params: PARAMS }),
  },
] as const;

export function domainConfigRoutes(providers: Providers): readonly Route[] {
  const configs = new DomainConfigController(providers);
  const access = (action: string): Access => ({ kind: 'protected', target: `identity:${action}` });
  return [
    {
      method: 'PUT',
      path: '/domains/{domain_id}/config',
      access: access('create_domain_config'),
      handler: configs.create,
    },
    ...LEVELS.flatMap(({ path, rel }): Route[] => [
      { method: 'GET', path, access: access('get_domain_config'), handler: configs.get, rel },
      { method: 'PATCH', path, access: access('update_domain_config'), handler: configs.update },
      { method: 'DELETE', path, access: access('delete_domain_config'), handler: configs.delete },
    ]),
    ...DEFAULTS.map(
      ({ path, rel }): Route => ({
        method: 'GET',
        path,
        access: access('get_domain_config_default'),
        handler: configs.getDefault,
        rel,
      }),
    ),
  ];
}
