/** Tokens for S3 requests, in both versions of the API. Source: Keystone's S3Extension. */
import { defineFilter, type FilterFactory } from '../pipeline/index.js';
import type { ResourceIndex } from './services.js';
import { type ExtensionServices, extensionRouter } from './support/extension_router.js';

export function createFilter(services: ExtensionServices, index: ResourceIndex): FilterFactory {
  return defineFilter({ options: {}, requires: ['auth_context', 'body'] }, () =>
    extensionRouter(services.extensions.s3, services, index),
  );
}
