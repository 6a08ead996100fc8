/** What a store of OAuth consumers and tokens can do. Suites in `test/conformance/oauth1.ts` hold every backend to it. */
import type { ShapeOf } from '../../common/shape.js';
import type { AccessToken, Consumer, ConsumerWithSecret, RequestToken } from './types.js';

export interface Oauth1Driver {
  createConsumer(consumer: ConsumerWithSecret): Promise<void>;
  /** Null when there is none. */
  getConsumer(id: string): Promise<ConsumerWithSecret | null>;
  listConsumers(): Promise<Consumer[]>;
  /** Store description and further attributes; the secret stays. */
  updateConsumer(consumer: Consumer): Promise<void>;
  /** Delete a consumer with all its tokens; false when there was none. */
  deleteConsumer(id: string): Promise<boolean>;

  createRequestToken(token: RequestToken): Promise<void>;
  /** Null when there is none. */
  getRequestToken(id: string): Promise<RequestToken | null>;
  /** Note who granted what, and the word that proves it; false when there is no such token. */
  authorizeRequestToken(
    id: string,
    grant: { readonly userId: string; readonly roleIds: readonly string[]; readonly verifier: string },
  ): Promise<boolean>;
  /**
   * Put an access token in the place of a request token. Of many that ask at once, one gets it.
   * @returns false when the request token is no longer there
   */
  exchangeRequestToken(id: string, token: AccessToken): Promise<boolean>;

  /** Null when there is none. */
  getAccessToken(id: string): Promise<AccessToken | null>;
  listAccessTokens(userId: string): Promise<AccessToken[]>;
  /** False when there was none. */
  deleteAccessToken(id: string): Promise<boolean>;

  deleteTokensOfUser(userId: string): Promise<void>;
  deleteTokensOfProject(projectId: string): Promise<void>;
}

/** What is asked of drivers of packages. */
export const OAUTH1_DRIVER_SHAPE: ShapeOf<Oauth1Driver> = {
  createConsumer: 'method',
  getConsumer: 'method',
  listConsumers: 'method',
  updateConsumer: 'method',
  deleteConsumer: 'method',
  createRequestToken: 'method',
  getRequestToken: 'method',
  authorizeRequestToken: 'method',
  exchangeRequestToken: 'method',
  getAccessToken: 'method',
  listAccessTokens: 'method',
  deleteAccessToken: 'method',
  deleteTokensOfUser: 'method',
  deleteTokensOfProject: 'method',
};
