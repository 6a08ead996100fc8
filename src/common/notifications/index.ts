export { createNotifications, initiatorOf } from './notifications.js';
export type * from './types.js';
