/** Routes of OS-EC2 and s3tokens, which filters of the pipeline bring in. */
import { ForbiddenAction } from '../../common/errors.js';
import { coreParam, extensionRel, type Relation } from '../../common/http/json_home.js';
import type { Access, Handler, Route } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import { Ec2Controller } from './ec2_controllers.js';

/** By the filter that brings them in. */
export interface SignatureRoutes {
  readonly ec2V2: readonly Route[];
  readonly ec2V3: readonly Route[];
  /** The same for both versions. */
  readonly s3: readonly Route[];
}

const CREDENTIALS = '/users/{user_id}/credentials/OS-EC2';
const CREDENTIAL = `${CREDENTIALS}/{credential_id}`;

export function signatureRoutes(providers: Providers, conf: Conf): SignatureRoutes {
  const ec2 = new Ec2Controller(providers, conf);
  const guard = callerGuard(conf);
  const ec2Tokens = (handler: Handler, rel?: Relation): Route => ({
    method: 'POST',
    path: '/ec2tokens',
    ...guard(handler),
    ...(rel && { rel }),
  });
  const s3Tokens: Route = {
    method: 'POST',
    path: '/s3tokens',
    ...guard(ec2.authenticateS3),
    rel: extensionRel('s3tokens', 's3tokens'),
  };
  return {
    ec2V2: [ec2Tokens(ec2.authenticateV2), ...credentialRoutesV2(ec2)],
    ec2V3: [ec2Tokens(ec2.authenticateV3, extensionRel('OS-EC2', 'ec2tokens')), ...credentialRoutesV3(ec2)],
    s3: [s3Tokens],
  };
}

/**
 * Who may have a signature turned into a token. A signature is no secret: everybody who saw a request has it. So only
 * services that receive such requests may ask (CVE-2025-65073), by the rule that lets them validate tokens.
 */
function callerGuard(conf: Conf): (handler: Handler) => Pick<Route, 'access' | 'handler'> {
  if (!conf.keystone_koa.ec2_s3_tokens_require_authentication) {
    const why = 'ec2_s3_tokens_require_authentication is off: the signature is all there is';
    return (handler) => ({ access: { kind: 'public', why }, handler });
  }
  const access: Access = { kind: 'authenticated', why: 'services and administrators, by service_or_admin' };
  return (handler) => ({
    access,
    handler: async (request) => {
      if (!(await request.allows('service_or_admin')))
        throw new ForbiddenAction({ action: 'service_or_admin' });
      return handler(request);
    },
  });
}

function credentialRoutesV2(ec2: Ec2Controller): readonly Route[] {
  const access: Access = {
    kind: 'authenticated',
    why: 'users have credentials of their own, administrators all',
  };
  return [
    { method: 'POST', path: CREDENTIALS, access, handler: ec2.createV2 },
    { method: 'GET', path: CREDENTIALS, access, handler: ec2.listV2 },
    { method: 'GET', path: CREDENTIAL, access, handler: ec2.getV2 },
    { method: 'DELETE', path: CREDENTIAL, access, handler: ec2.deleteV2 },
  ];
}

function credentialRoutesV3(ec2: Ec2Controller): readonly Route[] {
  const rel = (name: string): Relation =>
    extensionRel('OS-EC2', name, { params: { credential_id: coreParam('credential_id') } });
  const stored = (action: 'get' | 'delete'): Access => ({
    kind: 'protected',
    target: `identity:ec2_${action}_credential`,
    members: ec2.target,
  });
  return [
    {
      method: 'GET',
      path: CREDENTIALS,
      access: { kind: 'protected', target: 'identity:ec2_list_credentials' },
      handler: ec2.listV3,
      rel: rel('user_credentials'),
    },
    {
      method: 'POST',
      path: CREDENTIALS,
      access: { kind: 'protected', target: 'identity:ec2_create_credential' },
      handler: ec2.createV3,
    },
    {
      method: 'GET',
      path: CREDENTIAL,
      access: stored('get'),
      handler: ec2.getV3,
      rel: rel('user_credential'),
    },
    { method: 'DELETE', path: CREDENTIAL, access: stored('delete'), handler: ec2.deleteV3 },
  ];
}
