/** Where the application that answered is mounted: known only inside of it, wanted for logs and metrics outside. */
import type { ParameterizedContext } from 'koa';
import { scriptName } from '../context.js';

interface MountState {
  mountedAt?: string;
}

type WithState = Pick<ParameterizedContext, 'state'>;

/** Called by whoever routes. */
export function noteMount(ctx: WithState): void {
  (ctx.state as MountState).mountedAt = scriptName(ctx);
}

/** The mount prefix of the routes that the request was matched against (`/v3`); '' at the root, or before routing. */
export function notedMount(ctx: WithState): string {
  return (ctx.state as MountState).mountedAt ?? '';
}
