/** Filters of older paste files whose work is done elsewhere now, or not at all. They pass everything on. */
import { defineFilter, type FilterFactory, passOn } from '../pipeline/index.js';

export interface RemovedFilter {
  readonly name: string;
  /** Python names under which paste files know it. */
  readonly spellings: readonly string[];
  /** Where its work went. */
  readonly why: string;
}

const ALWAYS_THERE = 'its routes are always there';
const JSON_ONLY = 'the API speaks JSON only';

export const REMOVED_FILTERS: readonly RemovedFilter[] = [
  contrib('crud_extension', 'admin_crud', 'CrudExtension', ['', '.core']),
  contrib('user_crud_extension', 'user_crud', 'CrudExtension', ['', '.core']),
  contrib('endpoint_filter_extension', 'endpoint_filter', 'EndpointFilterExtension', ['.routers']),
  contrib(
    'endpoint_policy_extension',
    'endpoint_policy',
    'EndpointPolicyExtension',
    ['.routers'],
    '[endpoint_policy] enabled decides over its routes',
  ),
  contrib('federation_extension', 'federation', 'FederationExtension', ['.routers']),
  contrib('oauth1_extension', 'oauth1', 'OAuth1Extension', ['.routers']),
  contrib('revoke_extension', 'revoke', 'RevokeExtension', ['.routers']),
  contrib('simple_cert_extension', 'simple_cert', 'SimpleCertExtension', ['', '.routers']),
  xml('xml_body', 'XmlBodyMiddleware'),
  xml('xml_body_v2', 'XmlBodyMiddlewareV2'),
  xml('xml_body_v3', 'XmlBodyMiddlewareV3'),
];

function contrib(
  name: string,
  extension: string,
  className: string,
  modules: readonly string[],
  why = ALWAYS_THERE,
): RemovedFilter {
  return {
    name,
    spellings: modules.map((module) => `keystone.contrib.${extension}${module}:${className}.factory`),
    why,
  };
}

function xml(name: string, className: string): RemovedFilter {
  const modules = ['keystone.middleware', 'keystone.middleware.core'];
  return { name, spellings: modules.map((module) => `${module}:${className}.factory`), why: JSON_ONLY };
}

export function createFilter(): FilterFactory {
  return defineFilter({}, () => passOn);
}
