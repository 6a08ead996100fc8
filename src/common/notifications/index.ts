export { createNotifications, initiatorOf } from './notifications.js';
export { Observer } from './observer.js';
export type * from './types.js';
