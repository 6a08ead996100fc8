/** Credentials (EC2, TOTP, certificates): the rules of the business. Source: Identity API v3, Credentials. */
import type { ManagerContext } from '../subsystem.js';
import type { CredentialDriver } from './driver.js';

export class CredentialManager {
  constructor(
    private readonly driver: CredentialDriver,
    context: ManagerContext,
  ) {
    context.notifications.on('user', 'deleted', (event) => this.deleteCredentialsForUser(event.id));
  }

  deleteCredentialsForProject(projectId: string): Promise<void> {
    return this.driver.deleteCredentialsForProject(projectId);
  }

  deleteCredentialsForUser(userId: string): Promise<void> {
    return this.driver.deleteCredentialsForUser(userId);
  }
}
