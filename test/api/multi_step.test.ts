/** A method that asks before it believes: the one that docs/auth_methods.md shows, as it stands there. */
import { createHmac } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createDeployment } from '../support/deployment.js';
import { type Answer, type Cloud, serve } from './cloud.js';

const guide = join(import.meta.dirname, '../../docs/auth_methods.md');
const packageName = 'keystone-challenge-response';
const SECRET = 'between us';

interface Challenge {
  readonly nonce: string;
  readonly seal: string;
}

async function install(folder: string): Promise<void> {
  const [, source] = /```js\n([^]*?)```/.exec(await readFile(guide, 'utf8')) ?? [];
  if (source === undefined) throw new Error('the guide shows no method');
  const home = join(folder, 'node_modules', packageName);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'index.js'), source);
  const manifest = {
    name: packageName,
    version: '1.0.0',
    type: 'module',
    keystone: { auth: { challenge_response: './index.js:createMethod' } },
  };
  await writeFile(join(home, 'package.json'), JSON.stringify(manifest));
}

describe('authentication in several steps', () => {
  let cloud: Cloud;
  let ann: string;
  let bob: string;

  before(async () => {
    const deployment = await createDeployment({
      conf: { DEFAULT: ['crypt_strength = 1000'], auth: [`challenge_response = ${packageName}`] },
    });
    // The first user is made before there is a package to look for.
    const text = await readFile(deployment.conf, 'utf8');
    const methods = 'methods = password,token';
    await writeFile(deployment.conf, text.replace(methods, `${methods},challenge_response`));
    await install(deployment.folder);
    cloud = await serve(deployment);
    const admin = await cloud.adminToken();
    const create = async (name: string): Promise<string> => {
      const made = await cloud.request('POST', '/v3/users', admin, { user: { name, password: name } });
      const { id } = made.body['user'] as { id: string };
      const credential = { user_id: id, type: 'shared_secret', blob: SECRET };
      await cloud.request('POST', '/v3/credentials', admin, { credential });
      return id;
    };
    [ann, bob] = [await create('ann'), await create('bob')];
  });
  after(() => cloud?.stop());

  const signIn = (proofs: Readonly<Record<string, object>>, scope?: object): Promise<Answer> =>
    cloud.request('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods: Object.keys(proofs), ...proofs }, ...(scope && { scope }) },
    });
  const password = (id: string, secret: string): object => ({ user: { id, password: secret } });
  const challengeOf = ({ body }: Answer): Challenge => {
    const { identity } = body['error'] as { identity: { challenge_response: Challenge } };
    return identity.challenge_response;
  };
  const ask = async (id: string): Promise<Challenge> =>
    challengeOf(await signIn({ challenge_response: { user: { id } } }));
  const answerTo = (id: string, { nonce, seal }: Challenge, secret = SECRET): object => ({
    user: { id },
    nonce,
    seal,
    answer: createHmac('sha256', secret).update(`answer ${nonce}`).digest('hex'),
  });

  it('tells the client what to answer, and gives a token for the answer', async () => {
    const first = await signIn({ challenge_response: { user: { id: ann } } });
    expect(first.status).to.equal(401);
    expect(first.headers.get('X-Subject-Token')).to.equal(null);
    const error = first.body['error'] as Record<string, unknown>;
    expect(error).to.include({
      code: 401,
      title: 'Unauthorized',
      message: 'Additional authentications steps required.',
    });
    const { nonce, seal } = challengeOf(first);
    expect(error['identity']).to.deep.equal({
      methods: ['challenge_response'],
      challenge_response: { nonce, seal },
    });

    const second = await signIn({ challenge_response: answerTo(ann, { nonce, seal }) });
    expect(second.status, second.text).to.equal(201);
    expect(second.body).to.have.nested.property('token.user.id', ann);
    expect(second.body).to.have.nested.property('token.methods').that.deep.equals(['challenge_response']);
  });

  it('takes no wrong answer, and none to what was not asked', async () => {
    const challenge = await ask(ann);
    const forged = { ...challenge, nonce: `${Date.now() + 60_000}.00` };
    for (const payload of [
      answerTo(ann, challenge, 'a guess'),
      answerTo(ann, forged),
      answerTo('nobody', challenge),
    ]) {
      const { status, body } = await signIn({ challenge_response: payload });
      expect(status).to.equal(401);
      expect(body).not.to.have.nested.property('error.identity');
    }
    const { status } = await signIn({ challenge_response: { ...answerTo(ann, challenge), seal: 5 } });
    expect(status).to.equal(400);
  });

  it('asks somebody who does not exist the same', async () => {
    expect(await ask('nobody')).to.have.all.keys('nonce', 'seal');
  });

  it('goes with a password in one request, when both are of the same user', async () => {
    const first = await signIn({
      password: password(ann, 'ann'),
      challenge_response: { user: { id: ann } },
    });
    expect(first.status).to.equal(401);
    const proof = answerTo(ann, challengeOf(first));
    const second = await signIn({ password: password(ann, 'ann'), challenge_response: proof });
    expect(second.status, second.text).to.equal(201);
    expect(second.body)
      .to.have.nested.property('token.methods')
      .that.has.members(['password', 'challenge_response']);

    // Both are right, each for somebody else.
    const other = await signIn({ password: password(bob, 'bob'), challenge_response: proof });
    expect(other.status).to.equal(401);
    expect(other.body).not.to.have.nested.property('error.identity');
  });

  it('tells nothing to who fails at another method of the request, in whatever order', async () => {
    const wrong = password(ann, 'guess');
    const question = { user: { id: ann } };
    for (const proofs of [
      { password: wrong, challenge_response: question },
      { challenge_response: question, password: wrong },
    ]) {
      const { status, body } = await signIn(proofs);
      expect(status).to.equal(401);
      expect(body).not.to.have.nested.property('error.identity');
    }
  });

  it('rescopes a token only together with an answer, where both are asked for', async () => {
    const token = await cloud.token(ann, 'ann');
    const question = { user: { id: ann } };
    const first = await signIn({ token: { id: token }, challenge_response: question });
    expect(first.status).to.equal(401);
    const proof = answerTo(ann, challengeOf(first));
    const second = await signIn({ token: { id: token }, challenge_response: proof }, { unscoped: {} });
    expect(second.status, second.text).to.equal(201);
    expect(second.body)
      .to.have.nested.property('token.methods')
      .that.has.members(['token', 'password', 'challenge_response']);
    const other = await signIn({ token: { id: await cloud.token(bob, 'bob') }, challenge_response: proof });
    expect(other.status).to.equal(401);
  });
});
