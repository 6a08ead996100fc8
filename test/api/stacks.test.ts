/** The public and the admin stack differ by the paste file alone: what a deployer changes there, seen at both ports. */
import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Rearrange } from '../support/paste.js';
import { type Stack, V2Cloud } from './v2_cloud.js';

const STACKS: readonly Stack[] = ['main', 'admin'];

const asItIs: Rearrange = (stock) => stock;

/** Change what must be there. @throws Error when it is not */
function replace(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`the paste file has no ${JSON.stringify(what)}`);
  return text.replace(what, by);
}

/** Without the path in one composite. */
const without =
  (stack: Stack, path: string): Rearrange =>
  (stock) => {
    const [before = '', composite = ''] = stock.split(`[composite:${stack}]\n`);
    const line = new RegExp(`^${path} = .*\n`, 'm');
    if (!line.test(composite)) throw new Error(`${stack} has no ${path}`);
    return `${before}[composite:${stack}]\n${composite.replace(line, '')}`;
  };

describe('stacks that the paste file tells apart', () => {
  let cloud: V2Cloud;
  let admin: string;
  before(async function start() {
    this.timeout(120_000);
    cloud = await V2Cloud.start({}, { rearrange: asItIs });
    admin = await cloud.adminToken();
  });
  after(() => cloud?.stop());
  afterEach(async () => {
    expect(await cloud.rearrange(asItIs)).to.equal(true);
  });

  const statuses = async (method: string, path: string, token: string | null = admin): Promise<number[]> => {
    const answers = await Promise.all(STACKS.map((stack) => cloud.call(stack, method, path, token)));
    return answers.map(({ status }) => status);
  };
  const versionsOf = async (stack: Stack): Promise<string[]> => {
    const { body } = await cloud.call(stack, 'GET', '/', null);
    return (body['versions'] as { values: { id: string }[] }).values.map(({ id }) => id);
  };

  it('have routes of their own to begin with', async () => {
    expect(await statuses('GET', '/v2.0/users')).to.deep.equal([404, 200]);
    expect(await statuses('GET', '/v2.0/tokens/revoked')).not.to.include(404);
    expect(await statuses('GET', '/v3/users')).to.deep.equal([200, 200]);
  });

  it('lose /v2.0 where it is dropped, and nowhere else', async () => {
    expect(await cloud.rearrange(without('main', '/v2.0'))).to.equal(true);
    expect(await statuses('GET', '/v2.0')).to.deep.equal([404, 200]);
    expect(await statuses('GET', '/v2.0/tenants')).to.deep.equal([404, 200]);
    expect(await statuses('GET', '/v3/users')).to.deep.equal([200, 200]);
    expect(await versionsOf('main')).to.deep.equal(['v3.7']);
    expect(await versionsOf('admin')).to.deep.equal(['v2.0', 'v3.7']);
  });

  it('lose /v2.0 from their list of versions when no stack has it', async () => {
    const neither: Rearrange = (stock) => stock.replaceAll(/^\/v2\.0 = .*\n/gm, '');
    expect(await cloud.rearrange(neither)).to.equal(true);
    expect(await statuses('GET', '/v2.0')).to.deep.equal([404, 404]);
    for (const stack of STACKS) expect(await versionsOf(stack), stack).to.deep.equal(['v3.7']);
  });

  it('get a filter that is added to one of them', async () => {
    const filter = `export const named = () => async (ctx, next) => {
      await next();
      ctx.set('X-Stack', 'admin');
    };\n`;
    await writeFile(cloud.deployment.path('named.mjs'), filter);
    const added: Rearrange = (stock) => {
      const declared = `[filter:named]\npaste.filter_factory = ./named.mjs:named\n\n${stock}`;
      return ['admin_api', 'admin_api_v3', 'admin_version_api'].reduce((text, pipeline) => {
        const heading = `[pipeline:${pipeline}]\npipeline = `;
        return replace(text, heading, `${heading}named `);
      }, declared);
    };
    expect(await cloud.rearrange(added)).to.equal(true);
    for (const path of ['/', '/v2.0/tenants', '/v3/users', '/v3/nowhere']) {
      const found = await Promise.all(STACKS.map((stack) => cloud.call(stack, 'GET', path, admin)));
      const named = found.map(({ headers }) => headers.get('X-Stack'));
      expect(named, path).to.deep.equal([null, 'admin']);
    }
  });

  it('have policies of their own, for both versions of the API', async () => {
    const path = (name: string): string => cloud.deployment.path(name);
    await writeFile(
      path('policy-public.json'),
      '{"admin_required": "!", "identity:list_regions": "role:admin"}',
    );
    await writeFile(path('policy-admin.json'), '{"identity:list_regions": "!"}');
    const split: Rearrange = (stock) =>
      ['public', 'admin'].reduce(
        (text, stack) =>
          replace(text, `# policy_file = policy-${stack}.json`, `policy_file = policy-${stack}.json`),
        stock,
      );
    expect(await cloud.rearrange(split)).to.equal(true);
    expect(await statuses('GET', '/v3/users')).to.deep.equal([403, 200]);
    expect(await statuses('GET', '/v3/regions')).to.deep.equal([200, 403]);
    // Routes of v2.0 that the public stack has, too, ask for an administrator by the same policy.
    expect(await statuses('GET', `/v2.0/tokens/${admin}/endpoints`)).to.deep.equal([403, 200]);
    expect(await statuses('GET', '/v2.0/users')).to.deep.equal([404, 200]);

    await writeFile(path('policy-public.json'), '{"identity:list_regions": "!"}');
    expect(await cloud.rearrange(split)).to.equal(true);
    expect(await statuses('GET', '/v3/users')).to.deep.equal([200, 200]);
    expect(await statuses('GET', '/v3/regions')).to.deep.equal([403, 403]);
  });

  it('stay as they are when the new file cannot be loaded', async () => {
    const broken: Rearrange = (stock) => replace(stock, '/v2.0 = public_api', '/v2.0 = nothing');
    expect(await cloud.rearrange(broken)).to.equal(false);
    expect(await statuses('GET', '/v2.0')).to.deep.equal([200, 200]);
  });
});
