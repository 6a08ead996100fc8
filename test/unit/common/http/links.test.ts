import { expect } from 'chai';
import { ValidationError } from '../../../../src/common/errors.js';
import { substituteEndpoint } from '../../../../src/common/http/base_url.js';
import { requireMatchingId } from '../../../../src/common/http/checks.js';
import {
  coreParam,
  coreRel,
  extensionParam,
  extensionRel,
  jsonHome,
} from '../../../../src/common/http/json_home.js';
import { Links, withSelf, wrapCollection, wrapMember } from '../../../../src/common/http/links.js';
import { isoTime, isoTimeWithMicroseconds, wholeSecond } from '../../../../src/common/time.js';
import { isUrlSafe } from '../../../../src/common/url_safe.js';

const BASE = 'http://docs.openstack.org/api/openstack-identity/3';

describe('links', () => {
  const links = new Links('https://cloud.example/identity', '/users', 'name=x%20y&limit=1');

  it('are absolute, under whatever is in front', () => {
    expect(links.v3('/users/u')).to.equal('https://cloud.example/identity/v3/users/u');
    expect(links.self).to.equal('https://cloud.example/identity/v3/users?name=x%20y&limit=1');
    expect(new Links('http://h:5000', '/users', '').self).to.equal('http://h:5000/v3/users');
  });

  it('lead to an entity, and keep what other links it has', () => {
    const entity = { id: 'u', name: 'n', links: { roles: 'r', self: 'wrong' } };
    expect(wrapMember(links, 'user', '/users', entity)).to.deep.equal({
      user: { id: 'u', name: 'n', links: { roles: 'r', self: 'https://cloud.example/identity/v3/users/u' } },
    });
    expect(entity.links.self).to.equal('wrong');
  });

  it('are not made of what a client stored under their name', () => {
    for (const stored of ['text', 7, null, ['list'], undefined]) {
      const { links: made } = withSelf(links, '/users', { id: 'u', links: stored });
      expect(made).to.deep.equal({ self: 'https://cloud.example/identity/v3/users/u' });
    }
  });

  it('of a collection lead to no other page; a cut list says so', () => {
    const self = links.self;
    expect(wrapCollection(links, 'users', '/users', [{ id: 'u' }], false)).to.deep.equal({
      users: [{ id: 'u', links: { self: 'https://cloud.example/identity/v3/users/u' } }],
      links: { next: null, previous: null, self },
    });
    expect(wrapCollection(links, 'users', '/users', [], true)).to.deep.equal({
      users: [],
      links: { next: null, previous: null, self },
      truncated: true,
    });
  });
});

describe('endpoint options', () => {
  it('are filled in from other options, or refused', () => {
    const options = { public_port: 5000, host: 'h', empty: null };
    const filled = (template: string | null): string | null =>
      substituteEndpoint('public_endpoint', template, options);
    expect(filled('http://%(host)s:%(public_port)d/')).to.equal('http://h:5000/');
    expect(filled(null)).to.equal(null);
    for (const name of ['missing', 'empty']) {
      expect(() => filled(`http://%(${name})s/`)).to.throw(`there is no option ${name} to substitute`);
    }
  });
});

describe('the JSON home of a route table', () => {
  it('names resources by their relations, once each, with what their variables mean', () => {
    const rel = coreRel('user');
    const resources = jsonHome(
      [
        { path: '/users/{user_id}', rel },
        { path: '/users/{user_id}' },
        { path: '/users', rel: coreRel('users', { status: 'deprecated' }) },
        {
          path: '/OS-X/{a_id}/{b_id}',
          rel: extensionRel('OS-X', 'thing', {
            params: { a_id: extensionParam('OS-X', 'a'), b_id: coreParam('b') },
            status: 'experimental',
          }),
        },
        { path: '/real', rel: coreRel('moved', { href: '/published/{id}' }) },
      ],
      '/v3',
    );
    expect(resources).to.deep.equal({
      [`${BASE}/rel/user`]: {
        'href-template': '/v3/users/{user_id}',
        'href-vars': { user_id: `${BASE}/param/user_id` },
      },
      [`${BASE}/rel/users`]: { href: '/v3/users', hints: { status: 'deprecated' } },
      [`${BASE}/ext/OS-X/1.0/rel/thing`]: {
        'href-template': '/v3/OS-X/{a_id}/{b_id}',
        'href-vars': { a_id: `${BASE}/ext/OS-X/1.0/param/a`, b_id: `${BASE}/param/b` },
        hints: { status: 'experimental' },
      },
      [`${BASE}/rel/moved`]: {
        'href-template': '/v3/published/{id}',
        'href-vars': { id: `${BASE}/param/id` },
      },
    });
  });
});

describe('small rules', () => {
  it('a body may repeat the id of its path, and name no other', () => {
    requireMatchingId('a', { id: 'a' });
    requireMatchingId('a', {});
    for (const id of ['b', null, 7, '']) {
      expect(() => requireMatchingId('a', { id }), String(id)).to.throw(ValidationError, 'Cannot change ID');
    }
  });

  it('times are written with and without microseconds, and cut to seconds', () => {
    const instant = Date.UTC(2016, 1, 3, 4, 5, 6, 789);
    expect(isoTime(instant)).to.equal('2016-02-03T04:05:06Z');
    expect(isoTimeWithMicroseconds(instant)).to.equal('2016-02-03T04:05:06.789000Z');
    expect(wholeSecond(instant)).to.equal(instant - 789);
  });

  it('names are safe in URLs without the reserved characters', () => {
    for (const character of ":/?#[]@!$&'()*+,;=")
      expect(isUrlSafe(`a${character}b`), character).to.equal(false);
    for (const name of ['plain', 'with blank', 'ümlaut', 'a-b_c.d~e', '100%', '']) {
      expect(isUrlSafe(name), name).to.equal(true);
    }
  });
});
