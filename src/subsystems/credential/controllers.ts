/** HTTP ↔ manager for credentials. */
import { ForbiddenAction } from '../../common/errors.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { finishList } from '../../common/http/list.js';
import { buildHints } from '../../common/http/query.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import type { CredentialManager } from './manager.js';
import type { Credential, Delegation } from './types.js';

export const CREDENTIAL_FILTERS = ['user_id', 'type'] as const;

export class CredentialController {
  constructor(private readonly credentials: CredentialManager) {}

  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    credential: await this.credentials.getCredential(request.params['credential_id'] as string),
  });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const credential = await this.credentials.createCredential(
      request.body['credential'] as unknown as Credential,
      delegationOf(request),
    );
    return created(wrapMember(request.links, 'credential', '/credentials', credential));
  };

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const hints = buildHints(request.query, CREDENTIAL_FILTERS);
    // Who may not read any credential sees only those that are its own (CVE-2019-19687).
    if (!(await request.allows('identity:get_credential'))) {
      hints.addFilter('user_id', request.context.auth?.userId ?? null);
    }
    const { entities, truncated } = finishList(hints, await this.credentials.listCredentials(hints));
    return ok(wrapCollection(request.links, 'credentials', '/credentials', entities, truncated));
  };

  get = async (request: ApiRequest): Promise<ApiResult> => {
    const credential = await this.credentials.getCredential(request.params['credential_id'] as string);
    return ok(wrapMember(request.links, 'credential', '/credentials', credential));
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['credential_id'] as string;
    const changes = request.body['credential'] as unknown as Partial<Credential>;
    requireMatchingId(id, changes);
    // Who may change a credential must also be one who may change what becomes of it: a new owner or project would
    // otherwise be a way to act as somebody else (CVE-2020-12691).
    const updated = await this.credentials.updatedCredential(id, changes);
    if (!(await request.allows('identity:update_credential', { credential: updated }))) {
      throw new ForbiddenAction({ action: 'identity:update_credential' });
    }
    const credential = await this.credentials.updateCredential(id, changes, delegationOf(request));
    return ok(wrapMember(request.links, 'credential', '/credentials', credential));
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    await this.credentials.deleteCredential(request.params['credential_id'] as string);
    return noContent();
  };
}

/** The delegation by which the caller acts, if any. */
export function delegationOf(request: ApiRequest): Delegation {
  const body = request.context.auth?.token?.body;
  return {
    trustId: body?.['OS-TRUST:trust']?.id ?? null,
    accessTokenId: body?.['OS-OAUTH1']?.access_token_id ?? null,
  };
}
