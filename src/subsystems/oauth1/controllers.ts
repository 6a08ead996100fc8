/** HTTP ↔ manager for OAuth 1.0a. */
import type { JsonObject } from '../../common/context.js';
import { Forbidden, NotFound, RoleNotFound, Unauthorized } from '../../common/errors.js';
import { requireMatchingId } from '../../common/http/checks.js';
import { wrapCollection, wrapMember } from '../../common/http/links.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { Oauth1Manager } from './manager.js';
import { accessTokens, presentAccessToken, presentAuthorizedRole, tokenForm } from './presenter.js';
import type { SignedRequest } from './signature.js';
import type { AccessToken } from './types.js';

const CONSUMERS = '/OS-OAUTH1/consumers';
const FORM = 'application/x-www-form-urlencoded';

export class Oauth1Controller {
  constructor(private readonly oauth1: Oauth1Manager) {}

  createConsumer = async (request: ApiRequest): Promise<ApiResult> => {
    const attributes = request.body['consumer'] as JsonObject;
    const consumer = await this.oauth1.createConsumer(attributes, initiatorOf(request));
    return created(wrapMember(request.links, 'consumer', CONSUMERS, consumer));
  };

  listConsumers = async (request: ApiRequest): Promise<ApiResult> => {
    const consumers = await this.oauth1.listConsumers();
    return ok(wrapCollection(request.links, 'consumers', CONSUMERS, consumers, false));
  };

  getConsumer = async (request: ApiRequest): Promise<ApiResult> => {
    const consumer = await this.oauth1.getConsumer(request.params['consumer_id'] as string);
    return ok(wrapMember(request.links, 'consumer', CONSUMERS, consumer));
  };

  updateConsumer = async (request: ApiRequest): Promise<ApiResult> => {
    const id = request.params['consumer_id'] as string;
    const changes = request.body['consumer'] as JsonObject;
    requireMatchingId(id, changes);
    const consumer = await this.oauth1.updateConsumer(id, changes, initiatorOf(request));
    return ok(wrapMember(request.links, 'consumer', CONSUMERS, consumer));
  };

  deleteConsumer = async (request: ApiRequest): Promise<ApiResult> => {
    await this.oauth1.deleteConsumer(request.params['consumer_id'] as string, initiatorOf(request));
    return noContent();
  };

  createRequestToken = async (request: ApiRequest): Promise<ApiResult> => {
    const projectId = request.header('requested-project-id');
    const token = await this.oauth1.createRequestToken(
      signedRequest(request),
      projectId,
      initiatorOf(request),
    );
    const body = tokenForm(token.id, token.request_secret, token.expires_at);
    return { status: 201, body, contentType: FORM };
  };

  authorizeRequestToken = async (request: ApiRequest): Promise<ApiResult> => {
    const { auth } = request.context;
    if (auth?.isDelegated === true) {
      throw new Forbidden('Cannot authorize a request token with a token issued via delegation.');
    }
    if (auth === null || auth.userId === null) throw new Unauthorized('Only users can authorize');
    const roles = request.body['roles'] as unknown as readonly { readonly id: string }[];
    const verifier = await this.oauth1.authorizeRequestToken(
      request.params['request_token_id'] as string,
      auth.userId,
      roles.map(({ id }) => id),
    );
    return ok({ token: { oauth_verifier: verifier } });
  };

  createAccessToken = async (request: ApiRequest): Promise<ApiResult> => {
    const token = await this.oauth1.createAccessToken(signedRequest(request), initiatorOf(request));
    const body = tokenForm(token.id, token.access_secret, token.expires_at);
    return { status: 201, body, contentType: FORM };
  };

  listAccessTokens = async (request: ApiRequest): Promise<ApiResult> => {
    if (request.context.auth?.isDelegated === true) {
      throw new Forbidden('Cannot list request tokens with a token issued via delegation.');
    }
    const userId = request.params['user_id'] as string;
    const tokens = await this.oauth1.listAccessTokens(userId);
    const shown = tokens.map((token) => presentAccessToken(request.links, token));
    return ok(wrapCollection(request.links, 'access_tokens', accessTokens(userId), shown, false));
  };

  getAccessToken = async (request: ApiRequest): Promise<ApiResult> => {
    const token = await this.tokenOfUser(request);
    const shown = presentAccessToken(request.links, token);
    return ok(wrapMember(request.links, 'access_token', accessTokens(token.authorizing_user_id), shown));
  };

  deleteAccessToken = async (request: ApiRequest): Promise<ApiResult> => {
    const { user_id: userId, access_token_id: id } = request.params;
    await this.oauth1.deleteAccessToken(userId as string, id as string, initiatorOf(request));
    return noContent();
  };

  listRoles = async (request: ApiRequest): Promise<ApiResult> => {
    const roles = await this.oauth1.authorizedRoles(await this.tokenOfUser(request));
    const shown = roles.map((role) => presentAuthorizedRole(request.links, role));
    return ok(wrapCollection(request.links, 'roles', '/roles', shown, false));
  };

  getRole = async (request: ApiRequest): Promise<ApiResult> => {
    const { user_id: userId, access_token_id: id, role_id: roleId } = request.params;
    const token = await this.oauth1.getAccessToken(id as string);
    if (token.authorizing_user_id !== userId) throw new Unauthorized('User IDs do not match');
    const roles = await this.oauth1.authorizedRoles(token);
    const role = roles.find((each) => each.id === roleId);
    if (role === undefined) throw new RoleNotFound({ role_id: roleId as string });
    return ok({ role: presentAuthorizedRole(request.links, role) });
  };

  /** @throws NotFound also when it is another user's */
  private async tokenOfUser(request: ApiRequest): Promise<AccessToken> {
    const { user_id: userId, access_token_id: id } = request.params;
    const token = await this.oauth1.getAccessToken(id as string);
    if (token.authorizing_user_id !== userId) throw new NotFound('Access token not found');
    return token;
  }
}

/**
 * A request as its client signed it: the scheme is that of the public base URL, the host is the one that was called,
 * which need not be the public one.
 */
function signedRequest(request: ApiRequest): SignedRequest {
  const authorization = request.header('authorization');
  const type = request.header('content-type');
  const { self } = request.links;
  const host = request.context.forwardedHost ?? request.header('host');
  return {
    method: 'POST',
    uri: host === '' ? self : self.replace(/(?<=^[^/]*\/\/)[^/]*/, host),
    headers: {
      ...(authorization !== '' && { Authorization: authorization }),
      ...(type !== '' && { 'Content-Type': type }),
    },
    body: request.rawBody.length === 0 ? null : request.rawBody.toString('utf8'),
  };
}
