/** The requests of a comparison: each kind of resource from its creation to its end, and what callers get wrong. */
import type { Step } from './compare.js';

type Body = NonNullable<Step['body']>;

const ADMIN = { 'X-Auth-Token': '{admin}' };
const DOMAIN = { id: 'default' };

const as =
  (headers: Readonly<Record<string, string>>) =>
  (method: string, path: string, body?: Body): Step => ({
    method,
    path,
    headers,
    ...(body !== undefined && { body }),
  });
const admin = as(ADMIN);
const nobody = as({});
const member = as({ 'X-Auth-Token': '{member}' });

const password = (name: string, secret: string, scope?: Body): Body => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, password: secret, domain: DOMAIN } } },
    ...(scope !== undefined && { scope }),
  },
});
const inProject = (name: string): Body => ({ project: { name, domain: DOMAIN } });
const signIn = (as: string, body: Body): Step => ({
  ...nobody('POST', '/v3/auth/tokens', body),
  save: { [as]: 'header:X-Subject-Token' },
});

interface Kind {
  readonly one: string;
  readonly many: string;
  /** Attributes of a new one, without the name. */
  readonly attributes: Readonly<Record<string, Body>>;
  readonly changes: Readonly<Record<string, Body>>;
  /** Bodies that are refused. */
  readonly bad: readonly Readonly<Record<string, Body | null>>[];
  /** Steps before it may be deleted. */
  readonly before?: readonly Step[];
}

const KINDS: readonly Kind[] = [
  {
    one: 'user',
    many: 'users',
    attributes: { email: 'a@example.com', description: 'A user', enabled: true, password: 'secret' },
    changes: { email: 'b@example.com', enabled: false, more: 'kept' },
    bad: [
      { name: '' },
      { name: 'x', enabled: 'yes' },
      { name: 'x', domain_id: 'nowhere' },
      { name: 'x'.repeat(256) },
      { name: 'x', default_project_id: 7 },
      { email: 'nobody@example.com' },
    ],
  },
  {
    one: 'group',
    many: 'groups',
    attributes: { description: 'A group' },
    changes: { description: 'Changed', more: 'kept' },
    bad: [
      { name: '' },
      { name: 'x'.repeat(65) },
      { description: 'no name' },
      { name: 'x', domain_id: 'nowhere' },
    ],
  },
  {
    one: 'project',
    many: 'projects',
    attributes: { description: 'A project', enabled: true },
    changes: { description: 'Changed', enabled: false, more: 'kept' },
    bad: [
      { name: '' },
      { name: 'x'.repeat(65) },
      { description: 'no name' },
      { name: 'x', enabled: 'yes' },
      { name: 'x', parent_id: 'nowhere' },
      { name: 'x', domain_id: 'nowhere' },
    ],
  },
  {
    one: 'domain',
    many: 'domains',
    attributes: { description: 'A domain', enabled: true },
    changes: { description: 'Changed', more: 'kept' },
    bad: [{ name: '' }, { name: 'x'.repeat(65) }, { description: 'no name' }, { name: 'x', enabled: 'yes' }],
    before: [
      admin('DELETE', '/v3/domains/{domain}'),
      admin('PATCH', '/v3/domains/{domain}', { domain: { enabled: false } }),
    ],
  },
  {
    one: 'role',
    many: 'roles',
    attributes: {},
    changes: { more: 'kept' },
    bad: [{ name: '' }, { name: 'x'.repeat(256) }, { more: 'no name' }],
  },
  {
    one: 'service',
    many: 'services',
    attributes: { type: 'compare', description: 'A service', enabled: true },
    changes: { description: 'Changed', enabled: false, more: 'kept' },
    bad: [{ name: 'no type' }, { type: '' }, { type: 'x', enabled: 'yes' }, { type: 'x'.repeat(256) }],
  },
  {
    one: 'policy',
    many: 'policies',
    attributes: { type: 'application/json', blob: '{}' },
    changes: { type: 'text/plain', blob: '[]' },
    bad: [{ blob: '{}' }, { type: 'x' }, { type: 'x'.repeat(256), blob: '{}' }],
  },
];

/** One of a kind from its creation to its end, with what callers may get wrong on the way. */
function life({ one, many, attributes, changes, bad, before = [] }: Kind): Step[] {
  const all = `/v3/${many}`;
  const it = `${all}/{${one}}`;
  const named = { name: `compared-${one}`, ...attributes };
  return [
    { ...admin('POST', all, { [one]: named }), save: { [one]: `${one}.id` } },
    admin('POST', all, { [one]: named }),
    admin('GET', it),
    admin('HEAD', it),
    admin('GET', `${all}?name=compared-${one}`),
    admin('GET', `${all}?name=nothing-of-this-name`),
    admin('GET', `${all}?name__contains=compared-${one}`),
    admin('GET', `${all}?name__startswith=compared-${one}&unknown=1`),
    admin('PATCH', it, { [one]: changes }),
    admin('GET', it),
    admin('PATCH', it, { [one]: { id: 'other' } }),
    admin('PATCH', it, { [one]: {} }),
    admin('PATCH', it, {}),
    admin('PATCH', `${all}/unknown`, { [one]: changes }),
    admin('GET', `${all}/unknown`),
    admin('DELETE', `${all}/unknown`),
    ...bad.map((body) => admin('POST', all, { [one]: body })),
    admin('POST', all, {}),
    admin('POST', all, { [one]: {} }),
    admin('PUT', it, {}),
    { ...admin('POST', all), text: '{' },
    nobody('GET', all),
    nobody('GET', it),
    nobody('POST', all, { [one]: named }),
    member('GET', it),
    member('POST', all, { [one]: named }),
    member('DELETE', it),
    member('DELETE', `${all}/unknown`),
    ...before,
    admin('DELETE', it),
    admin('GET', it),
    admin('DELETE', it),
  ];
}

/** A member of a project, the roles and the project, which other steps use. */
const PEOPLE: readonly Step[] = [
  signIn('admin', password('{admin_name}', '{admin_password}', inProject('{admin_project}'))),
  { ...admin('POST', '/v3/projects', { project: { name: 'tenancy' } }), save: { tenancy: 'project.id' } },
  { ...admin('POST', '/v3/roles', { role: { name: 'compared' } }), save: { compared: 'role.id' } },
  {
    ...admin('POST', '/v3/users', { user: { name: 'somebody', password: 'secret' } }),
    save: { somebody: 'user.id' },
  },
  { ...admin('POST', '/v3/groups', { group: { name: 'some' } }), save: { some: 'group.id' } },
  admin('PUT', '/v3/projects/{tenancy}/users/{somebody}/roles/{compared}'),
  signIn('member', password('somebody', 'secret', inProject('tenancy'))),
];

const DISCOVERY: readonly Step[] = [
  nobody('GET', '/'),
  nobody('GET', '/v3'),
  nobody('GET', '/v3/'),
  nobody('GET', '/v3/unknown'),
  nobody('POST', '/v3/users'),
  admin('GET', '/v3/unknown'),
];

const byToken = (id: string, scope?: Body): Body => ({
  auth: { identity: { methods: ['token'], token: { id } }, ...(scope !== undefined && { scope }) },
});
const about = (method: string, path: string, subject: string): Step => ({
  ...admin(method, path),
  headers: { ...ADMIN, 'X-Subject-Token': subject },
});

const TOKENS: readonly Step[] = [
  signIn('unscoped', password('somebody', 'secret', 'unscoped')),
  signIn('plain', password('somebody', 'secret')),
  signIn('none', password('somebody', 'wrong')),
  signIn('none', password('nobody', 'wrong')),
  signIn('none', password('somebody', 'secret', inProject('nowhere'))),
  signIn('none', password('somebody', 'secret', { domain: DOMAIN })),
  signIn('none', password('somebody', 'secret', { project: { id: '{tenancy}' }, domain: DOMAIN })),
  signIn('scoped', byToken('{unscoped}', { project: { id: '{tenancy}' } })),
  signIn('none', byToken('unknown')),
  nobody('POST', '/v3/auth/tokens', {}),
  nobody('POST', '/v3/auth/tokens', { auth: {} }),
  nobody('POST', '/v3/auth/tokens', { auth: { identity: {} } }),
  nobody('POST', '/v3/auth/tokens', { auth: { identity: { methods: [] } } }),
  nobody('POST', '/v3/auth/tokens', { auth: { identity: { methods: ['password'] } } }),
  nobody('POST', '/v3/auth/tokens', { auth: { identity: { methods: ['unknown'], unknown: {} } } }),
  nobody('POST', '/v3/auth/tokens', {
    auth: { identity: { methods: ['password'], password: { user: { id: '{somebody}' } } } },
  }),
  { ...nobody('POST', '/v3/auth/tokens'), text: '{"auth": ' },
  { ...nobody('POST', '/v3/auth/tokens'), text: '[]' },
  about('GET', '/v3/auth/tokens', '{scoped}'),
  about('GET', '/v3/auth/tokens?nocatalog', '{scoped}'),
  about('HEAD', '/v3/auth/tokens', '{scoped}'),
  about('GET', '/v3/auth/tokens', 'unknown'),
  admin('GET', '/v3/auth/tokens'),
  member('GET', '/v3/auth/catalog'),
  member('GET', '/v3/auth/projects'),
  member('GET', '/v3/auth/domains'),
  nobody('GET', '/v3/auth/projects'),
  about('DELETE', '/v3/auth/tokens', '{scoped}'),
  about('GET', '/v3/auth/tokens', '{scoped}'),
  about('DELETE', '/v3/auth/tokens', '{scoped}'),
  as({ 'X-Auth-Token': '{scoped}' })('GET', '/v3/auth/projects'),
];

/** Where grants went the member's token may have gone with them. */
const AGAIN = signIn('member', password('somebody', 'secret', inProject('tenancy')));

function grants(actor: string, target: string): Step[] {
  const all = `${target}${actor}/roles`;
  return ['', '/v3/OS-INHERIT'].flatMap((prefix) => {
    const suffix = prefix === '' ? '' : '/inherited_to_projects';
    const base = prefix === '' ? `/v3${all}` : `${prefix}${all}`;
    const it = `${base}/{compared}${suffix}`;
    return [
      admin('HEAD', it),
      admin('PUT', it),
      admin('PUT', it),
      admin('HEAD', it),
      admin('GET', it),
      admin('GET', `${base}${suffix}`),
      admin('PUT', `${base}/unknown${suffix}`),
      AGAIN,
      member('PUT', it),
      nobody('PUT', it),
      admin('DELETE', it),
      admin('DELETE', it),
    ];
  });
}

const ASSIGNMENTS: readonly Step[] = [
  admin('PUT', '/v3/projects/{tenancy}/users/unknown/roles/{compared}'),
  admin('PUT', '/v3/projects/unknown/users/{somebody}/roles/{compared}'),
  admin('GET', '/v3/role_assignments?user.id={somebody}'),
  admin('GET', '/v3/role_assignments?user.id={somebody}&include_names'),
  admin('GET', '/v3/role_assignments?user.id={somebody}&effective'),
  admin('GET', '/v3/role_assignments?scope.project.id={tenancy}&role.id={compared}'),
  admin('GET', '/v3/role_assignments?scope.project.id={tenancy}&scope.domain.id=default'),
  member('GET', '/v3/role_assignments'),
];

const MEMBERS: readonly Step[] = [
  admin('HEAD', '/v3/groups/{some}/users/{somebody}'),
  admin('PUT', '/v3/groups/{some}/users/{somebody}'),
  admin('PUT', '/v3/groups/{some}/users/{somebody}'),
  admin('HEAD', '/v3/groups/{some}/users/{somebody}'),
  admin('GET', '/v3/groups/{some}/users'),
  admin('GET', '/v3/users/{somebody}/groups'),
  member('GET', '/v3/users/{somebody}/groups'),
  admin('GET', '/v3/users/{somebody}/projects'),
  admin('PUT', '/v3/groups/unknown/users/{somebody}'),
  admin('PUT', '/v3/groups/{some}/users/unknown'),
  admin('DELETE', '/v3/groups/{some}/users/{somebody}'),
  admin('DELETE', '/v3/groups/{some}/users/{somebody}'),
];

const TREE: readonly Step[] = [
  {
    ...admin('POST', '/v3/projects', { project: { name: 'branch', parent_id: '{tenancy}' } }),
    save: { branch: 'project.id' },
  },
  {
    ...admin('POST', '/v3/projects', { project: { name: 'leaf', parent_id: '{branch}' } }),
    save: { leaf: 'project.id' },
  },
  admin('GET', '/v3/projects/{branch}?parents_as_list'),
  admin('GET', '/v3/projects/{branch}?parents_as_ids'),
  admin('GET', '/v3/projects/{branch}?subtree_as_list'),
  admin('GET', '/v3/projects/{branch}?subtree_as_ids'),
  admin('GET', '/v3/projects/{branch}?parents_as_list&parents_as_ids'),
  admin('GET', '/v3/projects?parent_id={branch}'),
  admin('PATCH', '/v3/projects/{leaf}', { project: { parent_id: '{tenancy}' } }),
  admin('DELETE', '/v3/projects/{branch}'),
  admin('PATCH', '/v3/projects/{branch}', { project: { enabled: false } }),
  admin('DELETE', '/v3/projects/{leaf}'),
  admin('DELETE', '/v3/projects/{branch}'),
];

const CATALOG: readonly Step[] = [
  admin('POST', '/v3/regions', { region: { id: 'north', description: 'North' } }),
  admin('POST', '/v3/regions', { region: { id: 'north' } }),
  admin('POST', '/v3/regions', { region: { id: 'pole', parent_region_id: 'north' } }),
  admin('POST', '/v3/regions', { region: { id: 'lost', parent_region_id: 'nowhere' } }),
  admin('PUT', '/v3/regions/east', { region: { description: 'East' } }),
  admin('PUT', '/v3/regions/east', { region: { id: 'west' } }),
  admin('GET', '/v3/regions'),
  admin('GET', '/v3/regions?parent_region_id=north'),
  admin('GET', '/v3/regions/north'),
  admin('GET', '/v3/regions/unknown'),
  admin('PATCH', '/v3/regions/pole', { region: { description: 'Cold' } }),
  admin('DELETE', '/v3/regions/north'),
  {
    ...admin('POST', '/v3/services', { service: { name: 'compute', type: 'compute' } }),
    save: { compute: 'service.id' },
  },
  {
    ...admin('POST', '/v3/endpoints', {
      endpoint: {
        interface: 'public',
        url: 'http://nova/$(tenant_id)s',
        region_id: 'north',
        service_id: '{compute}',
      },
    }),
    save: { endpoint: 'endpoint.id' },
  },
  admin('POST', '/v3/endpoints', {
    endpoint: { interface: 'public', url: 'http://nova/', service_id: 'unknown' },
  }),
  admin('POST', '/v3/endpoints', {
    endpoint: { interface: 'odd', url: 'http://nova/', service_id: '{compute}' },
  }),
  admin('POST', '/v3/endpoints', { endpoint: { interface: 'public', service_id: '{compute}' } }),
  admin('POST', '/v3/endpoints', {
    endpoint: { interface: 'public', url: 'http://$(password)s', service_id: '{compute}' },
  }),
  admin('POST', '/v3/endpoints', {
    endpoint: { interface: 'public', url: 'http://nova', service_id: '{compute}', region_id: 'nowhere' },
  }),
  admin('GET', '/v3/endpoints?service_id={compute}'),
  admin('GET', '/v3/endpoints?interface=admin&service_id={compute}'),
  admin('GET', '/v3/endpoints/{endpoint}'),
  admin('PATCH', '/v3/endpoints/{endpoint}', { endpoint: { interface: 'internal', name: 'kept' } }),
  admin('PATCH', '/v3/endpoints/{endpoint}', { endpoint: { interface: 'odd' } }),
  signIn('with_catalog', password('somebody', 'secret', inProject('tenancy'))),
  admin('DELETE', '/v3/endpoints/{endpoint}'),
  admin('GET', '/v3/endpoints/{endpoint}'),
  admin('DELETE', '/v3/regions/pole'),
  admin('DELETE', '/v3/regions/unknown'),
];

const IMPLIED: readonly Step[] = [
  { ...admin('POST', '/v3/roles', { role: { name: 'below' } }), save: { below: 'role.id' } },
  admin('GET', '/v3/roles/{compared}/implies'),
  admin('PUT', '/v3/roles/{compared}/implies/{below}'),
  admin('GET', '/v3/roles/{compared}/implies/{below}'),
  admin('HEAD', '/v3/roles/{compared}/implies/{below}'),
  admin('GET', '/v3/roles/{compared}/implies'),
  admin('PUT', '/v3/roles/{compared}/implies/unknown'),
  admin('DELETE', '/v3/roles/{compared}/implies/{below}'),
  admin('DELETE', '/v3/roles/{compared}/implies/{below}'),
];

const PASSWORDS: readonly Step[] = [
  nobody('POST', '/v3/users/{somebody}/password', { user: { original_password: 'wrong', password: 'new' } }),
  nobody('POST', '/v3/users/{somebody}/password', { user: { password: 'new' } }),
  member('POST', '/v3/users/{somebody}/password', { user: { original_password: 'secret', password: 'new' } }),
  signIn('none', password('somebody', 'secret')),
];

export const STEPS: readonly Step[] = [
  ...PEOPLE,
  ...DISCOVERY,
  ...KINDS.flatMap(life),
  ...TOKENS,
  ...grants('/groups/{some}', '/projects/{tenancy}'),
  AGAIN,
  ...grants('/users/{somebody}', '/domains/default'),
  AGAIN,
  ...ASSIGNMENTS,
  ...MEMBERS,
  ...TREE,
  ...CATALOG,
  ...IMPLIED,
  AGAIN,
  ...PASSWORDS,
];
