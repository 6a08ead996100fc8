import { expect } from 'chai';
import {
  fillEndpointUrl,
  isValidEndpointUrl,
  parseEndpointUrl,
} from '../../../../src/subsystems/catalog/endpoint_url.js';

function fill(url: string, values: Parameters<typeof fillEndpointUrl>[1]): unknown {
  const parsed = parseEndpointUrl(url);
  return parsed === null ? null : fillEndpointUrl(parsed, values);
}

describe('catalog/endpoint_url', () => {
  it('fills in both notations', () => {
    const values = { tenant_id: 't', project_id: 'p', user_id: 'u', public_port: 5000 };
    expect(
      fill('http://h:$(public_port)s/v1/$(tenant_id)s/%(project_id)s?u=%(user_id)s', values),
    ).to.deep.equal({
      url: 'http://h:5000/v1/t/p?u=u',
    });
    expect(fill('http://h:%(public_port)d/', values)).to.deep.equal({ url: 'http://h:5000/' });
  });

  it('leaves other dollars alone, and makes one percent sign of two', () => {
    expect(fill('http://h/$x/a%%20b/$', {})).to.deep.equal({ url: 'http://h/$x/a%20b/$' });
    expect(fill('', {})).to.deep.equal({ url: '' });
  });

  it('never fills in what is not on the list', () => {
    for (const key of ['admin_token', 'connection', 'password', '__proto__', 'constructor']) {
      expect(fill(`http://h/$(${key})s`, { [key]: 'secret' })).to.equal(null);
      expect(isValidEndpointUrl(`http://h/%(${key})s`)).to.equal(false);
    }
  });

  it('fills in values as they are: a value is no template', () => {
    expect(fill('http://h/$(user_id)s', { user_id: '$(admin_token)s' })).to.deep.equal({
      url: 'http://h/$(admin_token)s',
    });
  });

  it('tells which substitution has no fitting value', () => {
    expect(fill('http://h/$(tenant_id)s', { tenant_id: null })).to.deep.equal({ missing: 'tenant_id' });
    expect(fill('http://h/$(compute_host)s', {})).to.deep.equal({ missing: 'compute_host' });
    expect(fill('http://h/$(user_id)d', { user_id: 'u' })).to.deep.equal({ missing: 'user_id' });
  });

  it('refuses incomplete substitutions and lone percent signs', () => {
    for (const url of [
      'http://h/$(tenant_id)',
      'http://h/%(tenant_id)',
      'http://h/$(tenant_id)x',
      'http://h/$(tenant_id',
      'http://h/$()s',
      'http://h/$(tenant id)s',
      'http://h/%s',
      'http://h/%20',
      'http://h/%',
      'http://h/%%%',
    ]) {
      expect(parseEndpointUrl(url), url).to.equal(null);
      expect(isValidEndpointUrl(url), url).to.equal(false);
    }
  });

  it('takes new URLs with the whole list, as texts only', () => {
    for (const key of [
      'tenant_id',
      'project_id',
      'user_id',
      'public_bind_host',
      'admin_bind_host',
      'compute_host',
      'admin_port',
      'public_port',
      'public_endpoint',
      'admin_endpoint',
    ]) {
      expect(isValidEndpointUrl(`http://h/$(${key})s`), key).to.equal(true);
      expect(isValidEndpointUrl(`http://h/$(${key})d`), key).to.equal(false);
    }
  });
});
