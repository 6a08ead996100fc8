/** Every body of API v3 has the attributes that Keystone's has, with values of the same types. */
import { expect } from 'chai';
import { createDelegation, type Delegation } from '../security/delegation.js';
import { createSigningFiles, type SigningFiles } from '../support/signing_files.js';
import type { Answer } from './cloud.js';
import { type Entity } from './people.js';
import { differences, SHAPES, type Shape } from './shape.js';
import { ec2Request, type KeyPair, s3Request } from './signing.js';

/** Federation is not available; v2.0 has tests of its own. */
const NOT_HERE = /OS-FEDERATION|federated|service_providers|^v2|^\/v2/;
const NAMES = Object.keys(SHAPES).filter((name) => !NOT_HERE.test(name));

describe('the shape of the answer', () => {
  let scene: Delegation;
  let files: SigningFiles;
  /** By name as in the table. */
  const answers = new Map<string, () => Promise<Answer>>();

  before(async function start() {
    this.timeout(120_000);
    files = await createSigningFiles();
    scene = await createDelegation({ signing: files.conf });
    await build();
  });
  after(async () => {
    await scene?.stop();
    await files?.remove();
  });

  const ask = (method: string, path: string, body?: object, token = scene.people.admin): Promise<Answer> =>
    scene.cloud.request(method, `/v3${path}`, token, body);

  /** Offer a request under its name, `/v3 METHOD TEMPLATE`. */
  function offer(method: string, template: string, path: string, body?: object, token?: string): void {
    answers.set(`/v3 ${method} ${template}`, () => ask(method, path, body, token));
  }

  async function make(kind: string, attributes: object, path = `/${kind}s`): Promise<Entity> {
    answers.set(`/v3 POST ${path}`, await once(() => ask('POST', path, { [kind]: attributes })));
    const { body } = await (answers.get(`/v3 POST ${path}`) as () => Promise<Answer>)();
    return body[kind] as Entity;
  }

  /** The answer is what was answered when it was made: a second entity with its name would be refused. */
  async function once(request: () => Promise<Answer>): Promise<() => Promise<Answer>> {
    const answer = await request();
    return () => Promise.resolve(answer);
  }

  function crud(kind: string, entity: Entity, change: object, base = `/${kind}s`, query = ''): void {
    const template = `${base}/{${kind}_id}`;
    offer('GET', base, `${base}${query}`);
    offer('GET', template, `${base}/${entity.id}`);
    offer('PATCH', template, `${base}/${entity.id}`, { [kind]: change });
  }

  async function build(): Promise<void> {
    const { people, owner, helper, role, more, project } = scene;
    const domain = await make('domain', { name: 'shape-domain', description: 'd' });
    crud('domain', domain, { description: 'e' }, '/domains', '?name=shape-domain');
    const inDomain = { domain_id: domain.id };
    const place = await make('project', { name: 'shape-project', description: 'd', ...inDomain });
    crud('project', place, { description: 'e' }, '/projects', `?domain_id=${domain.id}`);
    const user = await make('user', {
      name: 'shape-user',
      email: 'u@example.com',
      password: 'secret',
      default_project_id: place.id,
      ...inDomain,
    });
    const member = { ...user, password: 'secret' };
    const group = await make('group', { name: 'shape-group', description: 'd', ...inDomain });
    crud('group', group, { description: 'e' }, '/groups', `?domain_id=${domain.id}`);
    await ask('PUT', `/groups/${group.id}/users/${user.id}`);

    const prior = await make('role', { name: 'shape-role' });
    crud('role', prior, { name: 'shape-role-2' }, '/roles', '?name=admin');
    const implies = `/roles/${prior.id}/implies/${more.id}`;
    const implying = '/roles/{prior_role_id}/implies';
    answers.set(`/v3 PUT ${implying}/{implied_role_id}`, await once(() => ask('PUT', implies)));
    offer('GET', implying, `/roles/${prior.id}/implies`);
    offer('GET', `${implying}/{implied_role_id}`, implies);
    offer('GET', '/role_inferences', '/role_inferences');

    for (const [target, id] of [
      ['project', place.id],
      ['domain', domain.id],
    ] as const) {
      for (const [actor, actorId] of [
        ['user', user.id],
        ['group', group.id],
      ] as const) {
        const path = `/${target}s/${id}/${actor}s/${actorId}/roles`;
        await ask('PUT', `${path}/${role.id}`);
        const template = `/${target}s/{${target}_id}/${actor}s/{${actor}_id}/roles`;
        offer('GET', template, path);
        if (target === 'project') continue;
        await ask('PUT', `/OS-INHERIT${path}/${role.id}/inherited_to_projects`);
        offer(
          'GET',
          `/OS-INHERIT${template}/inherited_to_projects`,
          `/OS-INHERIT${path}/inherited_to_projects`,
        );
      }
    }
    offer('GET', '/role_assignments', `/role_assignments?user.id=${user.id}&scope.project.id=${place.id}`);
    offer('GET', '/users/{user_id}/groups', `/users/${user.id}/groups`);
    offer('GET', '/users/{user_id}/projects', `/users/${user.id}/projects`);
    // Before the change, by which the user gets a description.
    for (const [template, path] of [
      ['/users', `/users?domain_id=${domain.id}`],
      ['/users/{user_id}', `/users/${user.id}`],
    ] as const) {
      answers.set(`/v3 GET ${template}`, await once(() => ask('GET', path)));
    }
    answers.set(
      '/v3 PATCH /users/{user_id}',
      await once(() =>
        ask('PATCH', `/users/${user.id}`, { user: { description: 'd', email: 'u@example.com' } }),
      ),
    );
    offer('GET', '/groups/{group_id}/users', `/groups/${group.id}/users`);

    const region = await make('region', { description: 'd' });
    crud('region', region, { description: 'e' });
    answers.set(
      '/v3 PUT /regions/{region_id}',
      await once(() => ask('PUT', '/regions/shape-region', { region: { description: 'd' } })),
    );
    const service = await make('service', { name: 'shape-service', type: 'compute' });
    crud('service', service, { description: 'e' }, '/services', '?name=shape-service');
    const endpoint = await make('endpoint', {
      service_id: service.id,
      interface: 'public',
      url: 'http://example.com/$(project_id)s',
      region: region.id,
    });
    crud('endpoint', endpoint, { url: 'http://example.com/v2/$(project_id)s' });

    const groups = '/OS-EP-FILTER/endpoint_groups';
    const filter = { name: 'shape-filter', filters: { interface: 'public' } };
    const endpointGroup = await make('endpoint_group', filter, groups);
    crud('endpoint_group', endpointGroup, { name: 'shape-filter-2' }, groups);
    const association = `${groups}/${endpointGroup.id}/projects/${place.id}`;
    await ask('PUT', association);
    await ask('PUT', `/OS-EP-FILTER/projects/${place.id}/endpoints/${endpoint.id}`);
    offer('GET', `${groups}/{endpoint_group_id}/endpoints`, `${groups}/${endpointGroup.id}/endpoints`);
    offer('GET', `${groups}/{endpoint_group_id}/projects`, `${groups}/${endpointGroup.id}/projects`);
    offer('GET', `${groups}/{endpoint_group_id}/projects/{project_id}`, association);
    offer(
      'GET',
      '/OS-EP-FILTER/endpoints/{endpoint_id}/projects',
      `/OS-EP-FILTER/endpoints/${endpoint.id}/projects`,
    );
    const filtered = `/OS-EP-FILTER/projects/${place.id}`;
    offer('GET', '/OS-EP-FILTER/projects/{project_id}/endpoint_groups', `${filtered}/endpoint_groups`);
    offer('GET', '/OS-EP-FILTER/projects/{project_id}/endpoints', `${filtered}/endpoints`);

    const policy = await make('policy', { blob: '{}', type: 'application/json' }, '/policies');
    crud('policy', policy, { blob: '{"a": 1}' }, '/policies');
    const associated = `/policies/${policy.id}/OS-ENDPOINT-POLICY/endpoints`;
    await ask('PUT', `${associated}/${endpoint.id}`);
    offer('GET', '/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints', associated);
    offer(
      'GET',
      '/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy',
      `/endpoints/${endpoint.id}/OS-ENDPOINT-POLICY/policy`,
    );

    const credential = await make('credential', { user_id: user.id, type: 'cert', blob: 'b' });
    crud('credential', credential, { blob: 'c' }, '/credentials', '?type=cert');
    await buildConfig(domain);
    await buildTokens(member, place, domain);
    await buildDelegated(owner, helper, role, project);
    await buildEc2(owner, project);
    answers.set('/v3 GET /auth/projects', () =>
      people.tokenFor(owner, project).then((t) => ask('GET', '/auth/projects', undefined, t)),
    );
  }

  async function buildConfig(domain: Entity): Promise<void> {
    const path = `/domains/${domain.id}/config`;
    const config = {
      ldap: { url: 'ldap://localhost', user_tree_dn: 'ou=Users' },
      identity: { driver: 'ldap' },
    };
    answers.set('/v3 PUT /domains/{domain_id}/config', await once(() => ask('PUT', path, { config })));
    const template = '/domains/{domain_id}/config';
    offer('GET', template, path);
    offer('PATCH', template, path, { config: { ldap: { url: 'ldap://b' } } });
    offer('GET', `${template}/{group}`, `${path}/ldap`);
    offer('PATCH', `${template}/{group}`, `${path}/ldap`, { config: { ldap: { url: 'ldap://c' } } });
    offer('GET', `${template}/{group}/{option}`, `${path}/ldap/url`);
    offer('PATCH', `${template}/{group}/{option}`, `${path}/ldap/url`, { config: { url: 'ldap://d' } });
    offer('GET', '/domains/config/default', '/domains/config/default');
    offer('GET', '/domains/config/{group}/default', '/domains/config/ldap/default');
    offer('GET', '/domains/config/{group}/{option}/default', '/domains/config/ldap/url/default');
  }

  async function buildTokens(
    user: Entity & { password: string },
    place: Entity,
    domain: Entity,
  ): Promise<void> {
    const { people, cloud } = scene;
    const scoped = (scope: object) => (): Promise<Answer> => people.authenticate(user, scope);
    const onProject = { project: { id: place.id } };
    answers.set('/v3 POST /auth/tokens', scoped(onProject));
    answers.set('token project-scoped', scoped(onProject));
    answers.set('token project-scoped with catalog', scoped(onProject));
    answers.set('token domain-scoped', scoped({ domain: { id: domain.id } }));
    answers.set('token unscoped', scoped({ unscoped: {} }));
    const token = await people.token(user, onProject);
    answers.set('/v3 GET /auth/tokens', () =>
      cloud.request('GET', '/v3/auth/tokens', people.admin, undefined, { 'X-Subject-Token': token }),
    );
    offer('GET', '/auth/tokens/OS-PKI/revoked', '/auth/tokens/OS-PKI/revoked');
    offer('GET', '/auth/catalog', '/auth/catalog', undefined, token);
    offer('GET', '/auth/domains', '/auth/domains', undefined, token);
    offer('GET', '/', '/');
  }

  async function buildDelegated(owner: Entity, helper: Entity, role: Entity, project: Entity): Promise<void> {
    const { cloud, people, ownerToken } = scene;
    const trusts = '/OS-TRUST/trusts';
    const request = scene.trustRequest({ expires_at: null });
    const made = await ask('POST', trusts, request, ownerToken);
    answers.set(`/v3 POST ${trusts}`, () => Promise.resolve(made));
    const trust = made.body['trust'] as Entity;
    const one = `${trusts}/${trust.id}`;
    offer('GET', trusts, `${trusts}?trustor_user_id=${owner.id}`, undefined, ownerToken);
    offer('GET', `${trusts}/{trust_id}`, one, undefined, ownerToken);
    offer('GET', `${trusts}/{trust_id}/roles`, `${one}/roles`, undefined, ownerToken);
    offer('GET', `${trusts}/{trust_id}/roles/{role_id}`, `${one}/roles/${role.id}`, undefined, ownerToken);
    const validated = (token: string) => (): Promise<Answer> =>
      cloud.request('GET', '/v3/auth/tokens', people.admin, undefined, { 'X-Subject-Token': token });
    const scope = { 'OS-TRUST:trust': { id: trust.id } };
    answers.set('token trust-scoped', validated(await people.token({ ...scene.helper, ...helper }, scope)));
    // A trust that is deleted leaves an event.
    const gone = await ask('POST', trusts, scene.trustRequest(), ownerToken);
    await ask('DELETE', `${trusts}/${(gone.body['trust'] as Entity).id}`, undefined, ownerToken);
    offer('GET', '/OS-REVOKE/events', '/OS-REVOKE/events');

    const consumer = await make('consumer', { description: 'd' }, '/OS-OAUTH1/consumers');
    crud('consumer', consumer, { description: 'e' }, '/OS-OAUTH1/consumers');
    answers.set('token oauth1', validated(await scene.oauthToken()));
    const waiting = await scene.requestToken();
    const roles = [{ id: role.id }];
    offer(
      'PUT',
      '/OS-OAUTH1/authorize/{request_token_id}',
      `/OS-OAUTH1/authorize/${waiting}`,
      { roles },
      await people.tokenFor(scene.owner, project),
    );
    const tokens = `/users/${owner.id}/OS-OAUTH1/access_tokens`;
    const template = '/users/{user_id}/OS-OAUTH1/access_tokens';
    const { body } = await ask('GET', tokens);
    const [access] = body['access_tokens'] as Entity[];
    offer('GET', template, tokens);
    offer('GET', `${template}/{access_token_id}`, `${tokens}/${access?.id}`);
    offer('GET', `${template}/{access_token_id}/roles`, `${tokens}/${access?.id}/roles`);
    offer('GET', `${template}/{access_token_id}/roles/{role_id}`, `${tokens}/${access?.id}/roles/${role.id}`);
  }

  async function buildEc2(owner: Entity, project: Entity): Promise<void> {
    const path = `/users/${owner.id}/credentials/OS-EC2`;
    const template = '/users/{user_id}/credentials/OS-EC2';
    const made = await ask('POST', path, { tenant_id: project.id });
    answers.set(`/v3 POST ${template}`, () => Promise.resolve(made));
    const pair = made.body['credential'] as KeyPair;
    offer('GET', template, path);
    offer('GET', `${template}/{credential_id}`, `${path}/${pair.access}`);
    offer('POST', '/ec2tokens', '/ec2tokens', { credentials: ec2Request(pair) });
    offer('POST', '/s3tokens', '/s3tokens', { credentials: s3Request(pair) });
  }

  for (const name of NAMES) {
    it(`to ${name}`, async () => {
      const answer = await answers.get(name)?.();
      expect(answer, 'a request').to.be.an('object');
      expect(answer?.status, answer?.text).to.be.within(200, 299);
      expect(differences(SHAPES[name] as Shape, answer?.body)).to.deep.equal([]);
    });
  }
});
