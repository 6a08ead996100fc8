/** HTTP ↔ managers for tokens of API v2.0. */
import type { JsonObject } from '../../common/context.js';
import { Forbidden, PKITokenExpected, Unauthorized, ValidationError } from '../../common/errors.js';
import { noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, Handler } from '../../common/http/types.js';
import { initiatorOf } from '../../common/notifications/index.js';
import type { TokenModel } from '../../common/token_model.js';
import { presentTenant, type Tenant } from '../resource/v2_presenter.js';
import { presentKnownTokenV2, presentTokenEndpoints, presentTokenV2 } from '../token/v2_presenter.js';
import { assertVisibleInV2 } from '../token/v2_visibility.js';
import type { V2Context } from '../v2.js';
import { readPublicCertificates } from './certificate_file.js';
import { V2Authentication } from './v2_authentication.js';

export class V2AuthController {
  private readonly authentication: V2Authentication;

  constructor(private readonly context: V2Context) {
    this.authentication = new V2Authentication(context);
  }

  authenticate = async (request: ApiRequest): Promise<ApiResult> =>
    this.presentNew(await this.authentication.authenticate(request));

  /** HEAD is answered by it as well: the body is left out on the way. */
  validate = async (request: ApiRequest): Promise<ApiResult> => {
    const { providers, conf } = this.context;
    const token = await providers.token.validateToken(tokenId(request));
    await assertVisibleInV2(token, providers, conf);
    const belongsTo = request.query.get('belongsTo') ?? '';
    if (belongsTo !== '' && token.body.project?.id !== belongsTo) {
      throw new Unauthorized('Token does not belong to specified tenant.');
    }
    return ok(await presentKnownTokenV2(token, () => this.tenantOf(token)));
  };

  revoke = async (request: ApiRequest): Promise<ApiResult> => {
    await this.context.providers.token.revokeToken(tokenId(request));
    return noContent();
  };

  endpoints = async (request: ApiRequest): Promise<ApiResult> =>
    ok(presentTokenEndpoints(await this.context.providers.token.validateToken(tokenId(request))));

  /**
   * A user changes the own password. All tokens of the user end with the old password, so there is a new one in the
   * answer, for the same project.
   */
  changePassword = async (request: ApiRequest): Promise<ApiResult> => {
    const { identity, token } = this.context.providers;
    const caller = request.context.auth?.token ?? null;
    if (caller === null) throw new Unauthorized('The password of a user needs a token of the user');
    const { body } = caller;
    if (body.user.id !== request.params['user_id']) throw new Forbidden('Token belongs to another user');
    if (body['OS-TRUST:trust'] !== undefined || body['OS-OAUTH1'] !== undefined) {
      throw new Forbidden('A delegated token cannot be used to get another token');
    }
    const { original_password: original, password } = request.body['user'] as JsonObject;
    if (typeof original !== 'string') {
      throw new ValidationError({ attribute: 'original password', target: 'user' });
    }
    if (typeof password !== 'string') throw new ValidationError({ attribute: 'password', target: 'user' });
    await identity.changePassword(body.user.id, original, password, initiatorOf(request));
    const issued = await token.issueToken({
      userId: body.user.id,
      methods: ['password'],
      projectId: body.project?.id ?? null,
      bind: body.bind ?? null,
    });
    return this.presentNew(issued);
  };

  /** A PEM file of `[signing]`. @throws PKITokenExpected when there is none */
  certificate =
    (option: 'ca_certs' | 'certfile'): Handler =>
    async () => {
      try {
        const pem = await readPublicCertificates(this.context.conf.signing[option]);
        return { status: 200, body: pem, contentType: 'application/x-pem-file' };
      } catch (error) {
        throw new PKITokenExpected(undefined, { cause: error });
      }
    };

  private async presentNew(token: TokenModel): Promise<ApiResult> {
    return ok(presentTokenV2(token, { tenant: await this.tenantOf(token), isNew: true }));
  }

  private async tenantOf({ body: { project } }: TokenModel): Promise<Tenant | null> {
    if (project === undefined) return null;
    return presentTenant(await this.context.providers.resource.getProject(project.id));
  }
}

function tokenId(request: ApiRequest): string {
  return request.params['token_id'] as string;
}
