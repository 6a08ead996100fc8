/** One database and key repository, served several times with different settings. */
import { writeFile } from 'node:fs/promises';
import { loadConf } from '../../../src/conf/index.js';
import { type RunningServer, startServer } from '../../../src/server/server.js';
import { createDeployment, type Deployment } from '../../support/deployment.js';

export class Servers {
  readonly #running: RunningServer[] = [];

  private constructor(readonly deployment: Deployment) {}

  static async create(): Promise<Servers> {
    return new Servers(
      await createDeployment({
        conf: { DEFAULT: ['crypt_strength = 1000'], token: ['expiration = 3600'] },
      }),
    );
  }

  /**
   * Start another one.
   * @param lines of keystone.conf that count more than those of the deployment
   * @returns its base URL
   */
  async serve(name: string, ...lines: string[]): Promise<string> {
    const { conf, env } = this.deployment;
    const more = this.deployment.path(`${name}.conf`);
    await writeFile(more, lines.join('\n'), { mode: 0o600 });
    const server = await startServer(loadConf({ configFiles: [conf, more], configDirs: [], env }), [
      { name: 'main', address: { kind: 'tcp', host: '127.0.0.1', port: 0 } },
    ]);
    this.#running.push(server);
    const address = server.serving[0]?.address;
    if (address?.kind !== 'tcp') throw new Error('not served by TCP');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((server) => server.stop()));
    await this.deployment.remove();
  }
}
