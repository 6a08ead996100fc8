/** HTTP ↔ managers for users of API v2.0. */
import type { JsonObject } from '../../common/context.js';
import { Hints } from '../../common/hints.js';
import { finishList } from '../../common/http/list.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { V2Context } from '../v2.js';
import { userInV2 } from '../v2_entities.js';
import { presentUpdatedUser } from './presenter.js';
import { presentUserV2 } from './v2_presenter.js';
import { V2Users } from './v2_users.js';

const userId = (request: ApiRequest): string => request.params['user_id'] as string;

export class V2UserController {
  private readonly users: V2Users;

  constructor(private readonly context: V2Context) {
    this.users = new V2Users(context);
  }

  list = async (request: ApiRequest): Promise<ApiResult> => {
    const { conf, providers } = this.context;
    const { default_domain_id: domainId } = conf.identity;
    const name = request.query.get('name');
    if (name !== undefined) {
      return ok({ user: presentUserV2(await providers.identity.getUserByName(name, domainId)) });
    }
    const hints = new Hints();
    const users = await providers.identity.listUsers(hints, domainId);
    return ok({ users: finishList(hints, users).entities.map(presentUserV2) });
  };

  get = async (request: ApiRequest): Promise<ApiResult> =>
    ok({ user: presentUserV2(await userInV2(this.context, userId(request))) });

  create = async (request: ApiRequest): Promise<ApiResult> => {
    const user = await this.users.create(request.body['user'] as JsonObject, initiatorOf(request));
    return ok({ user: presentUserV2(user) });
  };

  update = async (request: ApiRequest): Promise<ApiResult> => {
    const changes = request.body['user'] as JsonObject;
    const user = await this.users.update(userId(request), changes, initiatorOf(request));
    return ok({ user: presentUserV2(presentUpdatedUser(user)) });
  };

  delete = async (request: ApiRequest): Promise<ApiResult> => {
    const { id } = await userInV2(this.context, userId(request));
    await this.context.providers.identity.deleteUser(id, initiatorOf(request));
    return noContent();
  };
}
