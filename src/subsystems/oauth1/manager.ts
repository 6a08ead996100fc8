/** OAuth 1.0a: the rules of the business. Source: Identity API v3, OS-OAUTH1; Keystone 10.0.3 behaviour. */
import { randomAlphanumeric, uuidHex } from '../../common/crypto/random_ids.js';
import { NotFound, Unauthorized, ValidationError } from '../../common/errors.js';
import type { Initiator } from '../../common/notifications/index.js';
import { isoTimeWithMicroseconds } from '../../common/time.js';
import type { NamedRef } from '../../common/token_model.js';
import type { Role } from '../role/types.js';
import type { ManagerContext } from '../subsystem.js';
import type { Oauth1Driver } from './driver.js';
import { unescape } from './encoding.js';
import { OAuth1RequestError } from './errors.js';
import { type OAuth1Flow, type OAuth1Secrets, verifyRequest } from './request_verifier.js';
import { headerParameters, type SignedRequest } from './signature.js';
import type { AccessToken, Consumer, ConsumerWithSecret, RequestToken } from './types.js';

const CONSUMER = 'OS-OAUTH1:consumer';
const REQUEST_TOKEN = 'OS-OAUTH1:request_token';
const ACCESS_TOKEN = 'OS-OAUTH1:access_token';
const VERIFIER_LENGTH = 8;

export class Oauth1Manager {
  constructor(
    private readonly driver: Oauth1Driver,
    private readonly context: ManagerContext,
  ) {
    const { notifications } = context;
    notifications.on('user', 'deleted', ({ id }) => driver.deleteTokensOfUser(id));
    notifications.on('project', 'deleted', ({ id }) => driver.deleteTokensOfProject(id));
  }

  /** A new consumer; its secret is shown this once. */
  async createConsumer(
    attributes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<ConsumerWithSecret> {
    const description = (attributes['description'] as string | null | undefined) ?? null;
    const consumer = { ...attributes, id: uuidHex(), description, secret: uuidHex() };
    return this.context.transaction(async () => {
      await this.driver.createConsumer(consumer);
      await this.context.notifications.created(CONSUMER, consumer.id, initiator);
      return consumer;
    });
  }

  /** The consumer without its secret. @throws NotFound */
  async getConsumer(id: string): Promise<Consumer> {
    const consumer = await this.driver.getConsumer(id);
    if (consumer === null) throw new NotFound('Consumer not found');
    const { secret: _secret, ...shown } = consumer;
    return shown;
  }

  listConsumers(): Promise<Consumer[]> {
    return this.driver.listConsumers();
  }

  /** Change the description and further attributes; a secret stays what it is. @throws NotFound */
  async updateConsumer(
    id: string,
    changes: Readonly<Record<string, unknown>>,
    initiator: Initiator | null,
  ): Promise<Consumer> {
    return this.context.transaction(async () => {
      const { secret: _secret, ...known } = changes;
      const consumer: Consumer = { ...(await this.getConsumer(id)), ...known, id };
      await this.driver.updateConsumer(consumer);
      await this.context.notifications.updated(CONSUMER, id, initiator);
      return consumer;
    });
  }

  /** Delete a consumer with its tokens, and revoke what was issued by them. @throws NotFound */
  async deleteConsumer(id: string, initiator: Initiator | null): Promise<void> {
    await this.context.transaction(async () => {
      if (!(await this.driver.deleteConsumer(id))) throw new NotFound('Consumer not found');
      await this.context.notifications.deleted(CONSUMER, id, initiator);
    });
  }

  /**
   * A request token for a project, to the consumer that signed for it.
   * @throws ValidationError when the request says too little, NotFound for an unknown project or consumer,
   *   Unauthorized for a wrong signature
   */
  async createRequestToken(
    request: SignedRequest,
    projectId: string,
    initiator: Initiator | null,
  ): Promise<RequestToken> {
    const { oauth_consumer_key: consumerId } = required(request, 'oauth_consumer_key');
    if (projectId === '') throw new ValidationError({ attribute: 'requested_project_id', target: 'request' });
    await this.context.providers.resource.getProject(projectId);
    await this.getConsumer(consumerId);
    await this.verify('request_token', request);
    const token: RequestToken = {
      id: uuidHex(),
      request_secret: uuidHex(),
      verifier: null,
      authorizing_user_id: null,
      requested_project_id: projectId,
      role_ids: null,
      consumer_id: consumerId,
      expires_at: expiry(this.context.conf.oauth1.request_token_duration),
    };
    return this.context.transaction(async () => {
      await this.driver.createRequestToken(token);
      await this.context.notifications.created(REQUEST_TOKEN, token.id, initiator);
      return token;
    });
  }

  /**
   * Grant roles on the requested project to the consumer.
   * @returns the verifier, by which the consumer proves that the user wants it
   * @throws NotFound, Unauthorized when the token has expired or the user does not hold a role
   */
  async authorizeRequestToken(id: string, userId: string, roleIds: readonly string[]): Promise<string> {
    const token = await this.getRequestToken(id);
    assertNotExpired(token, 'Request token is expired');
    const target = { projectId: token.requested_project_id };
    const held = await this.context.providers.assignment.effectiveRoles(userId, target, []);
    const heldIds = new Set(held.map((role) => role.id));
    const wanted = [...new Set(roleIds)];
    if (!wanted.every((roleId) => heldIds.has(roleId))) {
      throw new Unauthorized('authorizing user does not have role required');
    }
    const verifier = randomAlphanumeric(VERIFIER_LENGTH);
    if (!(await this.driver.authorizeRequestToken(id, { userId, roleIds: wanted, verifier }))) {
      throw new NotFound('Request token not found');
    }
    return verifier;
  }

  /**
   * Exchange an authorized request token; it is used up by that.
   * @throws ValidationError when the request says too little, NotFound for an unknown request token, Unauthorized
   *   when it has expired, is not authorized, or signature or verifier are wrong
   */
  async createAccessToken(request: SignedRequest, initiator: Initiator | null): Promise<AccessToken> {
    const claims = required(request, 'oauth_consumer_key', 'oauth_token', 'oauth_verifier');
    const requestToken = await this.getRequestToken(claims.oauth_token);
    assertNotExpired(requestToken, 'Request token is expired');
    await this.verify('access_token', request);
    if (requestToken.authorizing_user_id === null) {
      throw new Unauthorized('Request Token does not have an authorizing user id.');
    }
    const token: AccessToken = {
      id: uuidHex(),
      access_secret: uuidHex(),
      authorizing_user_id: requestToken.authorizing_user_id,
      project_id: requestToken.requested_project_id,
      role_ids: requestToken.role_ids ?? [],
      consumer_id: requestToken.consumer_id,
      expires_at: expiry(this.context.conf.oauth1.access_token_duration),
    };
    return this.context.transaction(async () => {
      if (!(await this.driver.exchangeRequestToken(requestToken.id, token))) {
        throw new NotFound('Request token not found');
      }
      await this.context.notifications.created(ACCESS_TOKEN, token.id, initiator);
      return token;
    });
  }

  /** @throws NotFound */
  async getAccessToken(id: string): Promise<AccessToken> {
    const token = await this.driver.getAccessToken(id);
    if (token === null) throw new NotFound('Access token not found');
    return token;
  }

  /** @throws NotFound, Unauthorized when it has expired */
  async getUsableAccessToken(id: string): Promise<AccessToken> {
    const token = await this.getAccessToken(id);
    assertNotExpired(token, 'Access token is expired');
    return token;
  }

  listAccessTokens(userId: string): Promise<AccessToken[]> {
    return this.driver.listAccessTokens(userId);
  }

  /** Delete an access token and revoke what was issued by it. @throws NotFound, Unauthorized when it is another user's */
  async deleteAccessToken(userId: string, id: string, initiator: Initiator | null): Promise<void> {
    await this.context.transaction(async () => {
      const token = await this.getAccessToken(id);
      if (token.authorizing_user_id !== userId) throw new Unauthorized('User IDs do not match');
      await this.driver.deleteAccessToken(id);
      await this.context.notifications.deleted(ACCESS_TOKEN, id, initiator);
    });
  }

  /** The roles that an access token names, as far as they still exist. */
  authorizedRoles(token: AccessToken): Promise<Role[]> {
    return this.context.providers.role.listRolesFromIds(token.role_ids);
  }

  /**
   * The roles of a token that is issued by the access token.
   * @throws Unauthorized when there is none, or the authorising user has lost one of them
   */
  async rolesOfAccessToken(id: string): Promise<readonly NamedRef[]> {
    const {
      authorizing_user_id: userId,
      project_id: projectId,
      role_ids: roleIds,
    } = await this.getAccessToken(id);
    const held = await this.context.providers.assignment.effectiveRoles(userId, { projectId }, []);
    const roles = held.filter((role) => roleIds.includes(role.id));
    if (roles.length === 0 || roles.length < roleIds.length) {
      throw new Unauthorized('The user no longer holds an authorised role');
    }
    return roles;
  }

  /**
   * The access token that a request was signed with.
   * @throws ValidationError without a token, NotFound for an unknown one, Unauthorized when it has expired or the
   *   signature is wrong
   */
  async authenticate(request: SignedRequest): Promise<AccessToken> {
    const { oauth_token: id } = required(request, 'oauth_token');
    const token = await this.getUsableAccessToken(id);
    await this.verify('resource', request);
    return token;
  }

  /** @throws NotFound */
  private async getRequestToken(id: string): Promise<RequestToken> {
    const token = await this.driver.getRequestToken(id);
    if (token === null) throw new NotFound('Request token not found');
    return token;
  }

  /** @throws Unauthorized: to Keystone's clients a malformed request and a wrong signature are one */
  private async verify(flow: OAuth1Flow, request: SignedRequest): Promise<void> {
    const verdict = await verifyRequest(flow, request, this.secrets, Date.now() / 1000);
    if (!verdict.valid) throw new Unauthorized(`Invalid signature: ${verdict.description}`);
  }

  private readonly secrets: OAuth1Secrets = {
    consumer: (id) => this.driver.getConsumer(id),
    requestToken: async (id) => {
      const token = await this.driver.getRequestToken(id);
      return (
        token && { secret: token.request_secret, verifier: token.verifier, consumerId: token.consumer_id }
      );
    },
    accessToken: async (id) => {
      const token = await this.driver.getAccessToken(id);
      return token && { secret: token.access_secret, consumerId: token.consumer_id };
    },
  };
}

/** OAuth parameters of the Authorization header. @throws ValidationError when one is missing */
function required<const Name extends string>(
  request: SignedRequest,
  ...names: readonly Name[]
): Record<Name, string> {
  let given: Map<string, string>;
  try {
    given = new Map(headerParameters(request));
  } catch (error) {
    if (error instanceof OAuth1RequestError) throw new ValidationError(error.message, { cause: error });
    throw error;
  }
  const found = names.map((name) => {
    const value = unescape(given.get(name) ?? '');
    if (value === '') throw new ValidationError({ attribute: name, target: 'request' });
    return [name, value] as const;
  });
  return Object.fromEntries(found) as Record<Name, string>;
}

/** @throws Unauthorized also for a time that cannot be read */
function assertNotExpired(token: { readonly expires_at: string | null }, message: string): void {
  if (token.expires_at !== null && !(Date.parse(token.expires_at) >= Date.now())) {
    throw new Unauthorized(message);
  }
}

/** @param seconds of validity; 0 is for ever */
function expiry(seconds: number): string | null {
  return seconds === 0 ? null : isoTimeWithMicroseconds(Date.now() + seconds * 1000);
}
