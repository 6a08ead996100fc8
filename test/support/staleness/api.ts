/** The few requests that the staleness test makes. */
import { ADMIN } from '../deployment.js';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly subjectToken: string;
}

const DOMAIN = { id: 'default' };

export class Api {
  private token = '';

  constructor(readonly url: string) {}

  async call(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}/v3${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Auth-Token': this.token, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
      subjectToken: response.headers.get('X-Subject-Token') ?? '',
    };
  }

  /** @throws Error when the answer is no success */
  async done(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await this.call(method, path, body, headers);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: status ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  async create(kind: string, attributes: object, path = `/${kind}s`): Promise<string> {
    const { body } = await this.done('POST', path, { [kind]: attributes });
    return String(body[kind]?.['id']);
  }

  async signIn(): Promise<void> {
    const user = { name: ADMIN.name, domain: DOMAIN, password: ADMIN.password };
    const scope = { project: { name: ADMIN.project, domain: DOMAIN } };
    this.token = (await this.issue({ methods: ['password'], password: { user } }, scope)).subjectToken;
  }

  issue(identity: object, scope: object): Promise<Answer> {
    return this.done('POST', '/auth/tokens', { auth: { identity, scope } });
  }

  validate(subject: string): Promise<Answer> {
    return this.call('GET', '/auth/tokens', undefined, { 'X-Subject-Token': subject });
  }
}
