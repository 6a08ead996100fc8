/** A deployment that serves both stacks, and a client for API v2.0 (and v3) of each. */
import { type RunningServer, startServer } from '../../src/server/server.js';
import { ADMIN, createDeployment, type Deployment, type DeploymentOptions } from '../support/deployment.js';
import { type Rearrange, writePaste } from '../support/paste.js';
import { type Caller, cloudAt } from './cloud.js';
import type { Json } from './tenancy.js';

export interface V2Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `{}` when the body is no JSON object. */
  readonly body: Json;
}

export type Stack = 'main' | 'admin';

export class V2Cloud {
  private constructor(
    readonly deployment: Deployment,
    readonly urls: Readonly<Record<Stack, string>>,
    private readonly stacks: Readonly<Record<Stack, Caller>>,
    private readonly server: RunningServer,
  ) {}

  /**
   * @param conf lines of keystone.conf by section
   * @param rearrange what is different in the paste file
   */
  static async start(
    conf: DeploymentOptions['conf'] = {},
    { rearrange, until }: Pick<DeploymentOptions, 'until'> & { readonly rearrange?: Rearrange } = {},
  ): Promise<V2Cloud> {
    const deployment = await createDeployment({
      conf: { ...conf, DEFAULT: ['crypt_strength = 1000', ...(conf['DEFAULT'] ?? [])] },
      ...(until && { until }),
    });
    if (rearrange !== undefined) await writePaste(deployment, rearrange);
    const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
    const server = await startServer(deployment.load(), [
      { name: 'main', address },
      { name: 'admin', address },
    ]);
    const url = (name: Stack): string => {
      const served = server.serving.find((each) => each.name === name)?.address;
      if (served?.kind !== 'tcp') throw new Error(`${name} is not served by TCP`);
      return `http://127.0.0.1:${served.port}`;
    };
    const urls = { main: url('main'), admin: url('admin') };
    const stacks = { main: cloudAt(urls.main), admin: cloudAt(urls.admin) };
    return new V2Cloud(deployment, urls, stacks, server);
  }

  /** @param path with its version: `/v2.0/tokens` */
  call(
    stack: Stack,
    method: string,
    path: string,
    token: string | null,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<V2Answer> {
    return this.stacks[stack].request(method, path, token, body, headers);
  }

  /** What POST /v2.0/tokens of the public stack answers. */
  signIn(auth: object): Promise<V2Answer> {
    return this.call('main', 'POST', '/v2.0/tokens', null, { auth });
  }

  withPassword(username: string, password: string, scope: object = {}): Promise<V2Answer> {
    return this.signIn({ passwordCredentials: { username, password }, ...scope });
  }

  /** A v2.0 token of the first user for the project in which it is an administrator. */
  async adminToken(): Promise<string> {
    return tokenIdOf(await this.withPassword(ADMIN.name, ADMIN.password, { tenantName: ADMIN.project }));
  }

  /** Change the paste file and reload, as SIGHUP does. @returns whether it is in force */
  async rearrange(rearrange: Rearrange): Promise<boolean> {
    await writePaste(this.deployment, rearrange);
    return this.server.reloadPipelines(this.deployment.load());
  }

  async stop(): Promise<void> {
    for (const stack of Object.values(this.stacks)) stack.hangUp();
    await this.server.stop();
    await this.deployment.remove();
  }
}

/** The object under `access`. @throws Error when the sign-in was refused */
export function accessOf({ status, text, body }: V2Answer): Json {
  if (status !== 200) throw new Error(`no token: ${status} ${text}`);
  return body['access'] as Json;
}

/** @throws Error when the sign-in was refused */
export function tokenIdOf(answer: V2Answer): string {
  return (accessOf(answer)['token'] as Json)['id'] as string;
}

/** The text that an error tells a client. */
export function messageOf({ body }: V2Answer): string {
  return (body['error'] as Json)['message'] as string;
}
