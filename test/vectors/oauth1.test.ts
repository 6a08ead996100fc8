import { expect } from 'chai';
import type { Parameter } from '../../src/subsystems/oauth1/encoding.js';
import {
  escape,
  nonOAuthParameters,
  parseAuthorizationHeader,
  unescape,
} from '../../src/subsystems/oauth1/encoding.js';
import { OAuth1RequestError } from '../../src/subsystems/oauth1/errors.js';
import type { OAuth1Flow, OAuth1Secrets } from '../../src/subsystems/oauth1/request_verifier.js';
import { verifyRequest } from '../../src/subsystems/oauth1/request_verifier.js';
import type { SignatureMethod, SignedRequest } from '../../src/subsystems/oauth1/signature.js';
import {
  baseStringUri,
  normalizeParameters,
  signingKey,
  signRequest,
} from '../../src/subsystems/oauth1/signature.js';
import type { VectorCase, VectorFile } from './support.js';
import { eachCase, vectorFile } from './support.js';

interface SignCase extends VectorCase {
  readonly kind: 'sign';
  readonly client: {
    readonly client_key: string;
    readonly client_secret: string;
    readonly resource_owner_key?: string;
    readonly resource_owner_secret?: string;
    readonly callback_uri?: string;
    readonly verifier?: string;
    readonly realm?: string;
    readonly signature_method?: SignatureMethod;
    readonly nonce: string;
    readonly timestamp: string;
  };
  readonly request: SignedRequest;
  readonly parameters: readonly Parameter[];
  readonly normalized_parameters: string;
  readonly base_string_uri: string;
  readonly base_string: string;
  readonly key: string;
  readonly signature: string;
  readonly authorization: string;
}

interface VerifyCase extends VectorCase {
  readonly kind: 'verify';
  readonly flow: OAuth1Flow;
  readonly request: SignedRequest;
  readonly now: number;
  readonly expected: boolean;
  /** Absent for protected resources, and where the original fails. */
  readonly status?: number;
  readonly oauth_error?: string;
  readonly raised?: string;
}

interface EscapeCase extends VectorCase {
  readonly kind: 'escape';
  readonly text: string;
  readonly expected: string;
  readonly unescaped: string;
}

interface HeaderCase extends VectorCase {
  readonly kind: 'parse_authorization_header';
  readonly header: string;
  readonly expected?: readonly Parameter[];
}

interface ParametersCase extends VectorCase {
  readonly kind: 'non_oauth_params';
  readonly query: string;
  readonly expected?: Readonly<Record<string, string>>;
}

interface File extends VectorFile<SignCase | VerifyCase | EscapeCase | HeaderCase | ParametersCase> {
  readonly store: {
    readonly consumers: Readonly<Record<string, { readonly secret: string }>>;
    readonly request_tokens: Readonly<
      Record<
        string,
        { readonly request_secret: string; readonly verifier: string; readonly consumer_id: string }
      >
    >;
    readonly access_tokens: Readonly<Record<string, { readonly access_secret: string }>>;
  };
}

const NAME = 'oauth1.json';
const file = vectorFile<File>(NAME);

const secrets: OAuth1Secrets = {
  consumer: (id) => Promise.resolve(file.store.consumers[id] ?? null),
  requestToken: (id) => {
    const token = file.store.request_tokens[id];
    return Promise.resolve(
      token === undefined
        ? null
        : { secret: token.request_secret, verifier: token.verifier, consumerId: token.consumer_id },
    );
  },
  accessToken: (id) => {
    const token = file.store.access_tokens[id];
    return Promise.resolve(token === undefined ? null : { secret: token.access_secret });
  },
};

function present<T>(name: string, value: T | undefined): Record<string, T> {
  return value === undefined ? {} : { [name]: value };
}

function checkSigning({ client, request, ...expected }: SignCase): void {
  expect(normalizeParameters(expected.parameters)).to.equal(expected.normalized_parameters);
  expect(baseStringUri(request.uri, request.headers['Host'])).to.equal(expected.base_string_uri);
  expect(signingKey(client.client_secret, client.resource_owner_secret ?? null)).to.equal(expected.key);
  const signed = signRequest(
    {
      consumerKey: client.client_key,
      consumerSecret: client.client_secret,
      nonce: client.nonce,
      timestamp: client.timestamp,
      ...present('token', client.resource_owner_key),
      ...present('tokenSecret', client.resource_owner_secret),
      ...present('callback', client.callback_uri),
      ...present('verifier', client.verifier),
      ...present('realm', client.realm),
      ...present('signatureMethod', client.signature_method),
    },
    request,
  );
  expect(signed).to.deep.equal({
    baseString: expected.base_string,
    signature: expected.signature,
    authorization: expected.authorization,
  });
}

async function checkVerification(vector: VerifyCase): Promise<void> {
  const verdict = await verifyRequest(vector.flow, vector.request, secrets, vector.now);
  expect(verdict.valid).to.equal(vector.expected);
  if (!verdict.valid && vector.status !== undefined) {
    expect(verdict.status).to.equal(vector.status);
    if (vector.oauth_error !== undefined) expect(verdict.error).to.equal(vector.oauth_error);
  }
}

describe('vectors: OAuth 1.0a', () => {
  eachCase(NAME, file.cases, async (vector) => {
    switch (vector.kind) {
      case 'sign':
        return checkSigning(vector);
      case 'verify':
        return checkVerification(vector);
      case 'escape':
        expect(escape(vector.text)).to.equal(vector.expected);
        expect(unescape(vector.expected)).to.equal(vector.unescaped);
        break;
      case 'parse_authorization_header':
        if (vector.expected === undefined) {
          expect(() => parseAuthorizationHeader(vector.header)).to.throw(OAuth1RequestError);
        } else expect(parseAuthorizationHeader(vector.header)).to.deep.equal(vector.expected);
        break;
      case 'non_oauth_params':
        if (vector.expected === undefined) {
          expect(() => nonOAuthParameters(vector.query)).to.throw(OAuth1RequestError);
        } else expect(nonOAuthParameters(vector.query)).to.deep.equal(vector.expected);
        break;
    }
  });
});
