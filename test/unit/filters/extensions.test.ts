import { expect } from 'chai';
import { extensionRel } from '../../../src/common/http/json_home.js';
import { ok } from '../../../src/common/http/results.js';
import type { Route } from '../../../src/common/http/types.js';
import { type Bench, createBench, type Site } from './support.js';

const EC2: readonly Route[] = [
  {
    method: 'POST',
    path: '/ec2tokens',
    access: { kind: 'public', why: 'test' },
    handler: ({ links }) => ok({ token: links.v3('/x') }),
    rel: extensionRel('OS-EC2', 'ec2tokens'),
  },
  {
    method: 'GET',
    path: '/users/{user_id}/credentials/OS-EC2',
    access: { kind: 'protected', target: 'identity:ec2_list_credentials' },
    handler: () => ok({}),
    rel: extensionRel('OS-EC2', 'user_credentials'),
  },
];
const S3: readonly Route[] = [
  {
    method: 'POST',
    path: '/s3tokens',
    access: { kind: 'public', why: 'test' },
    handler: () => ok({}),
    rel: extensionRel('s3tokens', 's3tokens'),
  },
];
const CORE: readonly Route[] = [
  {
    method: 'GET',
    path: '/users/{user_id}',
    access: { kind: 'public', why: 'test' },
    handler: ({ params }) => ok({ user: params['user_id'] }),
    rel: { rel: 'core' },
  },
];

const PASTE = `
[filter:build_auth_context]
use = egg:keystone#build_auth_context
[filter:json_body]
use = egg:keystone#json_body
[filter:ec2_extension_v3]
use = egg:keystone#ec2_extension_v3
[filter:s3_extension]
use = egg:keystone#s3_extension
[app:service_v3]
use = egg:keystone#service_v3
[app:versions]
use = egg:keystone#public_version_service
[pipeline:api_v3]
pipeline = build_auth_context json_body ec2_extension_v3 s3_extension service_v3
[composite:main]
use = egg:Paste#urlmap
/v3 = api_v3
/ = versions
`;

describe('extension filters', () => {
  let bench: Bench;
  let site: Site;

  async function start(extensions = { ec2V2: EC2, ec2V3: EC2, s3: S3 }): Promise<void> {
    bench = await createBench('[DEFAULT]\npublic_endpoint = https://id.example\n', () => ({
      extensions,
      v3Routes: CORE,
    }));
    site = await bench.serve(await bench.load(PASTE));
  }
  const home = async (path: string): Promise<Record<string, { href?: string; 'href-template'?: string }>> => {
    const reply = await site.ask({ path, headers: { Accept: 'application/json-home' } });
    expect(reply.headers['content-type']).to.equal('application/json-home');
    return (JSON.parse(reply.text) as { resources: Record<string, { href?: string }> }).resources;
  };

  afterEach(() => bench.close());

  it('answer their own routes and pass on everything else', async () => {
    await start();
    expect((await site.ask({ method: 'POST', path: '/v3/ec2tokens' })).text).to.equal(
      '{"token":"https://id.example/v3/x"}',
    );
    expect((await site.ask({ method: 'POST', path: '/v3/s3tokens' })).status).to.equal(200);
    expect((await site.ask({ path: '/v3/users/u' })).text).to.equal('{"user":"u"}');
    expect((await site.ask({ path: '/v3/ec2tokens' })).status).to.equal(404);
    expect((await site.ask({ path: '/v3/users/u/credentials/OS-EC2' })).status).to.equal(401);
  });

  it('add their relations to the JSON home document, below /v3 and at the root', async () => {
    await start();
    for (let again = 0; again < 2; again += 1) {
      const own = await home('/v3');
      expect(Object.keys(own)).to.have.members(['core', ...[...EC2, ...S3].map((route) => route.rel?.rel)]);
      expect(own[S3[0]?.rel?.rel ?? '']).to.deep.equal({ href: '/s3tokens' });
    }
    const root = await home('/');
    expect(root[S3[0]?.rel?.rel ?? '']).to.deep.equal({ href: '/v3/s3tokens' });
    expect(root[EC2[1]?.rel?.rel ?? '']).to.include({
      'href-template': '/v3/users/{user_id}/credentials/OS-EC2',
    });
    expect(root['core']).to.include({ 'href-template': '/v3/users/{user_id}' });
  });

  it('leave the version document alone', async () => {
    await start();
    expect(JSON.parse((await site.ask({ path: '/v3' })).text)).to.have.nested.property('version.id', 'v3.7');
  });

  it("answer the API's 404 where they have no back end", async () => {
    await start({ ec2V2: [], ec2V3: [], s3: [] });
    const reply = await site.ask({ method: 'POST', path: '/v3/ec2tokens' });
    expect(reply.status).to.equal(404);
    expect(JSON.parse(reply.text)).to.have.nested.property(
      'error.message',
      'The resource could not be found.',
    );
    expect(Object.keys(await home('/v3'))).to.deep.equal(['core']);
  });
});
