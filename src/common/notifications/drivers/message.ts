/** Notifications as messages of oslo.messaging, which consumers such as Ceilometer and audit tools expect. */
import { randomUUID } from 'node:crypto';

/** All notifications of the service have this priority. */
export const PRIORITY = 'info';

/** A notification with what oslo.messaging's notifier says about it. */
export interface NotificationMessage {
  readonly message_id: string;
  /** `identity.<host>` or `[DEFAULT] default_publisher_id` */
  readonly publisher_id: string;
  /** `YYYY-MM-DD HH:MM:SS.ffffff`, UTC */
  readonly timestamp: string;
  readonly priority: 'INFO';
  readonly event_type: string;
  readonly payload: object;
}

export function notificationMessage(
  publisherId: string,
  eventType: string,
  payload: object,
): NotificationMessage {
  return {
    message_id: randomUUID(),
    publisher_id: publisherId,
    timestamp: `${new Date().toISOString().slice(0, 23).replace('T', ' ')}000`,
    priority: 'INFO',
    event_type: eventType,
    payload,
  };
}

/**
 * The body of a message on the bus.
 * @param version 1: the message as it is (driver `messaging`); 2: within oslo.messaging's envelope 2.0
 *   (`messagingv2`)
 */
export function messageBody(message: NotificationMessage, version: 1 | 2): Buffer {
  // By this id consumers notice that they got a message twice.
  const unique = { ...message, _unique_id: randomUUID().replaceAll('-', '') };
  const body = version === 1 ? unique : { 'oslo.version': '2.0', 'oslo.message': JSON.stringify(unique) };
  return Buffer.from(JSON.stringify(body));
}
