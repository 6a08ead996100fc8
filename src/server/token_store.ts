/** The stored tokens, for the command that deletes the expired ones. */
export { deleteExpiredTokens } from '../subsystems/token/store.js';
