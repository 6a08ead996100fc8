/**
 * The cloud that is changed: roles and a catalog that all share, and domains ("cells") with people, groups, projects
 * and every kind of token, which are replaced when most of their tokens have ended.
 */

import type { Database } from '../../../src/common/sql/index.js';
import type { OAuth1Client } from '../../../src/subsystems/oauth1/signature.js';
import { ADMIN } from '../deployment.js';
import { type Answer, type Api, member } from './api.js';
import type { Random } from './random.js';
import {
  type AccessToken,
  type Domain,
  type Endpoint,
  fixedOf,
  type Grant,
  type Group,
  type Project,
  type Role,
  type Scope,
  type Token,
  type Trust,
  Truth,
  type User,
} from './truth.js';

const CELLS = 4;
const ROLES = 10;
/** A cell with fewer good tokens is worn out. */
const FEWEST_TOKENS = 3;
/** Rounds that it stays for all the same: what is disabled may be enabled again. */
const REST = 25;
const URLS = ['http://one/v1', 'http://two/$(tenant_id)s', 'http://three/$(user_id)s'];

export interface Cell {
  readonly domain: Domain;
  readonly projects: readonly Project[];
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly tokens: Set<Token>;
  /** Rounds since it is worn out. */
  rested: number;
}

/** How somebody signs in. */
export interface Proof {
  readonly identity: object;
  readonly scope: Scope | null;
  readonly user: User;
  readonly trust?: Trust;
  readonly access?: AccessToken;
  readonly headers?: Readonly<Record<string, string>>;
}

export class World {
  readonly truth: Truth;
  readonly cells: Cell[] = [];
  readonly admin: Role = { id: '', name: ADMIN.name };
  private made = 0;

  /** @param database the same one, for those who change it without the service */
  constructor(
    readonly database: Database,
    tokensAreStored: boolean,
  ) {
    this.truth = new Truth(tokensAreStored);
  }

  /** A name, or a number in one, that nothing else has. */
  fresh(kind: string): string {
    this.made += 1;
    return `${kind}-${this.made}`;
  }

  /** Once, before anything else. */
  async begin(api: Api): Promise<void> {
    const { body } = await api.done('GET', `/roles?name=${ADMIN.name}`);
    const [admin] = body['roles'] as readonly Role[];
    Object.assign(this.admin, { id: admin?.id });
    for (const { id } of (await api.done('GET', '/services')).body['services'] as readonly Role[]) {
      await api.done('DELETE', `/services/${id}`);
    }
    await api.create('region', { id: 'noise' });
    for (const type of ['compute', 'image', 'volume']) {
      const name = this.fresh(type);
      const service = { id: await api.create('service', { name, type }), type, name, enabled: true };
      const endpoints = new Set<Endpoint>();
      this.truth.services.add({ ...service, endpoints });
      for (const url of URLS) endpoints.add(await createEndpoint(api, service.id, url));
    }
  }

  /** Make what changes have used up. */
  async replenish(api: Api, random: Random): Promise<void> {
    const { truth } = this;
    while (truth.roles.length < ROLES) {
      const name = this.fresh('role');
      truth.roles.push({ id: await api.create('role', { name }), name });
    }
    for (const cell of this.cells) {
      const good = [...cell.tokens].filter((token) => truth.judge(token) !== null).length;
      if (cell.rested > 0 || good < FEWEST_TOKENS) cell.rested += 1;
    }
    for (const worn of this.cells.filter(({ rested }) => rested > REST)) this.drop(worn);
    while (this.cells.filter(({ rested }) => rested === 0).length < CELLS) {
      this.cells.push(await this.makeCell(api, random));
    }
  }

  private drop(cell: Cell): void {
    const { truth } = this;
    this.cells.splice(this.cells.indexOf(cell), 1);
    for (const token of cell.tokens) truth.tokens.delete(token);
    truth.grants = new Set([...truth.grants].filter(({ target }) => !isIn(target, cell.domain)));
  }

  /** Sign in: a token that counts from now on. */
  async issue(api: Api, cell: Cell, proof: Proof): Promise<Token> {
    const [token] = await this.issueAll(api, cell, [proof]);
    return token as Token;
  }

  /** At the same time; they count in the order of the proofs. */
  private async issueAll(api: Api, cell: Cell, proofs: readonly Proof[]): Promise<Token[]> {
    const issued = proofs.map(async (proof) =>
      this.tokenOf(await api.issue(proof.identity, scopeOf(proof), proof.headers), proof),
    );
    const tokens = await Promise.all(issued);
    for (const token of tokens) {
      this.truth.tokens.add(token);
      cell.tokens.add(token);
    }
    return tokens;
  }

  private tokenOf(answer: Answer, { user, scope, trust, access }: Proof): Token {
    const body = member(answer.body, 'token');
    const roles = (body['roles'] ?? []) as readonly Role[];
    return {
      id: answer.subjectToken,
      user: trust?.impersonation ? trust.trustor : user,
      scope,
      trust: trust ?? null,
      access: access ?? null,
      fixed: fixedOf(body),
      issuedRoles: roles.map(({ id }) => id),
      isRevoked: false,
    };
  }

  private async makeCell(api: Api, random: Random): Promise<Cell> {
    const domain = await this.makeDomain(api);
    const parent = await this.makeProject(api, domain, null);
    const [child, lone] = await Promise.all([
      this.makeProject(api, domain, parent),
      this.makeProject(api, domain, null),
    ]);
    const [lead, member, heir, late, agent] = (await Promise.all(
      ['lead', 'member', 'heir', 'late', 'agent'].map((name) => this.makeUser(api, domain, name)),
    )) as [User, User, User, User, User];
    const [group, other] = await Promise.all([
      this.makeGroup(api, domain, [member, late]),
      this.makeGroup(api, domain, [late]),
    ]);
    const role = (): Role => random.pick(this.truth.roles) as Role;
    await this.give(api, [
      { actor: lead, target: parent, role: role(), inherited: false },
      { actor: lead, target: domain, role: role(), inherited: false },
      { actor: lead, target: child, role: role(), inherited: false },
      { actor: member, target: lone, role: role(), inherited: false },
      { actor: group, target: lone, role: role(), inherited: false },
      { actor: group, target: domain, role: role(), inherited: false },
      { actor: heir, target: domain, role: role(), inherited: true },
      { actor: other, target: parent, role: role(), inherited: true },
      { actor: late, target: parent, role: this.admin, inherited: false },
      { actor: late, target: parent, role: role(), inherited: false },
    ]);
    const cell: Cell = {
      domain,
      projects: [parent, child, lone],
      users: [lead, member, heir, late, agent],
      groups: [group, other],
      tokens: new Set(),
      rested: 0,
    };
    const foreign = random.pick(this.cells)?.users.find(({ gone }) => gone !== true) ?? agent;
    await this.issueAll(
      api,
      cell,
      cell.users.flatMap((user) => this.proofsOf(cell, user)),
    );
    await this.trust(api, cell, { trustor: lead, trustee: agent, project: parent, impersonation: true });
    await this.trust(api, cell, { trustor: heir, trustee: foreign, project: child, impersonation: false });
    await this.delegate(api, cell, late, parent, random);
    return cell;
  }

  /** For everything that a user may sign in to. */
  private proofsOf(cell: Cell, user: User): Proof[] {
    const scopes = [cell.domain, ...cell.projects].filter(
      (scope) => this.truth.rolesOf(user, scope).size > 0,
    );
    return [null, ...scopes].map((scope) => ({ identity: password(user), scope, user }));
  }

  private async trust(
    api: Api,
    cell: Cell,
    parts: Pick<Trust, 'trustor' | 'trustee' | 'project' | 'impersonation'>,
  ): Promise<void> {
    const { trustor, trustee, project, impersonation } = parts;
    if (!trustee.enabled || !trustee.domain.enabled) return;
    const roles = [...this.truth.rolesOf(trustor, project)];
    const wanted = {
      trustor_user_id: trustor.id,
      trustee_user_id: trustee.id,
      project_id: project.id,
      impersonation,
      roles: roles.map(({ id }) => ({ id })),
    };
    const headers = { 'X-Auth-Token': this.tokenFor(trustor, project).id };
    const { body } = await api.done('POST', '/OS-TRUST/trusts', { trust: wanted }, headers);
    const trust = { ...parts, id: String(member(body, 'trust')['id']), roles };
    await this.issue(api, cell, { identity: password(trustee), scope: project, user: trustee, trust });
  }

  private tokenFor(user: User, scope: Scope): Token {
    for (const token of this.truth.tokens) {
      if (token.user === user && token.scope === scope && token.trust === null && token.access === null)
        return token;
    }
    throw new Error(`no token of ${user.name} for ${scope.name}`);
  }

  /** A consumer, and an access token with one of the user's roles. */
  private async delegate(api: Api, cell: Cell, user: User, project: Project, random: Random): Promise<void> {
    const own = this.tokenFor(user, project);
    const role = random.pick([...this.truth.rolesOf(user, project)].filter((each) => each !== this.admin));
    const { body } = await api.done('POST', '/OS-OAUTH1/consumers', { consumer: {} });
    const { id: consumerId, secret } = member(body, 'consumer');
    const client = { consumerKey: String(consumerId), consumerSecret: String(secret) };
    const wanted = { 'Requested-Project-Id': project.id };
    const request = tokenIn(
      await api.signed('/OS-OAUTH1/request_token', { ...client, callback: 'oob' }, wanted),
    );
    const authorized = await api.done(
      'PUT',
      `/OS-OAUTH1/authorize/${request.token}`,
      { roles: [{ id: role?.id }] },
      { 'X-Auth-Token': own.id },
    );
    const verifier = String(member(authorized.body, 'token')['oauth_verifier']);
    const granted = tokenIn(await api.signed('/OS-OAUTH1/access_token', { ...client, ...request, verifier }));
    const access: AccessToken = {
      id: granted.token,
      consumer: { id: client.consumerKey },
      user,
      project,
      roles: role === undefined ? [] : [role],
    };
    const Authorization = api.authorization('/auth/tokens', { ...client, ...granted });
    await this.issue(api, cell, {
      identity: { methods: ['oauth1'], oauth1: {} },
      scope: project,
      user,
      access,
      headers: { Authorization, 'X-Auth-Token': '' },
    });
  }

  private async makeDomain(api: Api): Promise<Domain> {
    const name = this.fresh('domain');
    return { kind: 'domain', id: await api.create('domain', { name }), name, enabled: true };
  }

  private async makeProject(api: Api, domain: Domain, parent: Project | null): Promise<Project> {
    const name = this.fresh('project');
    const id = await api.create('project', { name, domain_id: domain.id, parent_id: (parent ?? domain).id });
    return { kind: 'project', id, domain, parent, name, enabled: true };
  }

  private async makeUser(api: Api, domain: Domain, kind: string): Promise<User> {
    const name = this.fresh(kind);
    const secret = this.fresh('secret');
    const id = await api.create('user', { name, password: secret, domain_id: domain.id });
    return { kind: 'user', id, domain, name, password: secret, enabled: true };
  }

  private async makeGroup(api: Api, domain: Domain, members: readonly User[]): Promise<Group> {
    const id = await api.create('group', { name: this.fresh('group'), domain_id: domain.id });
    await Promise.all(members.map((user) => api.done('PUT', `/groups/${id}/users/${user.id}`)));
    return { kind: 'group', id, domain, members: new Set(members) };
  }

  private async give(api: Api, grants: readonly Grant[]): Promise<void> {
    await Promise.all(grants.map((grant) => api.done('PUT', pathOfGrant(grant))));
    for (const grant of grants) this.truth.grants.add(grant);
  }
}

export function pathOfGrant({ actor, target, role, inherited }: Grant): string {
  const path = `/${target.kind}s/${target.id}/${actor.kind}s/${actor.id}/roles/${role.id}`;
  return inherited ? `/OS-INHERIT${path}/inherited_to_projects` : path;
}

export async function createEndpoint(api: Api, serviceId: string, url: string): Promise<Endpoint> {
  const id = await api.create('endpoint', { service_id: serviceId, interface: 'public', url });
  return { id, interface: 'public', url, enabled: true };
}

export const password = (user: User): object => ({
  methods: ['password'],
  password: { user: { id: user.id, password: user.password } },
});

const isIn = (scope: Scope, domain: Domain): boolean =>
  scope === domain || (scope.kind === 'project' && scope.domain === domain);

function scopeOf({ scope, trust, access }: Proof): object | null {
  if (access !== undefined || scope === null) return null;
  return trust === undefined ? { [scope.kind]: { id: scope.id } } : { 'OS-TRUST:trust': { id: trust.id } };
}

function tokenIn(form: URLSearchParams): { token: string; tokenSecret: string } & Partial<OAuth1Client> {
  return {
    token: form.get('oauth_token') ?? '',
    tokenSecret: form.get('oauth_token_secret') ?? '',
  };
}
