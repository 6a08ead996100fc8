/** Requests as they are written: raw paths, headers of any spelling, chunked bodies, TLS with a CA of one's own. */
import { type Agent, type IncomingHttpHeaders, request as plain } from 'node:http';
import { request as secure } from 'node:https';

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Pieces are sent one by one, as chunks. */
  readonly body?: string | readonly string[];
  readonly agent?: Agent;
  /** PEM; the address is https. */
  readonly ca?: string;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** @param url with the path as it is to be sent @throws Error when there is no whole answer */
export function send(
  url: string,
  { method = 'GET', headers = {}, body, agent, ca }: Sent = {},
): Promise<Got> {
  const { protocol, hostname, port } = new URL(url);
  const path = /^\w+:\/\/[^/]+(.*)$/.exec(url)?.[1] ?? '/';
  return new Promise((resolve, reject) => {
    const options = {
      host: hostname,
      // Of a name with two addresses, each would be tried for 250 ms: less than a machine may stall for.
      family: 4,
      port,
      path: path === '' ? '/' : path,
      method,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : [...value],
        ]),
      ),
      ...(ca !== undefined && { ca, servername: 'localhost' }),
      agent: agent ?? (false as const),
    };
    const outgoing = (protocol === 'https:' ? secure : plain)(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('aborted', () => reject(new Error('the answer was cut off')));
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.setTimeout(60_000, () => outgoing.destroy(new Error('no answer within 60 s')));
    outgoing.once('error', reject);
    if (typeof body === 'object') {
      for (const piece of body) outgoing.write(piece);
      outgoing.end();
    } else outgoing.end(body);
  });
}

const DOMAIN = { id: 'default' };

/** The body of a request for a token with a password. */
export function passwordAuth(name: string, password: string, project?: string): object {
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name, password, domain: DOMAIN } } },
      ...(project !== undefined && { scope: { project: { name: project, domain: DOMAIN } } }),
    },
  };
}

/** A token for a password. @param base without the version @throws Error when it is refused */
export async function signIn(
  base: string,
  who: { readonly name: string; readonly password: string; readonly project?: string },
  more: Pick<Sent, 'ca'> = {},
): Promise<string> {
  const answer = await send(`${base}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(passwordAuth(who.name, who.password, who.project)),
    ...more,
  });
  const token = answer.headers['x-subject-token'];
  if (typeof token !== 'string') throw new Error(`no token: ${answer.status} ${answer.text}`);
  return token;
}
