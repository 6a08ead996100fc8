/** Requests to one process of the service. */
import { Agent } from 'node:http';
import { type OAuth1Client, signRequest } from '../../../src/subsystems/oauth1/signature.js';
import { ADMIN } from '../deployment.js';
import { type Got, type Sent, send } from '../http_client.js';

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly subjectToken: string;
}

/** Kinds of validation: each has an answer of its own. */
export const FORMS = ['get', 'nocatalog', 'head', 'itself'] as const;
export type Form = (typeof FORMS)[number];

const DOMAIN = { id: 'default' };

export const member = (body: Json, name: string): Json => (body[name] ?? {}) as Json;

export class Api {
  private token = '';
  /** Connections stay open for what may be asked twice; a change gets one of its own. */
  private readonly agent = new Agent({ keepAlive: true });

  constructor(readonly url: string) {}

  close(): void {
    this.agent.destroy();
  }

  async call(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const isRead = method === 'GET' || method === 'HEAD';
    const answer = await this.send(isRead, `${this.url}/v3${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Auth-Token': this.token, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(isRead && { agent: this.agent }),
    });
    return {
      status: answer.status,
      body: (answer.text === '' ? {} : JSON.parse(answer.text)) as Json,
      subjectToken: String(answer.headers['x-subject-token'] ?? ''),
    };
  }

  /** @throws Error when the answer is no success */
  async done(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await this.call(method, path, body, headers);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: status ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  /** @returns the id */
  async create(kind: string, attributes: object, path = `/${kind}s`): Promise<string> {
    const { body } = await this.done('POST', path, { [kind]: attributes });
    return String(member(body, kind)['id']);
  }

  /** A request that is signed with OAuth, with an answer that is a form. */
  async signed(
    path: string,
    client: OAuth1Client,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<URLSearchParams> {
    const { status, text } = await this.send(false, `${this.url}/v3${path}`, {
      method: 'POST',
      headers: { Authorization: this.authorization(path, client), ...headers },
    });
    if (status >= 300) throw new Error(`POST ${path}: status ${status} ${text}`);
    return new URLSearchParams(text);
  }

  authorization(path: string, client: OAuth1Client): string {
    const request = { method: 'POST', uri: `${this.url}/v3${path}`, headers: {}, body: null };
    return signRequest(client, request).authorization;
  }

  async signIn(): Promise<void> {
    const user = { name: ADMIN.name, domain: DOMAIN, password: ADMIN.password };
    const scope = { project: { name: ADMIN.project, domain: DOMAIN } };
    const answer = await this.issue({ methods: ['password'], password: { user } }, scope);
    this.token = answer.subjectToken;
  }

  issue(
    identity: object,
    scope: object | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.done('POST', '/auth/tokens', { auth: { identity, ...(scope && { scope }) } }, headers);
  }

  validate(token: string, form: Form): Promise<Answer> {
    const headers = { 'X-Subject-Token': token, ...(form === 'itself' && { 'X-Auth-Token': token }) };
    return this.call(
      form === 'head' ? 'HEAD' : 'GET',
      form === 'nocatalog' ? '/auth/tokens?nocatalog' : '/auth/tokens',
      undefined,
      headers,
    );
  }

  /** A connection that was kept may be closed by the server just when it is used. */
  private async send(isRead: boolean, url: string, request: Sent): Promise<Got> {
    try {
      return await send(url, request);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!isRead || !['ECONNRESET', 'EPIPE'].includes(code)) throw error;
      // So may all others that were kept.
      const { agent: _agent, ...anew } = request;
      return send(url, anew);
    }
  }
}
