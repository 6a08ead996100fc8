/** Credentials (EC2, TOTP, certificates): the rules of the business. Source: Identity API v3, Credentials. */
import { uuidHex } from '../../common/crypto/random_ids.js';
import { CredentialNotFound, Forbidden, Unauthorized, ValidationError } from '../../common/errors.js';
import type { Hints } from '../../common/hints.js';
import { limitList } from '../../common/http/list.js';
import type { ManagerContext } from '../subsystem.js';
import { assertSameLimits, ec2CredentialId, ec2Parts, isEc2, parseEc2Blob, withDelegation } from './blob.js';
import type { CredentialDriver } from './driver.js';
import type { Credential, Delegation, Ec2Credential } from './types.js';

type NewCredential = Omit<Credential, 'id' | 'project_id'> & { readonly project_id?: string | null };

export class CredentialManager {
  constructor(
    private readonly driver: CredentialDriver,
    private readonly context: ManagerContext,
  ) {
    context.notifications.on('user', 'deleted', ({ id }) => this.deleteCredentialsForUser(id));
  }

  /**
   * @throws ValidationError for an EC2 credential that is none, Conflict when its access key is taken, Forbidden when
   *   a delegated caller would make a way to sign in without the limits of the delegation
   */
  async createCredential(attributes: NewCredential, delegation: Delegation): Promise<Credential> {
    const { type } = attributes;
    let id = uuidHex();
    let { blob } = attributes;
    if (isEc2(type)) {
      const ec2 = parseEc2Blob(blob);
      id = ec2CredentialId(ec2.access);
      const limited = withDelegation(ec2, delegation);
      if (limited !== ec2) blob = JSON.stringify(limited);
    }
    const projectId = attributes.project_id ?? null;
    const { user_id: userId } = attributes;
    const credential = {
      ...attributes,
      id,
      user_id: userId,
      type,
      blob,
      project_id: projectId,
    } as Credential;
    assertNoSignIn(credential, delegation);
    await this.driver.createCredential(credential);
    return credential;
  }

  async listCredentials(hints: Hints): Promise<Credential[]> {
    limitList(hints, this.context.conf.DEFAULT.list_limit);
    return this.driver.listCredentials(hints);
  }

  listCredentialsForUser(userId: string, type: string): Promise<Credential[]> {
    return this.driver.listCredentialsForUser(userId, type);
  }

  /** @throws CredentialNotFound */
  async getCredential(id: string): Promise<Credential> {
    const credential = await this.driver.getCredential(id);
    if (credential === null) throw new CredentialNotFound({ credential_id: id });
    return credential;
  }

  /** What an update would make of a credential. @throws CredentialNotFound; ValidationError as updateCredential */
  async updatedCredential(id: string, changes: Partial<Credential>): Promise<Credential> {
    const current = await this.getCredential(id);
    const updated = { ...current, ...changes, id } as Credential;
    if (isEc2(updated.type) && !updated.project_id) {
      throw new ValidationError({ attribute: 'project_id', target: 'credential' });
    }
    assertSameLimits(current, updated);
    return updated;
  }

  /**
   * @throws CredentialNotFound; ValidationError for an EC2 credential without a project, and for a change of what
   *   limits a credential; Forbidden as createCredential
   */
  async updateCredential(
    id: string,
    changes: Partial<Credential>,
    delegation: Delegation,
  ): Promise<Credential> {
    return this.context.transaction(async () => {
      const updated = await this.updatedCredential(id, changes);
      assertNoSignIn(updated, delegation);
      await this.driver.updateCredential(updated);
      return updated;
    });
  }

  /** @throws CredentialNotFound */
  async deleteCredential(id: string): Promise<void> {
    if (!(await this.driver.deleteCredential(id))) throw new CredentialNotFound({ credential_id: id });
  }

  deleteCredentialsForProject(projectId: string): Promise<void> {
    return this.driver.deleteCredentialsForProject(projectId);
  }

  deleteCredentialsForUser(userId: string): Promise<void> {
    return this.driver.deleteCredentialsForUser(userId);
  }

  /**
   * A new pair of access key and secret for a user on a project.
   * @throws UserNotFound, ProjectNotFound
   */
  async createEc2Credential(
    userId: string,
    projectId: string,
    delegation: Delegation,
  ): Promise<Ec2Credential> {
    await this.context.providers.identity.getUser(userId);
    await this.context.providers.resource.getProject(projectId);
    const blob = withDelegation({ access: uuidHex(), secret: uuidHex(), trust_id: null }, delegation);
    const credential: Credential = {
      id: ec2CredentialId(blob.access),
      user_id: userId,
      project_id: projectId,
      type: 'ec2',
      blob: JSON.stringify(blob),
    };
    await this.driver.createCredential(credential);
    return ec2Of(credential);
  }

  /** @throws UserNotFound */
  async listEc2Credentials(userId: string): Promise<Ec2Credential[]> {
    await this.context.providers.identity.getUser(userId);
    const credentials = await this.driver.listCredentialsForUser(userId, 'ec2');
    return credentials.flatMap((credential) => ec2Parts(credential)?.ec2 ?? []);
  }

  /** @throws UserNotFound, CredentialNotFound; Unauthorized when the key is not of an EC2 credential */
  async getEc2Credential(userId: string, access: string): Promise<Ec2Credential> {
    await this.context.providers.identity.getUser(userId);
    return ec2Of(await this.getCredentialOfAccessKey(access));
  }

  /** @throws as getEc2Credential */
  async deleteEc2Credential(userId: string, access: string): Promise<void> {
    await this.context.providers.identity.getUser(userId);
    await this.deleteCredential((await this.getCredentialOfAccessKey(access)).id);
  }

  /** @throws CredentialNotFound; Unauthorized when the key is not of an EC2 credential */
  async getCredentialOfAccessKey(access: string): Promise<Credential> {
    const credential = await this.getCredential(ec2CredentialId(access));
    if (credential.type !== 'ec2') throw new Unauthorized('EC2 access key not found.');
    return credential;
  }
}

/** @throws Unauthorized when the blob is not that of an EC2 credential */
function ec2Of(credential: Credential): Ec2Credential {
  const parts = ec2Parts(credential);
  if (parts === null) throw new Unauthorized('EC2 access key not found.');
  return parts.ec2;
}

/**
 * A passcode secret signs its user in with all of the user's roles: a caller who holds only some of them, by trust or
 * OAuth, must not plant one.
 */
function assertNoSignIn({ type }: Credential, { trustId, accessTokenId }: Delegation): void {
  if (type === 'totp' && (trustId !== null || accessTokenId !== null)) {
    throw new Forbidden('A delegated token cannot be used to make credentials that sign in.');
  }
}
