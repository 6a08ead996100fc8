/**
 * Tokens for EC2 and S3 requests: whoever received such a request describes it, and gets a token of the user who
 * signed it. Source: Identity API v3, OS-EC2 and s3tokens.
 */
import type { JsonObject, JsonValue } from '../../common/context.js';
import { Forbidden, NotFound, Unauthorized, ValidationError } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { TokenModel } from '../../common/token_model.js';
import type { Conf } from '../../conf/index.js';
import type { Providers } from '../providers.js';
import { ec2Parts } from './blob.js';
import { checkEc2Signature, ec2SignatureTime } from './signatures/ec2.js';
import { checkS3Signature } from './signatures/s3.js';
import type { Ec2Credential } from './types.js';

const METHODS = ['ec2credential'];
const MINUTE = 60_000;

type SignatureCheck = (secret: string, credentials: JsonObject) => void;

/** What a token is issued for, beside its user and project. */
interface Limits {
  readonly userId: string;
  readonly trustId?: string;
  readonly accessTokenId?: string;
}

export class Ec2Authentication {
  constructor(
    private readonly providers: Providers,
    private readonly conf: Conf,
  ) {}

  /**
   * @param body `{credentials: {access, signature, host, verb, path, params, headers, body_hash}}`
   * @throws ValidationError without credentials, CredentialNotFound for an unknown access key, Unauthorized when
   *   the signature is wrong or too old, or user, project or delegation do not allow it
   */
  authenticateEc2(body: JsonObject): Promise<TokenModel> {
    return this.authenticate(credentialsOf(body), (secret, credentials) => {
      if (!checkEc2Signature(secret, credentials)) throw new Unauthorized('Invalid EC2 signature.');
      this.assertFresh(credentials);
    });
  }

  /**
   * The age of the signature is left to the S3 service: requests that are signed in advance may be days old.
   * @param body `{credentials: {access, token, signature}}`; the token is the string to sign in base64
   * @throws as authenticateEc2
   */
  authenticateS3(body: JsonObject): Promise<TokenModel> {
    return this.authenticate(credentialsOf(body), (secret, { token, signature }) => {
      if (typeof token !== 'string' || typeof signature !== 'string') {
        throw new Unauthorized('Signature not supplied.');
      }
      if (!checkS3Signature(secret, token, signature))
        throw new Unauthorized('Credential signature mismatch');
    });
  }

  private async authenticate(credentials: JsonObject, check: SignatureCheck): Promise<TokenModel> {
    const { access } = credentials;
    if (typeof access !== 'string') throw new Unauthorized('EC2 signature not supplied.');
    const credential = await this.providers.credential.getCredentialOfAccessKey(access);
    const parts = ec2Parts(credential);
    if (parts === null) throw new Unauthorized('EC2 access key not found.');
    const { ec2, limits } = parts;
    check(ec2.secret, credentials);
    if (ec2.tenant_id === null) throw new Unauthorized('The credential has no project');
    // Application credentials have no back end here, and without one nothing holds their limits.
    if (limits.app_cred_id !== null) throw new Unauthorized('Application credentials are not available');
    const projectId = ec2.tenant_id;
    try {
      return await this.issue(projectId, await this.limits(ec2, limits.access_token_id));
    } catch (error) {
      if (error instanceof NotFound || error instanceof Forbidden) {
        throw new Unauthorized(error.detail ?? error.message, { cause: error });
      }
      throw error;
    }
  }

  private async issue(projectId: string, limits: Limits): Promise<TokenModel> {
    const { token, trust } = this.providers;
    const issue = (): Promise<TokenModel> => token.issueToken({ ...limits, projectId, methods: METHODS });
    return limits.trustId === undefined ? issue() : trust.consumeUse(limits.trustId, issue);
  }

  /** A credential made by delegation gives no more than the delegation does (CVE-2020-12689). */
  private async limits(ec2: Ec2Credential, accessTokenId: string | null): Promise<Limits> {
    const { user_id: userId, tenant_id: projectId, trust_id: trustId } = ec2;
    if (trustId !== null) {
      const trust = await this.providers.trust.getTrust(trustId);
      const isParty =
        userId === trust.trustee_user_id || (trust.impersonation && userId === trust.trustor_user_id);
      if (!isParty) throw new Unauthorized('The credential is not of a party of its trust');
      if (projectId !== trust.project_id) throw new Unauthorized('The trust is for another project');
      return { userId: trust.trustee_user_id, trustId };
    }
    if (accessTokenId === null) return { userId };
    const token = await this.providers.oauth1.getUsableAccessToken(accessTokenId);
    if (userId !== token.authorizing_user_id || projectId !== token.project_id) {
      throw new Unauthorized('The access token is of another user or for another project');
    }
    return { userId, accessTokenId };
  }

  /** A signature that was seen can be repeated as long as it is good (CVE-2020-12692). */
  private assertFresh(credentials: JsonObject): void {
    const lifetime = this.conf.credential.auth_ttl * MINUTE;
    const time = ec2SignatureTime(credentials);
    if (time === null) throw new Unauthorized('The request does not tell when it was signed');
    const now = Date.now();
    const isFresh =
      'signed' in time
        ? Math.abs(now - time.signed) <= lifetime
        : time.expires >= now && time.expires <= now + lifetime;
    if (!isFresh) throw new Unauthorized('The signature has expired');
  }
}

/** @throws ValidationError without any */
function credentialsOf(body: JsonObject): JsonObject {
  const credentials = isFilled(body['credentials']) ? body['credentials'] : body['ec2Credentials'];
  if (credentials === undefined && body['credentials'] === undefined) {
    throw new ValidationError({ attribute: 'credentials', target: 'request body' });
  }
  const found = credentials ?? body['credentials'];
  if (!isRecord(found)) {
    throw new ValidationError({ attribute: 'dict', target: 'credentials' });
  }
  return found;
}

function isFilled(value: JsonValue | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
