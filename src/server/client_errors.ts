/** Answers to what is no HTTP request at all: the API's error body, although no application ever sees the request. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

const TEXTS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Request is too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** An error body as the API has it. */
export function errorBody(status: number, message: string): string {
  return JSON.stringify({ error: { message, code: status, title: STATUS_CODES[status] ?? 'Error' } });
}

/**
 * Answer a `clientError` of an HTTP server and close the connection.
 *
 * @param answering whether a response is on its way on this connection: nothing may be written into it
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, answering: boolean): void {
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const [status, message] = TEXTS[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const body = errorBody(status, message);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      'Connection: close',
      'Content-Type: application/json',
      'Vary: X-Auth-Token',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
