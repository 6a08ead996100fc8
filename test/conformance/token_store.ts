/** What every store of tokens promises (`[token] driver`). */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { TokenNotFound } from '../../src/common/errors.js';
import type { V3TokenBody } from '../../src/common/token_model.js';
import type { NewStoredToken, TokenStore } from '../../src/subsystems/token/store.js';
import type { TokenFacts } from '../../src/subsystems/token/types.js';
import { rejection } from '../support/rejection.js';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const hex = (): string => randomUUID().replaceAll('-', '');
const named = (id: string): { id: string; name: string } => ({ id, name: `name of ${id}` });

interface Wanted {
  readonly user?: string;
  readonly project?: string;
  readonly trust?: { readonly id: string; readonly trustor: string; readonly trustee: string };
  readonly oauth?: { readonly accessToken: string; readonly consumer: string };
  /** Milliseconds from now. */
  readonly lasts?: number;
}

/** A token as a provider hands it to its store. */
export function newToken({ user = hex(), project, trust, oauth, lasts = HOUR }: Wanted = {}): NewStoredToken {
  const issuedAt = Date.now() - 1;
  const expiresAt = Math.floor((Date.now() + lasts) / 1000) * 1000;
  const facts: TokenFacts = {
    userId: user,
    methods: ['password', 'token'],
    projectId: project ?? null,
    domainId: null,
    trustId: trust?.id ?? null,
    accessTokenId: oauth?.accessToken ?? null,
    federation: null,
    auditIds: [hex(), hex()],
    issuedAt,
    expiresAt,
    bind: { kerberos: 'jane' },
  };
  const body: V3TokenBody = {
    methods: facts.methods,
    user: { ...named(user), domain: named('default') },
    audit_ids: facts.auditIds,
    issued_at: new Date(issuedAt).toISOString(),
    expires_at: new Date(expiresAt).toISOString(),
    ...(project !== undefined && {
      project: { ...named(project), domain: named('default') },
      roles: [named('r1')],
      is_domain: false,
    }),
    ...(trust && {
      'OS-TRUST:trust': {
        id: trust.id,
        impersonation: user === trust.trustor,
        trustor_user: { id: trust.trustor },
        trustee_user: { id: trust.trustee },
      },
    }),
    ...(oauth && {
      'OS-OAUTH1': { access_token_id: oauth.accessToken, consumer_id: oauth.consumer },
    }),
    bind: { kerberos: 'jane' },
  };
  return { id: hex(), facts, body };
}

/** @param storeOf gives the store from the first test on */
export function tokenStoreSuite(storeOf: () => TokenStore): void {
  const created = async (wanted?: Wanted): Promise<NewStoredToken> => {
    const token = newToken(wanted);
    await storeOf().create(token);
    return token;
  };
  const isThere = async ({ id }: NewStoredToken): Promise<boolean> => {
    try {
      await storeOf().read(id);
      return true;
    } catch (error) {
      if (error instanceof TokenNotFound) return false;
      throw error;
    }
  };

  it('gives back what a token says of itself', async () => {
    const token = await created({ project: 'p1' });
    expect(await storeOf().read(token.id)).to.deep.equal(token.facts);
    const trust = await created({ project: 'p1', trust: { id: hex(), trustor: hex(), trustee: hex() } });
    expect(await storeOf().read(trust.id)).to.deep.equal(trust.facts);
    const oauth = await created({ project: 'p1', oauth: { accessToken: hex(), consumer: hex() } });
    expect(await storeOf().read(oauth.id)).to.deep.equal(oauth.facts);
  });

  it('keeps names in any language, and large catalogs', async () => {
    const token = newToken({ project: 'p1' });
    for (const services of [400, 600, 4000]) {
      const catalog = Array.from({ length: services }, (_, n) => ({
        id: hex(),
        type: `type-${n}`,
        name: `Dienst für Größe ${n} \r\nEND\r\n 概要`,
        endpoints: [],
      }));
      const id = hex();
      await storeOf().create({ ...token, id, body: { ...token.body, catalog } });
      expect(await storeOf().read(id)).to.deep.equal(token.facts);
    }
  });

  it('does not know a token that was never stored', async () => {
    expect(await rejection(storeOf().read(hex()))).to.be.instanceOf(TokenNotFound);
  });

  it('does not give back a token that was made invalid, and lists it until it expires', async () => {
    const [token, other] = [await created(), await created()];
    await storeOf().invalidate(token.id);
    expect(await isThere(token)).to.equal(false);
    expect(await isThere(other)).to.equal(true);
    const revoked = await storeOf().listRevoked();
    expect(revoked.filter(({ id }) => id === token.id)).to.deep.equal([
      { id: token.id, expiresAt: token.facts.expiresAt, auditId: token.facts.auditIds[0] },
    ]);
    expect(revoked.some(({ id }) => id === other.id)).to.equal(false);
  });

  it('takes making a token invalid twice, or one that is not there, for done', async () => {
    const token = await created();
    await storeOf().invalidate(hex());
    await storeOf().invalidate(token.id);
    await storeOf().invalidate(token.id);
    const revoked = await storeOf().listRevoked();
    expect(revoked.filter(({ id }) => id === token.id)).to.have.length(1);
  });

  it('does not list revoked tokens that have expired', async function expiry() {
    this.timeout(120_000);
    const token = await created({ lasts: 1000 });
    await storeOf().invalidate(token.id);
    await new Promise((resolve) => setTimeout(resolve, token.facts.expiresAt - Date.now() + 50));
    expect((await storeOf().listRevoked()).some(({ id }) => id === token.id)).to.equal(false);
  });

  it('keeps tokens that last for decades', async () => {
    const user = hex();
    const tokens = [await created({ user, lasts: 40 * YEAR }), await created({ user, lasts: 40 * YEAR })];
    for (const token of tokens) expect(await storeOf().read(token.id)).to.deep.equal(token.facts);
    await storeOf().invalidateMatching({ userId: user });
    expect(await Promise.all(tokens.map(isThere))).to.deep.equal([false, false]);
    const revoked = new Set((await storeOf().listRevoked()).map(({ id }) => id));
    expect(tokens.every(({ id }) => revoked.has(id))).to.equal(true);
  });

  it('makes all tokens of a user invalid, and nobody else’s', async () => {
    const [user, other] = [hex(), hex()];
    const tokens = await Promise.all([created({ user }), created({ user, project: 'p1' })]);
    const kept = await created({ user: other });
    await storeOf().invalidateMatching({ userId: user });
    expect(await Promise.all(tokens.map(isThere))).to.deep.equal([false, false]);
    expect(await isThere(kept)).to.equal(true);
    const revoked = new Set((await storeOf().listRevoked()).map(({ id }) => id));
    expect(tokens.every(({ id }) => revoked.has(id))).to.equal(true);
  });

  it('makes tokens of a user for a project invalid, and not those for another', async () => {
    const [user, project] = [hex(), hex()];
    const [gone, elsewhere, unscoped, others] = [
      await created({ user, project }),
      await created({ user, project: hex() }),
      await created({ user }),
      await created({ project }),
    ];
    await storeOf().invalidateMatching({ userId: user, projectId: project });
    expect(await Promise.all([gone, elsewhere, unscoped, others].map(isThere))).to.deep.equal([
      false,
      true,
      true,
      true,
    ]);
  });

  it('makes tokens of a trust invalid, and finds them by trustor and trustee', async () => {
    const parties = { trustor: hex(), trustee: hex() };
    const ofTrust = { user: parties.trustor, project: 'p1', trust: { id: hex(), ...parties } };
    const [byTrust, another] = [
      await created(ofTrust),
      await created({ ...ofTrust, trust: { id: hex(), ...parties } }),
    ];
    await storeOf().invalidateMatching({ trustId: ofTrust.trust.id });
    expect([await isThere(byTrust), await isThere(another)]).to.deep.equal([false, true]);
    await storeOf().invalidateMatching({ userId: parties.trustee });
    expect(await isThere(another)).to.equal(false);
    const third = await created(ofTrust);
    await storeOf().invalidateMatching({ userId: parties.trustor });
    expect(await isThere(third)).to.equal(false);
  });

  it('makes tokens of a consumer and of an access token invalid', async () => {
    const [user, consumer] = [hex(), hex()];
    const tokens = [
      await created({ user, oauth: { accessToken: 'a1', consumer } }),
      await created({ user, oauth: { accessToken: `a2${consumer}`, consumer: hex() } }),
      await created({ user }),
    ];
    await storeOf().invalidateMatching({ consumerId: consumer });
    expect(await Promise.all(tokens.map(isThere))).to.deep.equal([false, true, true]);
    await storeOf().invalidateMatching({ accessTokenId: `a2${consumer}` });
    expect(await Promise.all(tokens.map(isThere))).to.deep.equal([false, false, true]);
  });

  it('finds nothing to make invalid for a user without tokens', async () => {
    await storeOf().invalidateMatching({ userId: hex() });
  });

  it('stores and revokes for many at a time', async function many() {
    this.timeout(120_000);
    const user = hex();
    const tokens = await Promise.all(Array.from({ length: 60 }, () => created({ user })));
    await Promise.all(tokens.slice(0, 30).map(({ id }) => storeOf().invalidate(id)));
    expect((await Promise.all(tokens.map(isThere))).filter(Boolean)).to.have.length(30);
    const revoked = new Set((await storeOf().listRevoked()).map(({ id }) => id));
    expect(tokens.filter(({ id }) => revoked.has(id))).to.have.length(30);
    await storeOf().invalidateMatching({ userId: user });
    expect((await Promise.all(tokens.map(isThere))).some(Boolean)).to.equal(false);
  });
}
