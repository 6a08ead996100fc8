import { expect } from 'chai';
import type { CatalogService, TokenModel, V3TokenBody } from '../../../../src/common/token_model.js';
import { presentToken } from '../../../../src/subsystems/token/presenter.js';

const DOMAIN = { id: 'default', name: 'Default' };

function catalogOf(name: string): CatalogService[] {
  const endpoint = { id: 'e1', interface: 'public', region: null, region_id: null, url: 'http://nova/"v2"' };
  return [{ id: 's1', type: 'compute', name, endpoints: [endpoint] }];
}

function token(members: Partial<V3TokenBody>): TokenModel {
  const body: V3TokenBody = {
    is_domain: false,
    methods: ['password'],
    expires_at: '2117-03-01T11:00:00.000000Z',
    ...members,
    user: { id: 'u1', name: 'Zoë "catalog":[] \u2028\ud800', domain: DOMAIN },
    audit_ids: ['audit', 'chain'],
    issued_at: '2017-03-01T10:00:00.000000Z',
  };
  return { id: 'token', body, issuedAt: 0, expiresAt: 0 };
}

describe('a token in words', () => {
  const kinds: Readonly<Record<string, Partial<V3TokenBody>>> = {
    unscoped: {},
    'for a project': { project: { id: 'p1', name: 'project', domain: null }, catalog: catalogOf('nova') },
    'with an empty catalog': { domain: DOMAIN, catalog: [] },
    'with a bind': { bind: { catalog: 'user@REALM' }, catalog: catalogOf('nova') },
  };
  for (const [kind, members] of Object.entries(kinds)) {
    it(`${kind} is what JSON makes of it, each time, with and without the catalog`, () => {
      const model = token(members);
      const { catalog: _catalog, ...rest } = model.body;
      for (let time = 0; time < 2; time += 1) {
        expect(presentToken(model, true)).to.equal(JSON.stringify({ token: model.body }));
        expect(presentToken(model, false)).to.equal(JSON.stringify({ token: rest }));
      }
    });
  }

  it('leaves out what is not there', () => {
    const model = token({});
    const body = Object.assign({}, model.body, { catalog: undefined, domain: undefined });
    expect(presentToken({ ...model, body }, true)).to.equal(JSON.stringify({ token: body }));
  });

  it('says the catalog of this token, after those of many others', () => {
    const models = Array.from({ length: 50 }, (_, number) =>
      token({ catalog: catalogOf(`${number}-${'x'.repeat(50_000)}`) }),
    );
    for (let time = 0; time < 2; time += 1) {
      for (const model of models)
        expect(presentToken(model, true) === JSON.stringify({ token: model.body })).to.equal(true);
    }
  });
});
