/** What a store of credentials can do. */
export interface CredentialDriver {
  deleteCredentialsForProject(projectId: string): Promise<void>;
  deleteCredentialsForUser(userId: string): Promise<void>;
}
