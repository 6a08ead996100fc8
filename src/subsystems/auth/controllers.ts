/** HTTP ↔ managers for tokens and for what a caller may scope to. */
import { Forbidden, TokenNotFound } from '../../common/errors.js';
import { wrapCollection } from '../../common/http/links.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import { runInRequest } from '../../common/log/index.js';
import { isPromise, type MaybePromise } from '../../common/maybe_promise.js';
import type { TokenModel } from '../../common/token_model.js';
import type { Providers } from '../providers.js';
import { presentRevokedToken, presentToken } from '../token/presenter.js';

export class AuthController {
  constructor(private readonly providers: Providers) {}

  /** The subject token, for `target.token.*`. */
  target = (request: ApiRequest): MaybePromise<TargetMembers> => {
    const token = this.subject(request);
    return isPromise(token) ? token.then(membersOf) : membersOf(token);
  };

  authenticate = async (request: ApiRequest): Promise<ApiResult> => {
    const token = await this.providers.auth.authenticate(request);
    return created(presentToken(token, !request.query.has('nocatalog')), { 'X-Subject-Token': token.id });
  };

  validate = (request: ApiRequest): MaybePromise<ApiResult> => {
    const answer = (token: TokenModel): ApiResult =>
      ok(presentToken(token, !request.query.has('nocatalog')), { 'X-Subject-Token': token.id });
    const token = this.subject(request);
    return isPromise(token) ? token.then(answer) : answer(token);
  };

  revoke = async (request: ApiRequest): Promise<ApiResult> => {
    await this.providers.token.revokeToken((await this.subject(request)).id);
    return noContent();
  };

  /** Signed; with `audit_id_only` plain, and without the ids. */
  revocationList = async (request: ApiRequest): Promise<ApiResult> => {
    const { revocations } = this.providers.token;
    if (!request.query.has('audit_id_only')) return ok({ signed: await revocations.signed() });
    return ok({ revoked: (await revocations.read()).map(presentRevokedToken) });
  };

  catalog = async (request: ApiRequest): Promise<ApiResult> => {
    const { auth } = request.context;
    if (auth === null || auth.projectId === null || auth.userId === null) {
      throw new Forbidden('A project-scoped token is required to produce a service catalog.');
    }
    const catalog = await this.providers.catalog.getV3Catalog(auth.userId, auth.projectId);
    return ok({ catalog, links: { self: request.links.v3('/auth/catalog') } });
  };

  projects = async (request: ApiRequest): Promise<ApiResult> => {
    const { userId, groupIds } = this.caller(request);
    const projects = await this.providers.assignment.listProjectsForCaller(userId, groupIds);
    return ok(wrapCollection(request.links, 'projects', '/projects', projects, false));
  };

  domains = async (request: ApiRequest): Promise<ApiResult> => {
    const { userId, groupIds } = this.caller(request);
    const domains = await this.providers.assignment.listDomainsForCaller(userId, groupIds);
    return ok(wrapCollection(request.links, 'domains', '/domains', domains, false));
  };

  private caller(request: ApiRequest): { userId: string | null; groupIds: readonly string[] } {
    const { auth } = request.context;
    const groups = auth?.token?.body.user['OS-FEDERATION']?.groups ?? [];
    return { userId: auth?.userId ?? null, groupIds: groups.map((group) => group.id) };
  }

  /** The token of X-Subject-Token: validated once per request. @throws TokenNotFound, also as a rejection */
  private subject(request: ApiRequest): MaybePromise<TokenModel> {
    const { context } = request;
    const { subjectTokenId: id, auth } = context;
    if (id === null) throw new TokenNotFound('No token in the request');
    if (auth?.token?.id === id) return auth.token;
    const known = this.subjects.get(request) ?? this.providers.token.kept(id);
    if (known !== undefined) return known;
    const token = runInRequest(context, async () => this.providers.token.validateToken(id));
    this.subjects.set(request, token);
    return token;
  }

  private readonly subjects = new WeakMap<ApiRequest, Promise<TokenModel>>();
}

function membersOf({ body: { user } }: TokenModel): TargetMembers {
  return { token: { user_id: user.id, user: { domain: { id: user.domain.id } } } };
}
