/** HTTP ↔ manager for trusts. */
import type { JsonObject } from '../../common/context.js';
import { Forbidden, ForbiddenAction, RoleNotFound, Unauthorized } from '../../common/errors.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { TrustManager } from './manager.js';
import { presentListedTrust, presentRole, presentTrust, rolesLinks, TRUSTS } from './presenter.js';
import { readTrust } from './trust_request.js';
import type { Trust } from './types.js';

export class TrustController {
  constructor(private readonly trusts: TrustManager) {}

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const { auth } = request.context;
    const source = auth?.token?.body['OS-TRUST:trust']?.id ?? null;
    if (auth?.isDelegated === true && source === null) {
      throw new Forbidden('Redelegation allowed for delegated by trust only');
    }
    const wanted = readTrust(request.body['trust'] as JsonObject);
    if (auth?.userId !== wanted.trustor_user_id) {
      throw new Forbidden('The authenticated user should match the trustor.');
    }
    const trust = await this.trusts.createTrust(wanted, source, initiatorOf(request));
    return created(await this.member(request, trust));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const { query } = request;
    const trusts: Trust[] = [];
    if (query.entries().next().done === true) {
      await assertAdmin(request);
      trusts.push(...(await this.trusts.listTrusts({})));
    }
    const trustorUserId = ownId(request, 'trustor_user_id');
    if (trustorUserId !== null) trusts.push(...(await this.trusts.listTrusts({ trustorUserId })));
    const trusteeUserId = ownId(request, 'trustee_user_id');
    if (trusteeUserId !== null) trusts.push(...(await this.trusts.listTrusts({ trusteeUserId })));
    const shown = trusts.map(presentListedTrust);
    return ok(wrapCollection(request.links, 'trusts', TRUSTS, shown, false));
  };

  get = async (request: ApiRequest): Promise<ApiResult> =>
    ok(await this.member(request, await this.ofParty(request)));

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { auth, isAdmin } = request.context;
    const trust = await this.trusts.getTrust(request.params['trust_id'] as string);
    if (!isAdmin && auth?.userId !== trust.trustor_user_id)
      throw new Forbidden('Only the trustor may delete');
    await this.trusts.deleteTrust(trust.id, initiatorOf(request));
    return noContent();
  };

  listRoles = async (request: ApiRequest): Promise<ApiResult> => {
    const trust = await this.ofParty(request);
    const roles = await this.trusts.rolesOf(trust);
    return ok({
      roles: roles.map((role) => presentRole(request.links, role)),
      links: rolesLinks(request.links, trust.id),
    });
  };

  getRole = async (request: ApiRequest): Promise<ApiResult> => {
    const roleId = request.params['role_id'] as string;
    const roles = await this.trusts.rolesOf(await this.ofParty(request));
    const role = roles.find(({ id }) => id === roleId);
    if (role === undefined) throw new RoleNotFound({ role_id: roleId });
    return ok(wrapMember(request.links, 'role', '/roles', role));
  };

  /** The trust of the path, for its trustor and its trustee. @throws TrustNotFound, Forbidden */
  private async ofParty(request: ApiRequest): Promise<Trust> {
    const trust = await this.trusts.getTrust(request.params['trust_id'] as string);
    const userId = request.context.auth?.userId;
    if (userId !== trust.trustor_user_id && userId !== trust.trustee_user_id) {
      throw new Forbidden('Only trustor and trustee may see a trust');
    }
    return trust;
  }

  private async member(request: ApiRequest, trust: Trust): Promise<Record<string, object>> {
    const roles = await this.trusts.rolesOf(trust);
    return wrapMember(request.links, 'trust', TRUSTS, presentTrust(request.links, trust, roles));
  }
}

/** @throws Unauthorized for a caller without a project, ForbiddenAction for one who is no administrator */
async function assertAdmin(request: ApiRequest): Promise<void> {
  const { auth, isAdmin } = request.context;
  if (!isAdmin && (auth === null || auth.projectId === null)) {
    throw new Unauthorized('A project-scoped token is required');
  }
  if (!(await request.allows('admin_required'))) throw new ForbiddenAction({ action: 'admin_required' });
}

/** A user id of the query, which must be the caller's; null when there is none. @throws Forbidden */
function ownId(request: ApiRequest, name: string): string | null {
  const id = request.query.get(name) ?? '';
  if (id === '') return null;
  if (id !== request.context.auth?.userId) throw new Forbidden('Only the trusts of the caller can be listed');
  return id;
}
