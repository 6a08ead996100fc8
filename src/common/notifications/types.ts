/**
 * Events of the service: what managers announce, what other managers react to inside the same transaction, and what
 * leaves the process after it. Source: Keystone's notification events (`identity.<resource>.<operation>`).
 */

/** Who caused an event (CADF initiator); null when no request did. */
export interface Initiator {
  readonly userId: string | null;
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly address: string | null;
  readonly agent: string | null;
  /** Id of the request, `req-…`. */
  readonly requestId: string | null;
}

export type Operation = 'created' | 'updated' | 'deleted' | 'disabled' | 'internal';

export interface ResourceEvent {
  readonly resource: string;
  readonly operation: Operation;
  readonly id: string;
  readonly initiator: Initiator | null;
  /** Whether the event may leave the process. */
  readonly public: boolean;
  /** Member added to or removed from a group. */
  readonly actor?: { readonly id: string; readonly type: string; readonly operation: 'added' | 'removed' };
}

export interface RoleAssignmentEvent {
  readonly operation: 'created' | 'deleted';
  readonly roleId: string;
  readonly userId: string | null;
  readonly groupId: string | null;
  readonly projectId: string | null;
  readonly domainId: string | null;
  readonly inheritedToProjects: boolean;
  readonly initiator: Initiator | null;
}

export interface AuthenticateEvent {
  readonly outcome: 'success' | 'failure';
  readonly userId: string;
  readonly initiator: Initiator | null;
}

export type EventListener = (event: ResourceEvent) => Promise<void> | void;

export interface Notifications {
  /** React to an event inside the transaction that causes it; a listener that throws undoes the operation. */
  on(resource: string, operation: Operation, listener: EventListener): void;
  created(resource: string, id: string, initiator: Initiator | null): Promise<void>;
  updated(
    resource: string,
    id: string,
    initiator: Initiator | null,
    actor?: ResourceEvent['actor'],
  ): Promise<void>;
  deleted(resource: string, id: string, initiator: Initiator | null): Promise<void>;
  /** In process only (project.disabled, domain.disabled). */
  disabled(resource: string, id: string): Promise<void>;
  /** In process only (`invalidate_user_tokens` and its kin); `id` is the user's. */
  internal(resource: string, id: string): Promise<void>;
  roleAssignment(event: RoleAssignmentEvent): Promise<void>;
  authenticate(event: AuthenticateEvent): Promise<void>;
}

/** Takes events out of the process: the log, AMQP, … A failure is the driver's to log, never a request's. */
export interface NotificationDriver {
  /**
   * @param eventType e.g. `identity.user.created`
   * @param payload basic or CADF payload, ready to be serialised
   */
  send(eventType: string, payload: object): Promise<void> | void;
  close(): Promise<void>;
}
