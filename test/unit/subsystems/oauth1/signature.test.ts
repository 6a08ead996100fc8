import { expect } from 'chai';
import {
  escape,
  parseAuthorizationHeader,
  parseForm,
  unescape,
} from '../../../../src/subsystems/oauth1/encoding.js';
import { OAuth1RequestError } from '../../../../src/subsystems/oauth1/errors.js';
import {
  baseString,
  baseStringUri,
  computeSignature,
  signingKey,
} from '../../../../src/subsystems/oauth1/signature.js';

describe('OAuth 1.0a signatures', () => {
  it('agree with the example of RFC 5849, section 1.2', () => {
    const parameters = [
      ['file', 'vacation.jpg'],
      ['size', 'original'],
      ['oauth_consumer_key', 'dpf43f3p2l4k3l03'],
      ['oauth_token', 'nnch734d00sl2jdk'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131202'],
      ['oauth_nonce', 'chapoH'],
    ] as const;
    const text = baseString('GET', 'http://photos.example.net/photos', parameters);
    const key = signingKey('kd94hf93k423kf44', 'pfkkdhi9sl3r4s00');
    expect(computeSignature('HMAC-SHA1', text, key)).to.equal('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
  });

  it('agree with the base string of RFC 5849, section 3.4.1.1', () => {
    const parameters = [
      ...parseForm('b5=%3D%253D&a3=a&c%40=&a2=r%20b'),
      ...parseForm('c2&a3=2+q'),
      ['oauth_consumer_key', '9djdj82h48djs9d2'],
      ['oauth_token', 'kkk9d7dh3k39sjv7'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', '7d8f3e4a'],
    ] as const;
    expect(baseString('post', 'http://EXAMPLE.COM:80/request?x', parameters)).to.equal(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D' +
        '%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1' +
        '%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    );
  });

  it('know the canonical forms of hosts', () => {
    expect(baseStringUri('https://user:pw@Example.com:443')).to.equal('https://example.com/');
    expect(baseStringUri('http://[2001:DB8:0:0:0:0:0:1]:5000/v3')).to.equal('http://[2001:db8::1]:5000/v3');
    expect(baseStringUri('http://10.0.0.1:80/', 'proxy.example.com:8080')).to.equal(
      'http://proxy.example.com:8080/',
    );
    for (const uri of [
      '',
      '/v3',
      'http://',
      'http://h:0/',
      'http://h:65536/',
      'http://h:x/',
      'http://a:b:c/',
    ]) {
      expect(() => baseStringUri(uri), uri).to.throw(OAuth1RequestError);
    }
  });

  it('escape and unescape as RFC 5849 wants it', () => {
    const text = "AZaz09-._~ +%&=!*'()/é\u{1f511}";
    expect(escape(text)).to.equal('AZaz09-._~%20%2B%25%26%3D%21%2A%27%28%29%2F%C3%A9%F0%9F%94%91');
    expect(unescape(escape(text))).to.equal(text);
    expect(unescape('%zz%4')).to.equal('%zz%4');
    expect(unescape('%ff')).to.equal('\ufffd');
  });

  it('refuse headers and forms that are malformed', () => {
    for (const header of ['OAuth', 'Bearer x="y"', 'OAuth x', 'OAuth x=', 'OAuth a="b",,c="d"']) {
      expect(() => parseAuthorizationHeader(header), header).to.throw(OAuth1RequestError);
    }
    for (const form of ['a=é', 'a=%zz', 'a="'])
      expect(() => parseForm(form), form).to.throw(OAuth1RequestError);
    expect(parseAuthorizationHeader('OAuth a="x, \\"y\\"", a="z"')).to.deep.equal([['a', 'z']]);
  });
});
