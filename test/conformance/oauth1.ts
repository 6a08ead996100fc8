/** What every store of OAuth consumers and tokens promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import type { Oauth1Driver } from '../../src/subsystems/oauth1/driver.js';
import type { AccessToken, ConsumerWithSecret, RequestToken } from '../../src/subsystems/oauth1/types.js';

/** @param driverOf gives the backend under test; the suite makes ids of its own and leaves others alone */
export function oauth1DriverSuite(driverOf: () => Oauth1Driver): void {
  async function consumer(attributes: object = {}): Promise<ConsumerWithSecret> {
    const created = { id: uuidHex(), description: null, secret: uuidHex(), ...attributes };
    await driverOf().createConsumer(created);
    return created;
  }

  async function requestToken(attributes: Partial<RequestToken> = {}): Promise<RequestToken> {
    const token: RequestToken = {
      id: uuidHex(),
      request_secret: uuidHex(),
      verifier: null,
      authorizing_user_id: null,
      requested_project_id: uuidHex(),
      role_ids: null,
      consumer_id: attributes.consumer_id ?? (await consumer()).id,
      expires_at: null,
      ...attributes,
    };
    await driverOf().createRequestToken(token);
    return token;
  }

  const accessFor = (request: RequestToken, attributes: Partial<AccessToken> = {}): AccessToken => ({
    id: uuidHex(),
    access_secret: uuidHex(),
    authorizing_user_id: uuidHex(),
    project_id: request.requested_project_id,
    role_ids: ['role-1', 'role-2'],
    consumer_id: request.consumer_id,
    expires_at: '2999-01-01T00:00:00.000000Z',
    ...attributes,
  });

  async function accessToken(attributes: Partial<AccessToken> = {}): Promise<AccessToken> {
    const request = await requestToken(
      attributes.consumer_id === undefined ? {} : { consumer_id: attributes.consumer_id },
    );
    const token = accessFor(request, attributes);
    await driverOf().exchangeRequestToken(request.id, token);
    return token;
  }

  it('gives consumers back as they were stored, and lists them without secrets', async () => {
    const created = await consumer({ description: 'app', colour: 'red' });
    expect(await driverOf().getConsumer(created.id)).to.deep.equal(created);
    const { secret: _secret, ...shown } = created;
    expect(await driverOf().listConsumers()).to.deep.include(shown);
    expect(await driverOf().getConsumer('unknown')).to.equal(null);
  });

  it('changes what a consumer says of itself, and not its secret', async () => {
    const { id, secret } = await consumer({ colour: 'red' });
    await driverOf().updateConsumer({ id, description: 'new', size: 1 });
    expect(await driverOf().getConsumer(id)).to.deep.equal({ id, secret, description: 'new', size: 1 });
  });

  it('deletes a consumer with its tokens', async () => {
    const { id } = await consumer();
    const request = await requestToken({ consumer_id: id });
    const access = await accessToken({ consumer_id: id });
    expect(await driverOf().deleteConsumer(id)).to.equal(true);
    expect(await driverOf().deleteConsumer(id)).to.equal(false);
    expect(await driverOf().getRequestToken(request.id)).to.equal(null);
    expect(await driverOf().getAccessToken(access.id)).to.equal(null);
  });

  it('notes who authorised a request token', async () => {
    const token = await requestToken();
    expect(await driverOf().getRequestToken(token.id)).to.deep.equal(token);
    const grant = { userId: 'user', roleIds: ['role'], verifier: 'abcd1234' };
    expect(await driverOf().authorizeRequestToken(token.id, grant)).to.equal(true);
    expect(await driverOf().getRequestToken(token.id)).to.deep.equal({
      ...token,
      authorizing_user_id: 'user',
      role_ids: ['role'],
      verifier: 'abcd1234',
    });
    expect(await driverOf().authorizeRequestToken('unknown', grant)).to.equal(false);
  });

  it('exchanges a request token once, however many ask at once', async () => {
    const request = await requestToken();
    const tokens = Array.from({ length: 8 }, () => accessFor(request));
    const results = await Promise.all(
      tokens.map((token) => driverOf().exchangeRequestToken(request.id, token)),
    );
    expect(results.filter(Boolean)).to.have.length(1);
    for (const [position, token] of tokens.entries()) {
      const stored = await driverOf().getAccessToken(token.id);
      expect(stored).to.deep.equal(results[position] === true ? token : null);
    }
    expect(await driverOf().getRequestToken(request.id)).to.equal(null);
  });

  it('lists the access tokens of a user, and deletes one', async () => {
    const userId = uuidHex();
    const first = await accessToken({ authorizing_user_id: userId });
    const second = await accessToken({ authorizing_user_id: userId, expires_at: null });
    await accessToken();
    expect(await driverOf().listAccessTokens(userId)).to.have.deep.members([first, second]);
    expect(await driverOf().deleteAccessToken(first.id)).to.equal(true);
    expect(await driverOf().deleteAccessToken(first.id)).to.equal(false);
    expect(await driverOf().listAccessTokens(userId)).to.deep.equal([second]);
  });

  it('forgets the tokens of a user and of a project', async () => {
    const ofUser = await accessToken();
    const ofProject = await accessToken();
    const asked = await requestToken({ requested_project_id: ofProject.project_id });
    const kept = await accessToken();
    await driverOf().deleteTokensOfUser(ofUser.authorizing_user_id);
    await driverOf().deleteTokensOfProject(ofProject.project_id);
    for (const { id } of [ofUser, ofProject]) expect(await driverOf().getAccessToken(id)).to.equal(null);
    expect(await driverOf().getRequestToken(asked.id)).to.equal(null);
    expect(await driverOf().getAccessToken(kept.id)).to.deep.equal(kept);
  });
}
