import { IncomingMessage } from 'node:http';
import type Koa from 'koa';

/** A request whose body can be read from its beginning more than once. */
export interface Replayable {
  /** Let the next reader find the whole body again. */
  rewind(): void;
}

/** Bodies are kept in memory, so they must end somewhere; Identity's own limit is a hundredth of this. */
const maxBody = 8 * 1024 * 1024;

/**
 * Read the body, if there is one, so that several apps can each read all of it.
 *
 * From then on `ctx.req` is a stand-in of the request: the same method, URL, headers and socket, with a body of its
 * own.
 *
 * @throws an error of status 413 when the body is longer than 8 MiB
 */
export async function replayable(ctx: Koa.Context): Promise<Replayable> {
  const { req } = ctx;
  const hasBody =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  // A body that somebody has read already is gone for everybody.
  if (!hasBody || req.readableEnded) return { rewind: () => undefined };

  const chunks: Buffer[] = [];
  let length = 0;
  // Leaving early must not tear the connection down before the client has its answer.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk as Uint8Array);
    length += bytes.length;
    if (length > maxBody) ctx.throw(413, 'the request body is too long');
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks);
  return {
    rewind() {
      const standIn = standInFor(req, ctx.url, body);
      ctx.req = standIn;
      ctx.request.req = standIn;
      ctx.response.req = standIn;
    },
  };
}

function standInFor(req: IncomingMessage, url: string, body: Buffer): IncomingMessage {
  const standIn = new IncomingMessage(req.socket);
  standIn.method = req.method;
  standIn.url = url;
  standIn.httpVersion = req.httpVersion;
  standIn.httpVersionMajor = req.httpVersionMajor;
  standIn.httpVersionMinor = req.httpVersionMinor;
  standIn.headers = req.headers;
  standIn.rawHeaders = req.rawHeaders;
  standIn.complete = true;
  standIn.push(body);
  standIn.push(null);
  return standIn;
}
