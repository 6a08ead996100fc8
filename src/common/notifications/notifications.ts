/** The event bus: listeners run at once and in order of registration; drivers hear of an event after the commit. */
import type { ApiRequest } from '../http/types.js';
import { getLogger } from '../log/index.js';
import { Observer } from './observer.js';
import {
  authenticatePayload,
  basicPayload,
  cadfPayload,
  type Observation,
  roleAssignmentPayload,
} from './payloads.js';
import type {
  AuthenticateEvent,
  EventListener,
  Initiator,
  NotificationDriver,
  Notifications,
  Operation,
  ResourceEvent,
  RoleAssignmentEvent,
} from './types.js';

const log = getLogger('keystone.notifications');

export interface NotificationOptions {
  /** `[DEFAULT] notification_format` */
  readonly format: 'basic' | 'cadf';
  /** `[DEFAULT] notification_opt_out`: exact event types; authenticate events end in `.success` or `.failure`. */
  readonly optOut: readonly string[];
  readonly drivers: readonly NotificationDriver[];
  /** Runs a function once the current transaction has committed, or at once when there is none. */
  readonly afterCommit: (action: () => void) => void;
  /** Who observes, in CADF; without it somebody who is in no catalog. */
  readonly observer?: Observer;
}

/** The CADF initiator of a request. */
export function initiatorOf(request: ApiRequest): Initiator {
  const { auth, requestId } = request.context;
  const agent = request.header('user-agent');
  return {
    userId: auth?.userId ?? null,
    projectId: auth?.projectId ?? null,
    domainId: auth?.domainId ?? null,
    address: request.remoteAddress === '' ? null : request.remoteAddress,
    agent: agent === '' ? null : agent,
    requestId,
  };
}

export function createNotifications(options: NotificationOptions): Notifications {
  const listeners = new Map<string, EventListener[]>();
  const optOut = new Set(options.optOut);
  const observer = options.observer ?? new Observer(() => Promise.resolve(null));

  const send = (eventType: string, optOutName: string, payload: (seen: Observation) => object): void => {
    if (options.drivers.length === 0 || optOut.has(optOutName)) return;
    options.afterCommit(() => {
      const time = new Date();
      // All drivers tell of the same event, with the same id.
      const message = observer.id().then((observerId) => payload({ observerId, time }));
      for (const driver of options.drivers) {
        message
          .then((ready) => driver.send(eventType, ready))
          .catch((error: unknown) => log.error(`Failed to send ${eventType}: ${String(error)}`));
      }
    });
  };

  const emit = async (event: ResourceEvent): Promise<void> => {
    for (const listener of listeners.get(`${event.resource}.${event.operation}`) ?? []) await listener(event);
    if (!event.public) return;
    if (event.resource === 'service') options.afterCommit(() => observer.forget());
    const eventType = `identity.${event.resource}.${event.operation}`;
    send(eventType, eventType, (seen) =>
      options.format === 'cadf' ? cadfPayload(event, seen) : basicPayload(event),
    );
  };
  const resourceEvent = (
    resource: string,
    operation: Operation,
    id: string,
    initiator: Initiator | null,
    isPublic: boolean,
  ): ResourceEvent => ({ resource, operation, id, initiator, public: isPublic });

  return {
    on(resource, operation, listener) {
      const key = `${resource}.${operation}`;
      listeners.set(key, [...(listeners.get(key) ?? []), listener]);
    },
    created: (resource, id, initiator) => emit(resourceEvent(resource, 'created', id, initiator, true)),
    updated: (resource, id, initiator, actor) =>
      emit({ ...resourceEvent(resource, 'updated', id, initiator, true), ...(actor && { actor }) }),
    deleted: (resource, id, initiator) => emit(resourceEvent(resource, 'deleted', id, initiator, true)),
    disabled: (resource, id) => emit(resourceEvent(resource, 'disabled', id, null, false)),
    internal: (resource, id) => emit(resourceEvent(resource, 'internal', id, null, false)),
    async roleAssignment(event: RoleAssignmentEvent) {
      const eventType = `identity.role_assignment.${event.operation}`;
      send(eventType, eventType, (seen) => roleAssignmentPayload(event, seen));
    },
    async authenticate(event: AuthenticateEvent) {
      send('identity.authenticate', `identity.authenticate.${event.outcome}`, (seen) =>
        authenticatePayload(event, seen),
      );
    },
  };
}
