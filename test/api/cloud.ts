/** A deployment that serves the public pipeline, and a client for it. */
import { Agent, request as outgoing } from 'node:http';
import { startServer } from '../../src/server/server.js';
import { ADMIN, createDeployment, type Deployment } from '../support/deployment.js';
import { type Rearrange, writePaste } from '../support/paste.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `{}` when the body is no JSON object. */
  readonly body: Record<string, unknown>;
}

export interface Cloud {
  readonly url: string;
  request(
    method: string,
    path: string,
    token: string | null,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Another server on the same database and keys, as a second process is. Stopped with the cloud. */
  twin(): Promise<Cloud>;
  /** Read the files of domains again, as SIGHUP does. */
  reloadDomains(): Promise<void>;
  /** The answer to a request for an unscoped token with a password. */
  signIn(userId: string, password: string): Promise<Answer>;
  /** An unscoped token. @throws Error when it is refused */
  token(userId: string, password: string): Promise<string>;
  /** A token of the first user, scoped to the project in which it is an administrator. */
  adminToken(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param conf lines of keystone.conf by section
 * @param rearrange what is different in the paste file
 */
export async function startCloud(
  conf: Readonly<Record<string, readonly string[]>> = {},
  rearrange?: Rearrange,
): Promise<Cloud> {
  const deployment = await createDeployment({
    conf: { ...conf, DEFAULT: ['crypt_strength = 1000', ...(conf['DEFAULT'] ?? [])] },
  });
  if (rearrange !== undefined) await writePaste(deployment, rearrange);
  return serve(deployment);
}

/** What can be asked of a service that runs already. */
export type RemoteCloud = Pick<Cloud, 'url' | 'request' | 'signIn' | 'token' | 'adminToken'>;

/** It keeps connections. */
export interface Caller extends RemoteCloud {
  /** Gives them up: a service that stops would wait for what comes on them. */
  hangUp(): void;
}

interface Sent {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly agent: Agent;
}

/** @throws Error when there is no whole answer */
export function exchange(url: URL, { method, headers, body, agent }: Sent): Promise<Omit<Answer, 'body'>> {
  return new Promise((resolve, reject) => {
    const asked = outgoing(url, { method, headers: Object.fromEntries(headers), agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const got = new Headers();
        const raw = response.rawHeaders;
        for (let at = 0; at < raw.length; at += 2) got.append(raw[at] ?? '', raw[at + 1] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: got,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

/** @param url without a version */
export function cloudAt(url: string): Caller {
  const agent = new Agent({ keepAlive: true });
  const request: Cloud['request'] = async (method, path, token, body, more) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = new Headers({
      Accept: '*/*',
      ...(token !== null && { 'X-Auth-Token': token }),
      ...(text !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(text)),
      }),
      ...more,
    });
    const answer = await exchange(new URL(`${url}${path}`), { method, headers, body: text, agent });
    let parsed: unknown;
    try {
      parsed = JSON.parse(answer.text);
    } catch {
      parsed = {};
    }
    return { ...answer, body: parsed as Record<string, unknown> };
  };
  const authenticate = (user: object, password: string, scope?: object): Promise<Answer> =>
    request('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: { methods: ['password'], password: { user: { ...user, password } } },
        ...(scope && { scope }),
      },
    });
  const subject = ({ status, headers, text }: Answer): string => {
    const token = headers.get('X-Subject-Token');
    if (status !== 201 || token === null) throw new Error(`no token: ${status} ${text}`);
    return token;
  };
  const domain = { id: 'default' };
  return {
    url,
    request,
    hangUp: () => agent.destroy(),
    signIn: (id, password) => authenticate({ id }, password),
    token: async (id, password) => subject(await authenticate({ id }, password, { unscoped: {} })),
    adminToken: async () =>
      subject(
        await authenticate({ name: ADMIN.name, domain }, ADMIN.password, {
          project: { name: ADMIN.project, domain },
        }),
      ),
  };
}

/** Serve a deployment; it is removed when the cloud stops. */
export async function serve(deployment: Deployment): Promise<Cloud> {
  const server = await startServer(deployment.load(), [
    { name: 'main', address: { kind: 'tcp', host: '127.0.0.1', port: 0 } },
  ]);
  const address = server.serving[0]?.address;
  if (address?.kind !== 'tcp') throw new Error('not served by TCP');
  const remote = cloudAt(`http://127.0.0.1:${address.port}`);

  const twins: Cloud[] = [];
  return {
    ...remote,
    reloadDomains: () => server.reloadDomains(),
    async twin() {
      const twin = await serve({ ...deployment, remove: () => Promise.resolve() });
      twins.push(twin);
      return twin;
    },
    async stop() {
      remote.hangUp();
      await Promise.all([server.stop(), ...twins.map((twin) => twin.stop())]);
      await deployment.remove();
    },
  };
}
