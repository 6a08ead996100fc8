/** The routes of the catalog and its companions over HTTP, for a caller whom policy lets do everything. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { type JsonObject, requestContext } from '../../../../src/common/context.js';
import { baseUrlOf } from '../../../../src/common/http/base_url.js';
import { readBody } from '../../../../src/common/http/body.js';
import { createRouter } from '../../../../src/common/http/router.js';
import { getLogger } from '../../../../src/common/log/index.js';
import { catalogRoutes } from '../../../../src/subsystems/catalog/routers.js';
import { endpointPolicyRoutes } from '../../../../src/subsystems/endpoint_policy/routers.js';
import { policyRoutes } from '../../../../src/subsystems/policy/routers.js';
import type { TestServices } from './support.js';

export const BASE = 'http://identity.example/prefix';

export interface Answer {
  readonly status: number;
  /** Null when there was none. */
  readonly body: JsonObject | null;
}

export interface TestHttp {
  request(method: string, path: string, body?: object): Promise<Answer>;
  close(): Promise<void>;
}

export async function serve(services: TestServices): Promise<TestHttp> {
  const log = getLogger('test');
  const app = new Koa();
  app.use(async (ctx, next) => {
    const context = requestContext(ctx);
    context.isAdmin = true;
    const text = (await readBody(ctx, 1_000_000)).toString('utf8');
    context.body = text === '' ? null : (JSON.parse(text) as JsonObject);
    return next();
  });
  app.use(
    createRouter(
      [
        ...catalogRoutes(services.catalog),
        ...endpointPolicyRoutes(services.endpointPolicy),
        ...policyRoutes(services.policy),
      ],
      {
        baseUrl: baseUrlOf(BASE),
        insecureDebug: false,
        log,
        policy: {
          current() {
            throw new Error('policy is not asked about the admin token');
          },
        },
      },
    ),
  );
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async request(method, path, body) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        // The server gives up idle connections, even while the next request is on its way.
        headers: { Connection: 'close' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as JsonObject) };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
