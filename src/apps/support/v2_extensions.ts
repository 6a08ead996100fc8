/** The list of extensions of API v2.0 (`/extensions`). What it names does not depend on what is switched on. */
import { NotFound } from '../../common/errors.js';
import { ok } from '../../common/http/results.js';
import type { Route } from '../../common/http/types.js';

interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly namespace: string;
  /** As Keystone writes it, which is not quite ISO 8601. */
  readonly updated: string;
  readonly description: string;
  readonly links: readonly { readonly rel: string; readonly type: string; readonly href: string }[];
}

const NAMESPACE = 'http://docs.openstack.org/identity/api/ext';

/** The page that describes it, by the version of the API that it extends. */
const REFERENCE = {
  v2: 'http://developer.openstack.org/api-ref-identity-v2-ext.html',
  v3: 'http://developer.openstack.org/api-ref-identity-v3-ext.html',
};
const EXTENSIONS_OF_V3: ReadonlySet<string> = new Set(['OS-FEDERATION', 'OS-OAUTH1', 'OS-REVOKE']);

function extension(alias: string, name: string, updated: string, description: string): Extension {
  const href = EXTENSIONS_OF_V3.has(alias) ? REFERENCE.v3 : REFERENCE.v2;
  return {
    alias,
    name,
    namespace: `${NAMESPACE}/${alias}/v1.0`,
    updated,
    description,
    links: [{ rel: 'describedby', type: 'text/html', href }],
  };
}

const BOTH: readonly Extension[] = [
  extension(
    'OS-EC2',
    'OpenStack EC2 API',
    '2013-07-07T12:00:0-00:00',
    'Credentials and tokens for the EC2 API.',
  ),
  extension(
    'OS-FEDERATION',
    'OpenStack Federation APIs',
    '2013-12-17T12:00:0-00:00',
    'Identity providers, protocols and mappings.',
  ),
  extension('OS-OAUTH1', 'OpenStack OAUTH1 API', '2013-07-07T12:00:0-00:00', 'Delegation by OAuth 1.0a.'),
  extension(
    'OS-REVOKE',
    'OpenStack Revoke API',
    '2014-02-24T20:51:0-00:00',
    'Reports which tokens are revoked.',
  ),
  extension(
    'OS-SIMPLE-CERT',
    'OpenStack Simple Certificate API',
    '2014-01-20T12:00:0-00:00',
    'Certificates by which signed tokens are checked.',
  ),
];

export const PUBLIC_EXTENSIONS: readonly Extension[] = [
  ...BOTH,
  extension(
    'OS-KSCRUD',
    'OpenStack Keystone User CRUD',
    '2013-07-07T12:00:0-00:00',
    'Users change what is their own.',
  ),
];

export const ADMIN_EXTENSIONS: readonly Extension[] = [
  ...BOTH,
  extension(
    'OS-KSADM',
    'OpenStack Keystone Admin',
    '2013-07-11T17:14:00-00:00',
    'Administration of users, tenants, roles and services.',
  ),
  extension('s3tokens', 'OpenStack S3 API', '2013-07-07T12:00:0-00:00', 'Tokens for requests to the S3 API.'),
];

export function extensionRoutes(extensions: readonly Extension[]): readonly Route[] {
  const access = { kind: 'public', why: 'clients read it before they sign in' } as const;
  return [
    { method: 'GET', path: '/extensions', access, handler: () => ok({ extensions: { values: extensions } }) },
    {
      method: 'GET',
      path: '/extensions/{extension_alias}',
      access,
      handler: ({ params }) => {
        const alias = params['extension_alias'] as string;
        const found = extensions.find((each) => each.alias === alias);
        if (found === undefined) throw new NotFound({ target: alias });
        return ok({ extension: found });
      },
    },
  ];
}
