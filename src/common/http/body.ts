/**
 * Reading request bodies within a limit. Whoever reads a body does so through here, so that a `sizelimit` filter
 * further out can give the limit and learn that a body of unknown length passed it.
 */
import type { IncomingMessage } from 'node:http';
import type { ParameterizedContext } from 'koa';
import getRawBody from 'raw-body';
import { RequestTooLarge, ValidationError } from '../errors.js';

/** What a `sizelimit` filter and the reader of the body tell each other. */
export interface BodyLimit {
  /** Bytes. */
  readonly max: number;
  /** Set by the reader when the body turned out to be longer. */
  exceeded: boolean;
}

interface BodyState {
  bodyLimit?: BodyLimit;
}

const NO_BYTES = Buffer.alloc(0);
/** A refused body is read to its end up to this size (bytes), so that the client gets to see the answer. */
const MAX_DISCARDED = 8 * 1024 * 1024;

/** Put a limit in force for all readers of the request's body. */
export function limitBody(ctx: Pick<ParameterizedContext, 'state'>, max: number): BodyLimit {
  const limit: BodyLimit = { max, exceeded: false };
  (ctx.state as BodyState).bodyLimit = limit;
  return limit;
}

/** Whether a request announces a body. It may still turn out to be empty. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && length !== '0';
}

/** The announced length in bytes; null when there is none, as with chunked bodies. */
export function declaredLength(request: IncomingMessage): number | null {
  const length = request.headers['content-length'];
  return length === undefined || request.headers['transfer-encoding'] !== undefined ? null : Number(length);
}

/**
 * The whole body. Empty when there is none or when it has been read before.
 *
 * @param max bytes; a limit in force from further out counts instead
 * @throws RequestTooLarge; ValidationError when the client broke off
 */
export async function readBody(
  ctx: Pick<ParameterizedContext, 'req' | 'state'>,
  max: number,
): Promise<Buffer> {
  const { req } = ctx;
  if (!hasBody(req) || req.readableEnded) return NO_BYTES;
  const limit = (ctx.state as BodyState).bodyLimit;
  try {
    return await getRawBody(req, { limit: limit?.max ?? max, length: declaredLength(req) });
  } catch (error) {
    discardBody(req);
    if ((error as { type?: string }).type !== 'entity.too.large') {
      throw new ValidationError({ attribute: 'a complete body', target: 'request' }, { cause: error });
    }
    if (limit !== undefined) limit.exceeded = true;
    throw new RequestTooLarge();
  }
}

/**
 * Let the rest of a refused body run out: a connection that is closed, or left unread, while the client still sends
 * would be reset before the client has read the answer. A client that sends on and on is cut off.
 */
export function discardBody(request: IncomingMessage): void {
  let left = MAX_DISCARDED;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
