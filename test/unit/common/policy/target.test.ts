import { expect } from 'chai';
import { buildTarget, Policy, type Target, type TargetSources } from '../../../../src/common/policy/index.js';

const read = (target: Target, name: string): unknown => target.lookup({ name, segments: name.split('.') });

/** What a client could send, as a JSON body. */
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('policy target of a request', () => {
  const sources: TargetSources = {
    path: { user_id: 'path-user' },
    query: { 'scope.project.id': 'p1', user_id: 'query-user', domain_id: 'query-domain' },
    body: json(
      '{"user": {"domain_id": "d1", "tags": ["a"], "extra": {"deep": null}}, "scope": {"project": {"id": "p2"}}}',
    ),
    member: { user: { id: 'u1', domain_id: 'real' }, token: { user: { domain: { id: 'd9' } } } },
  };

  it('reads path, declared filters, objects of the body, and loaded entities', () => {
    const target = buildTarget(sources);
    expect(read(target, 'user_id')).to.equal('path-user');
    expect(read(target, 'domain_id')).to.equal('query-domain');
    expect(read(target, 'scope.project.id')).to.equal('p1');
    expect(read(target, 'user.domain_id')).to.equal('d1');
    expect(read(target, 'user.tags')).to.deep.equal(['a']);
    expect(read(target, 'user.extra.deep')).to.equal(null);
    expect(read(target, 'target.user.domain_id')).to.equal('real');
    expect(read(target, 'target.token.user.domain.id')).to.equal('d9');
  });

  it('takes objects and what is missing for no value', () => {
    const target = buildTarget(sources);
    for (const name of [
      'user',
      'user.extra',
      'user.nope',
      'user.domain_id.x',
      'target',
      'target.user',
      'target.role.id',
      '',
    ]) {
      expect(read(target, name), name).to.equal(undefined);
    }
  });

  it('lists the same values that it answers', () => {
    const target = buildTarget(sources);
    const entries = Object.fromEntries(target.entries());
    expect(entries).to.deep.equal({
      user_id: 'path-user',
      domain_id: 'query-domain',
      'scope.project.id': 'p1',
      'user.domain_id': 'd1',
      'user.tags': ['a'],
      'user.extra.deep': null,
      'target.user.id': 'u1',
      'target.user.domain_id': 'real',
      'target.token.user.domain.id': 'd9',
    });
    for (const [name, value] of Object.entries(entries)) expect(read(target, name)).to.equal(value);
  });

  describe('CVE-2026-42999: what the client sends never stands for the target', () => {
    const member = { user: { id: 'victim', domain_id: 'victims' } };
    const forgeries = [
      '{"target": {"user": {"domain_id": "mine"}}}',
      '{"target.user.domain_id": "mine"}',
      '{"target.user": {"domain_id": "mine"}}',
      '{"target": {"user.domain_id": "mine"}}',
      '{"target": "mine"}',
    ];
    for (const text of forgeries) {
      it(`in a body ${text}`, () => {
        expect(read(buildTarget({ body: json(text), member }), 'target.user.domain_id')).to.equal('victims');
        expect(read(buildTarget({ body: json(text) }), 'target.user.domain_id')).to.equal(undefined);
        const names = [...buildTarget({ body: json(text) }).entries()].map(([name]) => name);
        expect(names).to.deep.equal([]);
      });
    }

    it('in a query or a path variable', () => {
      const query = { 'target.user.domain_id': 'mine', target: 'mine' };
      for (const target of [buildTarget({ query }), buildTarget({ path: query })]) {
        expect(read(target, 'target.user.domain_id')).to.equal(undefined);
        expect([...target.entries()]).to.deep.equal([]);
      }
    });

    it('in an attribute of a stored entity whose name looks like a path', () => {
      const forged = {
        token: { user_id: 'u1', 'user.domain.id': 'mine' },
        'token.user.domain': { id: 'mine' },
      };
      expect(read(buildTarget({ member: forged }), 'target.token.user.domain.id')).to.equal(undefined);
    });

    it('decides the same with and without the forgery', () => {
      const policy = Policy.compile({
        'identity:update_user': 'role:admin and domain_id:%(target.user.domain_id)s',
      });
      const creds = { user_id: 'u1', domain_id: 'mine', roles: ['admin'] };
      for (const text of forgeries) {
        expect(
          policy.allows('identity:update_user', buildTarget({ body: json(text), member }), creds),
        ).to.equal(false);
      }
    });
  });

  it('lets no value at the top of a body stand for a path variable, a filter or the caller', () => {
    const policy = Policy.compile({
      owner: 'user_id:%(user_id)s',
      admin: 'role:admin',
      system: 'system_scope:all',
      token: 'token.project.domain.id:%(target.domain.id)s',
    });
    const body = json(
      '{"user_id": "u1", "roles": ["admin"], "system_scope": "all", "is_admin": 1, "token": {"project": {"domain": {"id": "d"}}}, "target": {"domain": {"id": "d"}}}',
    );
    const creds = { user_id: 'u1', roles: ['member'], token: { project: { domain: { id: 'd' } } } };
    for (const rule of policy.names()) {
      expect(policy.allows(rule, buildTarget({ body }), creds), rule).to.equal(false);
    }
  });

  it('is not confused by `__proto__` and its kin', () => {
    const body = json('{"__proto__": {"user": {"domain_id": "x"}}, "constructor": {"prototype": {"a": 1}}}');
    const target = buildTarget({ body });
    expect(read(target, 'user.domain_id')).to.equal(undefined);
    expect(read(target, 'toString.name')).to.equal(undefined);
    expect(read(target, 'hasOwnProperty')).to.equal(undefined);
    expect(({} as Record<string, unknown>)['a']).to.equal(undefined);
  });
});
