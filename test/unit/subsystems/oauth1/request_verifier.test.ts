import { expect } from 'chai';
import type {
  OAuth1Flow,
  OAuth1Secrets,
  OAuth1Verdict,
} from '../../../../src/subsystems/oauth1/request_verifier.js';
import { verifyRequest } from '../../../../src/subsystems/oauth1/request_verifier.js';
import type { OAuth1Client, SignedRequest } from '../../../../src/subsystems/oauth1/signature.js';
import { signRequest } from '../../../../src/subsystems/oauth1/signature.js';

const NOW = 1_484_000_000;
const CONSUMER = '6bf7473ff4ee1ec9078b8b2b5b542845';
const OTHER_CONSUMER = 'a'.repeat(32);
const TOKEN = 'ac82c90c50582f8147b039f723a67313';
const URI = 'http://id.example.com:5000/v3/OS-OAUTH1/access_token';

function store(tokenConsumer = CONSUMER): OAuth1Secrets {
  const token = { secret: 'token secret', verifier: 'aB3dE5gH', consumerId: tokenConsumer };
  return {
    consumer: (id) =>
      Promise.resolve(id === CONSUMER || id === OTHER_CONSUMER ? { secret: 'consumer secret' } : null),
    requestToken: (id) => Promise.resolve(id === TOKEN ? token : null),
    accessToken: (id) => Promise.resolve(id === TOKEN ? token : null),
  };
}

function signed(client: Partial<OAuth1Client> = {}, request: Partial<SignedRequest> = {}): SignedRequest {
  const unsigned = { method: 'POST', uri: URI, headers: {}, body: null, ...request };
  const { authorization } = signRequest(
    {
      consumerKey: CONSUMER,
      consumerSecret: 'consumer secret',
      token: TOKEN,
      tokenSecret: 'token secret',
      verifier: 'aB3dE5gH',
      callback: 'oob',
      nonce: '0123abc',
      timestamp: String(NOW),
      ...client,
    },
    unsigned,
  );
  return { ...unsigned, headers: { ...unsigned.headers, authorization } };
}

async function statusOf(flow: OAuth1Flow, request: SignedRequest, secrets = store()): Promise<number> {
  const verdict: OAuth1Verdict = await verifyRequest(flow, request, secrets, NOW);
  return verdict.valid ? 200 : verdict.status;
}

describe('OAuth 1.0a requests', () => {
  for (const flow of ['request_token', 'access_token', 'resource'] as const) {
    it(`${flow}: pass when signed with the right secrets, by every method`, async () => {
      for (const signatureMethod of ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT'] as const) {
        expect(await statusOf(flow, signed({ signatureMethod })), signatureMethod).to.equal(200);
      }
    });

    it(`${flow}: do not pass with another secret, for an unknown consumer or an unknown token`, async () => {
      expect(await statusOf(flow, signed({ consumerSecret: 'x' }))).to.equal(401);
      expect(await statusOf(flow, signed({ tokenSecret: 'x' }))).to.equal(401);
      expect(await statusOf(flow, signed({ consumerKey: 'b'.repeat(32), consumerSecret: '' }))).to.equal(401);
      expect(await statusOf(flow, signed({ token: 'b'.repeat(32), tokenSecret: '' }))).to.equal(401);
    });

    it(`${flow}: do not pass out of time`, async () => {
      expect(await statusOf(flow, signed({ timestamp: String(NOW + 600) }))).to.equal(200);
      expect(await statusOf(flow, signed({ timestamp: String(NOW + 601) }))).to.equal(400);
      expect(await statusOf(flow, signed({ timestamp: String(NOW - 601) }))).to.equal(400);
    });
  }

  it('cover a form-encoded body, and parameters of the query', async () => {
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1&a=0' };
    const request = signed({}, { ...form, uri: `${URI}?q=1&q=0` });
    expect(await statusOf('access_token', request)).to.equal(200);
    expect(await statusOf('access_token', { ...request, body: 'a=1' })).to.equal(401);
    expect(await statusOf('access_token', { ...request, uri: `${URI}?q=1` })).to.equal(401);
    // The order of repeated parameters is not signed: they are sorted.
    expect(await statusOf('access_token', { ...request, body: 'a=0&a=1' })).to.equal(200);
  });

  it('may carry their parameters in header, body or query, but in one place only', async () => {
    const { headers } = signed();
    const query = (headers['authorization'] ?? '')
      .replace('OAuth ', '')
      .replaceAll('"', '')
      .replaceAll(', ', '&');
    const inQuery = { method: 'POST', uri: `${URI}?${query}`, headers: {}, body: null };
    expect(await statusOf('access_token', inQuery)).to.equal(200);
    expect(await statusOf('access_token', { ...inQuery, headers })).to.equal(400);
    expect(await statusOf('access_token', { ...inQuery, uri: `${inQuery.uri}&oauth_nonce=1` })).to.equal(400);
  });

  it("do not pass with another consumer's token", async () => {
    const request = signed({ consumerKey: OTHER_CONSUMER });
    expect(await statusOf('access_token', request)).to.equal(401);
    expect(await statusOf('resource', request)).to.equal(401);
    expect(await statusOf('access_token', request, store(OTHER_CONSUMER))).to.equal(200);
  });

  it('do not pass with another verifier', async () => {
    expect(await statusOf('access_token', signed({ verifier: 'aB3dE5gX' }))).to.equal(401);
    expect(await statusOf('access_token', signed({ verifier: 'short' }))).to.equal(400);
  });

  it('name the method that is not known', async () => {
    const { headers, ...rest } = signed();
    const authorization = (headers['authorization'] ?? '').replace('HMAC-SHA1', 'RSA-SHA1');
    const verdict = await verifyRequest('resource', { ...rest, headers: { authorization } }, store(), NOW);
    expect(verdict).to.include({ valid: false, status: 400, error: 'invalid_signature_method' });
  });

  it('let failures of the store through', async () => {
    const broken = { ...store(), consumer: () => Promise.reject(new Error('the database is away')) };
    const reason: unknown = await verifyRequest('resource', signed(), broken, NOW).catch(
      (error: unknown) => error,
    );
    expect(String(reason)).to.include('the database is away');
  });
});
