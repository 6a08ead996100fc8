/** Payloads of events: Keystone's basic form and CADF (DMTF DSP0262). */
import { createHash, randomUUID } from 'node:crypto';
import type { AuthenticateEvent, Initiator, ResourceEvent, RoleAssignmentEvent } from './types.js';

const CADF_EVENT = 'http://schemas.dmtf.org/cloud/audit/1.0/event';
const ACCOUNT_USER = 'service/security/account/user';

/** CADF type of a resource; others are `unknown`. */
const TARGET_TYPES: Readonly<Record<string, string>> = {
  project: 'data/security/project',
  user: 'data/security/account/user',
  domain: 'data/security/domain',
  endpoint: 'data/security/endpoint',
  service: 'data/security/service',
  region: 'data/security/region',
  role: 'data/security/role',
  group: 'data/security/group',
  policy: 'data/security/policy',
  'OS-TRUST:trust': 'data/security/trust',
  'OS-OAUTH1:access_token': 'data/security/credential',
  'OS-OAUTH1:request_token': 'data/security/credential',
  'OS-OAUTH1:consumer': 'data/security/account',
};

/** What an event gets from where it happens. */
export interface Observation {
  /** The service that saw it. */
  readonly observerId: string;
  readonly time: Date;
}

export function basicPayload(event: ResourceEvent): object {
  const { actor } = event;
  return {
    resource_info: event.id,
    ...(actor && { actor_id: actor.id, actor_type: actor.type, actor_operation: actor.operation }),
  };
}

export function cadfPayload(event: ResourceEvent, seen: Observation): object {
  const target = { typeURI: TARGET_TYPES[event.resource] ?? 'unknown', id: event.id };
  return {
    ...envelope(`${event.operation}.${event.resource}`, 'success', event.initiator, target, seen),
    resource_info: event.id,
  };
}

export function roleAssignmentPayload(event: RoleAssignmentEvent, seen: Observation): object {
  return {
    ...envelope(`${event.operation}.role_assignment`, 'success', event.initiator, someUser(), seen),
    role: event.roleId,
    ...(event.projectId === null ? { domain: event.domainId } : { project: event.projectId }),
    ...(event.userId === null ? { group: event.groupId } : { user: event.userId }),
    inherited_to_projects: event.inheritedToProjects,
  };
}

export function authenticatePayload(event: AuthenticateEvent, seen: Observation): object {
  const initiator: Initiator = {
    ...(event.initiator ?? {
      projectId: null,
      domainId: null,
      address: null,
      agent: null,
      requestId: null,
    }),
    userId: event.userId,
  };
  return envelope('authenticate', event.outcome, initiator, someUser(), seen);
}

/** Keystone does not say whom these events are about but for what stands beside the target. */
function someUser(): { typeURI: string; id: string } {
  return { typeURI: ACCOUNT_USER, id: uuidHex() };
}

function envelope(
  action: string,
  outcome: 'success' | 'failure',
  initiator: Initiator | null,
  target: { typeURI: string; id: string },
  { observerId, time }: Observation,
): object {
  return {
    typeURI: CADF_EVENT,
    eventType: 'activity',
    id: uuidHex(),
    eventTime: time.toISOString().replace('Z', '000+0000'),
    action,
    outcome,
    ...(initiator && { initiator: cadfInitiator(initiator) }),
    target,
    observer: { typeURI: 'service/security', id: observerId },
  };
}

function cadfInitiator(initiator: Initiator): object {
  const { userId, projectId, domainId, address, agent } = initiator;
  return {
    typeURI: ACCOUNT_USER,
    id: userId === null ? uuidHex() : cadfId(userId),
    ...(userId !== null && { user_id: userId }),
    ...(projectId !== null && { project_id: projectId }),
    ...(domainId !== null && { domain_id: domainId }),
    host: { ...(address !== null && { address }), ...(agent !== null && { agent }) },
  };
}

const USER_NAMESPACE = Buffer.from('4332ecab770b4288a680b9aca3b1b153', 'hex');

/** CADF wants UUIDs: other ids (LDAP) become UUID version 5 over Keystone's namespace (RFC 9562, section 5.5). */
function cadfId(id: string): string {
  if (/^[0-9a-f]{32}$/i.test(id.replaceAll('-', ''))) return id;
  const digest = createHash('sha1').update(USER_NAMESPACE).update(id, 'utf8').digest().subarray(0, 16);
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50;
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80;
  return digest.toString('hex');
}

export function uuidHex(): string {
  return randomUUID().replaceAll('-', '');
}
