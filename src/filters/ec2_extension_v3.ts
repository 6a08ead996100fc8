/** EC2 credentials and tokens of API v3. Source: Keystone's Ec2ExtensionV3. */
import { defineFilter, type FilterFactory } from '../pipeline/index.js';
import type { ResourceIndex } from './services.js';
import { type ExtensionServices, extensionRouter } from './support/extension_router.js';

export function createFilter(services: ExtensionServices, index: ResourceIndex): FilterFactory {
  return defineFilter({ options: {}, requires: ['auth_context', 'body'] }, () =>
    extensionRouter(services.extensions.ec2V3, services, index),
  );
}
