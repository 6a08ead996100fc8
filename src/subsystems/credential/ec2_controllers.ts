/** HTTP ↔ managers for EC2 credentials, and for tokens by EC2 and S3 signatures, in both versions of the API. */
import { Forbidden, ValidationError } from '../../common/errors.js';
import { wrapCollection } from '../../common/http/links.js';
import { created, noContent, ok } from '../../common/http/results.js';
import type { ApiRequest, ApiResult, TargetMembers } from '../../common/http/types.js';
import type { TokenModel } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import { ec2CredentialId } from './blob.js';
import { delegationOf } from './controllers.js';
import { Ec2Authentication } from './ec2_authentication.js';
import { presentEc2, presentTokenV2 } from './presenter.js';
import type { Ec2Credential } from './types.js';

export class Ec2Controller {
  private readonly authentication: Ec2Authentication;

  constructor(
    private readonly providers: Providers,
    conf: Conf,
  ) {
    this.authentication = new Ec2Authentication(providers, conf);
  }

  /** The credential behind the access key of the path. */
  target = async (request: ApiRequest): Promise<TargetMembers> => ({
    credential: await this.providers.credential.getCredential(ec2CredentialId(accessKey(request))),
  });

  authenticateV3 = async (request: ApiRequest): Promise<ApiResult> => {
    const token = await this.authentication.authenticateEc2(request.body);
    return ok({ token: token.body }, { 'X-Subject-Token': token.id });
  };

  authenticateV2 = async (request: ApiRequest): Promise<ApiResult> =>
    this.tokenV2(await this.authentication.authenticateEc2(request.body));

  authenticateS3 = async (request: ApiRequest): Promise<ApiResult> =>
    this.tokenV2(await this.authentication.authenticateS3(request.body));

  createV3 = async (request: ApiRequest): Promise<ApiResult> =>
    created({ credential: presentEc2(request.links, await this.create(request)) });

  listV3 = async (request: ApiRequest): Promise<ApiResult> => {
    const credentials = await this.providers.credential.listEc2Credentials(userId(request));
    const { links } = wrapCollection(request.links, 'credentials', '', [], false);
    const shown = credentials.map((credential) => presentEc2(request.links, credential));
    return ok({ credentials: shown, links });
  };

  getV3 = async (request: ApiRequest): Promise<ApiResult> => {
    const credential = await this.providers.credential.getEc2Credential(userId(request), accessKey(request));
    return ok({ credential: presentEc2(request.links, credential) });
  };

  deleteV3 = async (request: ApiRequest): Promise<ApiResult> => {
    await this.providers.credential.deleteEc2Credential(userId(request), accessKey(request));
    return noContent();
  };

  createV2 = async (request: ApiRequest): Promise<ApiResult> => {
    await assertOwnerOrAdmin(request);
    return ok({ credential: await this.create(request) });
  };

  listV2 = async (request: ApiRequest): Promise<ApiResult> => {
    await assertOwnerOrAdmin(request);
    return ok({ credentials: await this.providers.credential.listEc2Credentials(userId(request)) });
  };

  getV2 = async (request: ApiRequest): Promise<ApiResult> => ok({ credential: await this.own(request) });

  deleteV2 = async (request: ApiRequest): Promise<ApiResult> => {
    const { access } = await this.own(request);
    await this.providers.credential.deleteEc2Credential(userId(request), access);
    return noContent();
  };

  private create(request: ApiRequest): Promise<Ec2Credential> {
    const { tenant_id: projectId } = request.body;
    if (typeof projectId !== 'string' || projectId === '') {
      throw new ValidationError({ attribute: 'tenant_id', target: 'request body' });
    }
    return this.providers.credential.createEc2Credential(userId(request), projectId, delegationOf(request));
  }

  /** The credential of the path, for its owner and for administrators. */
  private async own(request: ApiRequest): Promise<Ec2Credential> {
    const isAdmin = await assertOwnerOrAdmin(request);
    const credential = await this.providers.credential.getEc2Credential(userId(request), accessKey(request));
    if (!isAdmin && credential.user_id !== request.context.auth?.userId) {
      throw new Forbidden('Credential belongs to another user');
    }
    return credential;
  }

  private async tokenV2(token: TokenModel): Promise<ApiResult> {
    const { resource, role } = this.providers;
    const project = await resource.getProject(token.body.project?.id ?? '');
    const roles = await role.listRolesFromIds((token.body.roles ?? []).map(({ id }) => id));
    return ok(presentTokenV2(token, project, roles));
  }
}

function userId(request: ApiRequest): string {
  return request.params['user_id'] as string;
}

function accessKey(request: ApiRequest): string {
  return request.params['credential_id'] as string;
}

/** API v2.0 knows two kinds of callers. @returns whether it is an administrator @throws Forbidden */
async function assertOwnerOrAdmin(request: ApiRequest): Promise<boolean> {
  if (await request.allows('admin_required')) return true;
  if (request.context.auth?.userId === userId(request)) return false;
  throw new Forbidden('Token belongs to another user');
}
