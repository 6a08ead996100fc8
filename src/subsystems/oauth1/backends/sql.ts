/** OAuth consumers and tokens in the SQL tables `consumer`, `request_token` and `access_token`. */
import { packExtra, unpackExtra } from '../../../common/sql/extra.js';
import type { AccessTokenRow, ConsumerRow, Database, RequestTokenRow } from '../../../common/sql/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { Oauth1Driver } from '../driver.js';
import type { AccessToken, Consumer, ConsumerWithSecret, RequestToken } from '../types.js';

const CONSUMER_COLUMNS = ['id', 'description', 'secret'] as const;

export function createDriver({ database }: DriverContext): Oauth1Driver {
  return new SqlOauth1Driver(database);
}

class SqlOauth1Driver implements Oauth1Driver {
  constructor(private readonly database: Database) {}

  async createConsumer(consumer: ConsumerWithSecret): Promise<void> {
    const { id, description, secret } = consumer;
    const { extra } = packExtra(consumer, CONSUMER_COLUMNS);
    await this.database.table('consumer').insert({ id, description, secret, extra });
  }

  async getConsumer(id: string): Promise<ConsumerWithSecret | null> {
    const row = await this.database.table('consumer').get(id);
    return row === null ? null : { ...consumerOf(row), secret: row.secret };
  }

  async listConsumers(): Promise<Consumer[]> {
    return (await this.database.table('consumer').find({ order: ['id'] })).map(consumerOf);
  }

  async updateConsumer(consumer: Consumer): Promise<void> {
    const { id, description } = consumer;
    const { extra } = packExtra(consumer, CONSUMER_COLUMNS);
    await this.database.table('consumer').update({ id }, { description, extra });
  }

  deleteConsumer(id: string): Promise<boolean> {
    return this.database.transaction(async () => {
      await this.database.table('request_token').delete({ consumer_id: id });
      await this.database.table('access_token').delete({ consumer_id: id });
      return (await this.database.table('consumer').delete({ id })) > 0;
    });
  }

  async createRequestToken(token: RequestToken): Promise<void> {
    const roleIds = token.role_ids === null ? null : JSON.stringify(token.role_ids);
    await this.database.table('request_token').insert({ ...token, role_ids: roleIds });
  }

  async getRequestToken(id: string): Promise<RequestToken | null> {
    const row = await this.database.table('request_token').get(id);
    return row === null ? null : requestTokenOf(row);
  }

  async authorizeRequestToken(
    id: string,
    { userId, roleIds, verifier }: { userId: string; roleIds: readonly string[]; verifier: string },
  ): Promise<boolean> {
    const changes = { authorizing_user_id: userId, verifier, role_ids: JSON.stringify(roleIds) };
    return (await this.database.table('request_token').update({ id }, changes)) > 0;
  }

  exchangeRequestToken(id: string, token: AccessToken): Promise<boolean> {
    return this.database.transaction(async () => {
      // Whoever deletes the request token has the right to the access token.
      if ((await this.database.table('request_token').delete({ id })) === 0) return false;
      const row = { ...token, role_ids: JSON.stringify(token.role_ids) };
      await this.database.table('access_token').insert(row);
      return true;
    });
  }

  async getAccessToken(id: string): Promise<AccessToken | null> {
    const row = await this.database.table('access_token').get(id);
    return row === null ? null : accessTokenOf(row);
  }

  async listAccessTokens(userId: string): Promise<AccessToken[]> {
    const rows = await this.database
      .table('access_token')
      .find({ where: { authorizing_user_id: userId }, order: ['id'] });
    return rows.map(accessTokenOf);
  }

  async deleteAccessToken(id: string): Promise<boolean> {
    return (await this.database.table('access_token').delete({ id })) > 0;
  }

  async deleteTokensOfUser(userId: string): Promise<void> {
    await this.database.table('request_token').delete({ authorizing_user_id: userId });
    await this.database.table('access_token').delete({ authorizing_user_id: userId });
  }

  async deleteTokensOfProject(projectId: string): Promise<void> {
    await this.database.table('request_token').delete({ requested_project_id: projectId });
    await this.database.table('access_token').delete({ project_id: projectId });
  }
}

function consumerOf(row: ConsumerRow): Consumer {
  return { ...unpackExtra(row.extra), id: row.id, description: row.description };
}

function requestTokenOf(row: RequestTokenRow): RequestToken {
  return { ...row, role_ids: row.role_ids === null ? null : roleIdsOf(row.role_ids) };
}

function accessTokenOf(row: AccessTokenRow): AccessToken {
  return { ...row, role_ids: roleIdsOf(row.role_ids) };
}

function roleIdsOf(text: string): string[] {
  return JSON.parse(text) as string[];
}
