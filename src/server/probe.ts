/** Ask an application a question without the network: all of HTTP, but over a pair of streams in this process. */
import { createServer, request } from 'node:http';
import { Duplex } from 'node:stream';
import type { RequestHandler } from './http_server.js';

/** A pipeline that did not answer as it should. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
}

/** One end of a connection within the process. */
class PipeEnd extends Duplex {
  other: PipeEnd | null = null;
  #resume: (() => void) | null = null;

  override _read(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.other?.accept(chunk, done);
  }

  override _final(done: () => void): void {
    this.other?.accept(null, () => undefined);
    done();
  }

  private accept(chunk: Buffer | null, done: () => void): void {
    if (this.push(chunk)) done();
    else this.#resume = done;
  }
}

function connection(): [client: PipeEnd, server: PipeEnd] {
  const [client, server] = [new PipeEnd(), new PipeEnd()];
  client.other = server;
  server.other = client;
  return [client, server];
}

/** What an application answered. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

/** Send a GET request to an application. */
function ask(handler: RequestHandler, path: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const [client, server] = connection();
  const host = createServer((incoming, response) => void handler(incoming, response));
  return new Promise<ProbeAnswer>((resolve, reject) => {
    const outgoing = request(
      {
        path,
        signal,
        headers: { host: 'localhost', 'user-agent': 'keystone-probe' },
        createConnection: () => client,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.once('error', reject);
    host.emit('connection', server);
    outgoing.end();
  }).finally(() => {
    client.destroy();
    server.destroy();
  });
}

/** An application that takes longer than this to say hello is not ready. */
const PROBE_TIMEOUT_MS = 10_000;

/**
 * Ask for `/` and be content with every answer that is not the server's fault.
 *
 * @param name of the pipeline, for messages
 * @throws ProbeError
 */
export async function probe(name: string, handler: RequestHandler): Promise<ProbeAnswer> {
  let answer: ProbeAnswer;
  try {
    answer = await ask(handler, '/', AbortSignal.timeout(PROBE_TIMEOUT_MS));
  } catch (error) {
    const timedOut = (error as Error).name === 'AbortError' || (error as Error).name === 'TimeoutError';
    const why = timedOut ? `no answer within ${PROBE_TIMEOUT_MS / 1000} s` : (error as Error).message;
    throw new ProbeError(`"${name}" does not answer GET / within this process: ${why}`, { cause: error });
  }
  if (answer.status >= 500) {
    throw new ProbeError(
      `"${name}" answers GET / with status ${answer.status}: ${answer.body.slice(0, 500)}`,
    );
  }
  return answer;
}
