import { expect } from 'chai';
import type { TokenModel, V3TokenBody } from '../../../../src/common/token_model.js';
import { KnownToken } from '../../../../src/subsystems/token/known_token.js';
import { presentToken } from '../../../../src/subsystems/token/presenter.js';
import { type ValidatedToken, ValidatedTokens } from '../../../../src/subsystems/token/validated_tokens.js';

const MEGABYTE = 2 ** 20;
const ISSUED = Date.parse('2017-03-01T10:00:00Z');
const EXPIRES = Date.parse('2117-03-01T11:00:00Z');

/** As validation makes it: nothing is shared with any other. */
function token(id: string, changes: Partial<V3TokenBody> = {}): ValidatedToken {
  const domain = { id: 'default', name: 'Default' };
  const endpoint = { id: 'e1', interface: 'public', region: 'r', region_id: 'r', url: 'http://compute/v3' };
  const body: V3TokenBody = {
    is_domain: false,
    methods: ['password'],
    roles: [{ id: 'r1', name: 'member' }],
    expires_at: '2117-03-01T11:00:00.000000Z',
    project: { id: 'p1', name: 'project', domain },
    catalog: [{ id: 's1', type: 'compute', name: 'nova', endpoints: [endpoint] }],
    user: { id: 'u1', name: 'user', domain },
    audit_ids: [`audit-${id}`, 'chain'],
    issued_at: '2017-03-01T10:00:00.000000Z',
    ...changes,
  };
  return { id, body, issuedAt: ISSUED, expiresAt: EXPIRES, until: EXPIRES };
}

describe('validated tokens', () => {
  let state: string | undefined;
  let read: string[];
  let tokens: ValidatedTokens;

  beforeEach(() => {
    state = '1';
    read = [];
    tokens = new ValidatedTokens(
      () => state,
      () => state,
      MEGABYTE,
    );
  });

  const get = async (id: string, changes?: Partial<V3TokenBody>): Promise<TokenModel> =>
    tokens.get(id, () => {
      read.push(id);
      return Promise.resolve(token(id, changes));
    });

  it('say each what they said when they were read, though they share what is the same', async () => {
    const bodies: Record<string, Partial<V3TokenBody>> = {
      first: {},
      second: {},
      token: { methods: ['password', 'token'] },
      role: { roles: [{ id: 'r2', name: 'admin' }] },
      name: { user: { id: 'u1', name: 'renamed', domain: { id: 'default', name: 'Default' } } },
      catalog: { catalog: [] },
      bound: { bind: { kerberos: 'user@REALM' } },
      trust: {
        'OS-TRUST:trust': {
          id: 't1',
          impersonation: true,
          trustor_user: { id: 'u1' },
          trustee_user: { id: 'u2' },
        },
      },
    };
    for (const [id, changes] of Object.entries(bodies)) await get(id, changes);
    read = [];
    for (const [id, changes] of Object.entries(bodies)) {
      const known = await get(id, changes);
      const { body } = token(id, changes);
      expect(known).to.be.instanceOf(KnownToken);
      expect(JSON.stringify(known.body), id).to.equal(JSON.stringify(body));
      expect(presentToken(known, true).toString(), id).to.equal(JSON.stringify({ token: body }));
      const { catalog: _, ...rest } = body;
      expect(presentToken(known, false).toString(), id).to.equal(JSON.stringify({ token: rest }));
    }
    expect(read).to.deep.equal([]);
    expect((await get('first')).body.catalog).to.equal((await get('second')).body.catalog);
  });

  it('are put into words once', async () => {
    const known = await get('a');
    expect(presentToken(known, true)).to.equal(presentToken(await get('a'), true));
    expect(presentToken(known, false)).to.equal(presentToken(known, false));
  });

  it('are read again in another state, and not kept in none', async () => {
    const before = await get('a');
    presentToken(before, true);
    state = '2';
    expect(tokens.peek('a')).to.equal(undefined);
    const after = await get('a', { is_domain: true });
    expect(tokens.peek('a')).to.equal(after);
    expect(presentToken(after, true).toString()).to.contain('"is_domain":true');
    // Whoever still answers with the old one says what was true when it was asked for.
    expect(presentToken(before, true).toString()).to.contain('"is_domain":false');
    state = undefined;
    expect(tokens.peek('a')).to.equal(undefined);
    await get('a');
    await get('a');
    expect(read).to.deep.equal(['a', 'a', 'a', 'a']);
  });

  it('are not kept when the state changed while they were read', async () => {
    await tokens.get('a', async () => {
      state = '2';
      await get('b');
      return token('a');
    });
    await get('a');
    await get('b');
    expect(read).to.deep.equal(['b', 'a']);
  });

  it('take no more memory than they may: the last ones stay', async () => {
    // Each has a catalog of its own: about 26 KB.
    const endpoints = Array.from({ length: 100 }, (_, number) => ({
      id: `e${number}`,
      interface: 'public',
      region: null,
      region_id: null,
      url: `http://host/${number}`,
    }));
    const ids = Array.from({ length: 100 }, (_, number) => `t${number}`);
    const ofProject = (id: string): Partial<V3TokenBody> => ({
      project: { id, name: id, domain: null },
      catalog: [{ id: 's', type: 'compute', name: 'nova', endpoints }],
    });
    for (const id of ids) await get(id, ofProject(id));
    read = [];
    for (const id of ids.toReversed()) {
      await get(id, ofProject(id));
      if (read.length > 0) break;
    }
    const kept = ids.length - 1 - ids.indexOf(read[0] ?? '');
    expect(kept).to.be.within(10, 40);
  });

  /** A token with a catalog that only tokens of its project have: about 26 KB. */
  const large = (id: string, project: number): Promise<TokenModel> => {
    const endpoints = Array.from({ length: 100 }, (_, number) => ({
      id: `e${number}`,
      interface: 'public',
      region: null,
      region_id: null,
      url: `http://host/${number}/${project}`,
    }));
    return get(id, {
      project: { id: `p${project}`, name: 'p', domain: null },
      catalog: [{ id: 's', type: 'compute', name: 'nova', endpoints }],
    });
  };

  it('let go of all that they say when they are not kept any more', async () => {
    const known = await large('first', 0);
    const { body } = known;
    expect(known.body).to.equal(body);
    for (let project = 1; project < 100; project += 1)
      expect(await large(`t${project}`, project)).to.have.property('body');
    expect(known.body).not.to.equal(body);
    expect(known.body).to.deep.equal(body);
  });

  it('remember what others may share within as much memory', async () => {
    const catalogOf = async (id: string, project: number): Promise<unknown> =>
      (await large(id, project)).body.catalog;
    const catalog = await catalogOf('first', 0);
    expect(await catalogOf('like the first', 0)).to.equal(catalog);
    for (let project = 1; project < 100; project += 1) await catalogOf(`t${project}`, project);
    expect(await catalogOf('first again', 0)).not.to.equal(catalog);
    expect(await catalogOf('last again', 99)).to.equal(await catalogOf('t99', 99));
  });

  it('keep answers within their part of it, and can always give them again', async () => {
    const answers = new Map<string, string>();
    // Some 2,000 answers of 0.5 KB: more than a quarter of a megabyte.
    const ids = Array.from({ length: 1000 }, (_, number) => `t${number}`);
    for (const id of ids) {
      const known = await get(id);
      answers.set(id, String(presentToken(known, true)));
      presentToken(known, false);
    }
    read = [];
    let madeAgain = 0;
    for (const id of ids.toReversed()) {
      const before = answers.get(id);
      const known = await get(id);
      if (known instanceof KnownToken && known.answer('v3') === undefined) madeAgain += 1;
      expect(String(presentToken(known, true))).to.equal(before);
    }
    expect(read).to.deep.equal([]);
    expect(madeAgain).to.be.within(1, 999);
  });
});
