/** A request as the managers see it, without a server. */
import { requestContext } from '../../../../src/common/context.js';
import { Links } from '../../../../src/common/http/links.js';
import { QueryParams } from '../../../../src/common/http/query.js';
import type { ApiRequest } from '../../../../src/common/http/types.js';

/** @param auth the object under `auth` of the body */
export function authRequest(auth: object): ApiRequest {
  return {
    context: requestContext({ state: {} }),
    method: 'POST',
    params: {},
    query: QueryParams.empty(),
    body: { auth: auth as never },
    links: new Links('http://localhost:5000', '/auth/tokens', ''),
    header: () => '',
    remoteAddress: '192.0.2.1',
    rawBody: Buffer.alloc(0),
    allows: () => Promise.resolve(false),
  };
}
