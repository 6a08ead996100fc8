/** Routes of authentication. */
import { coreRel, extensionRel } from '../../common/http/json_home.js';
import type { Access, Route } from '../../common/http/types.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import { CertificateController } from './certificate_controllers.js';
import { AuthController } from './controllers.js';

export function authRoutes(providers: Providers, conf: Conf): readonly Route[] {
  const auth = new AuthController(providers);
  const certificates = new CertificateController(conf);
  const subject = (target: 'validate_token' | 'check_token' | 'revoke_token'): Access => ({
    kind: 'protected',
    target: `identity:${target}`,
    members: auth.target,
  });
  const plain = (target: string): Access => ({ kind: 'protected', target: `identity:${target}` });
  return [
    {
      method: 'GET',
      path: '/auth/tokens',
      access: subject('validate_token'),
      handler: auth.validate,
      atOnce: true,
      rel: coreRel('auth_tokens'),
    },
    {
      method: 'HEAD',
      path: '/auth/tokens',
      access: subject('check_token'),
      handler: auth.validate,
      atOnce: true,
    },
    {
      method: 'POST',
      path: '/auth/tokens',
      access: { kind: 'public', why: 'authentication itself' },
      handler: auth.authenticate,
    },
    { method: 'DELETE', path: '/auth/tokens', access: subject('revoke_token'), handler: auth.revoke },
    {
      method: 'GET',
      path: '/auth/tokens/OS-PKI/revoked',
      access: plain('revocation_list'),
      handler: auth.revocationList,
      rel: extensionRel('OS-PKI', 'revocations'),
    },
    {
      method: 'GET',
      path: '/auth/catalog',
      access: plain('get_auth_catalog'),
      handler: auth.catalog,
      rel: coreRel('auth_catalog'),
    },
    {
      method: 'GET',
      path: '/auth/projects',
      access: plain('get_auth_projects'),
      handler: auth.projects,
      rel: coreRel('auth_projects'),
    },
    {
      method: 'GET',
      path: '/auth/domains',
      access: plain('get_auth_domains'),
      handler: auth.domains,
      rel: coreRel('auth_domains'),
    },
    {
      method: 'GET',
      path: '/OS-SIMPLE-CERT/ca',
      access: { kind: 'public', why: 'certificates are made to be known' },
      handler: certificates.ca,
      rel: extensionRel('OS-SIMPLE-CERT', 'ca_certificate'),
    },
    {
      method: 'GET',
      path: '/OS-SIMPLE-CERT/certificates',
      access: { kind: 'public', why: 'certificates are made to be known' },
      handler: certificates.signing,
      rel: extensionRel('OS-SIMPLE-CERT', 'certificates'),
    },
  ];
}
