/** EC2 credentials and tokens of API v2.0. Source: Keystone's Ec2Extension. */
import { defineFilter, type FilterFactory } from '../pipeline/index.js';
import { type ExtensionServices, extensionRouter } from './support/extension_router.js';

export function createFilter(services: ExtensionServices): FilterFactory {
  return defineFilter({ options: {}, requires: ['auth_context', 'body'] }, () =>
    extensionRouter(services.extensions.ec2V2, services, null),
  );
}
