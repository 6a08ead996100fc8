/** How long a request may wait for the cache: so little that a cache that is down hardly shows. */

/** Milliseconds that one answer of a server may take. */
export const ANSWER_DEADLINE = 60;
/** Milliseconds for a whole look-up, whatever stands before the server. */
export const LOOKUP_DEADLINE = 80;
/** Milliseconds during which nobody asks after a look-up that was waited for in vain. */
export const PAUSE = 1000;
/** Milliseconds that a failed look-up may take without being called slow. */
export const SLOW = 20;
