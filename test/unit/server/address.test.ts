import { expect } from 'chai';
import { AddressError, describeAddress, parseTarget } from '../../../src/server/address.js';

describe('arguments of keystone-serve', () => {
  const tcp = (host: string, port: number): object => ({ kind: 'tcp', host, port });
  const cases: [argument: string, name: string, address: object | null][] = [
    ['main', 'main', null],
    ['main@5000', 'main', tcp('127.0.0.1', 5000)],
    ['main@:5000', 'main', tcp('127.0.0.1', 5000)],
    ['main@0.0.0.0:0', 'main', tcp('0.0.0.0', 0)],
    ['api_v3@keystone.example.org:8080', 'api_v3', tcp('keystone.example.org', 8080)],
    ['admin@[::1]:35357', 'admin', tcp('::1', 35357)],
    ['main@unix:/run/keystone/main.sock', 'main', { kind: 'unix', path: '/run/keystone/main.sock' }],
  ];
  for (const [argument, name, address] of cases) {
    it(`reads ${argument}`, () => {
      expect(parseTarget(argument, '127.0.0.1')).to.deep.equal({ name, address });
    });
  }

  for (const argument of [
    '',
    '@5000',
    'main@',
    'main@host',
    'main@::1:5000',
    'main@h:70000',
    'main@unix:run.sock',
  ]) {
    it(`refuses "${argument}"`, () => {
      expect(() => parseTarget(argument, '127.0.0.1')).to.throw(AddressError, `"${argument}"`);
    });
  }

  it('shows an address as a URL', () => {
    const shown = ['a@[::1]:80', 'a@h:1', 'a@unix:/s'].map((argument) => {
      const { address } = parseTarget(argument, '');
      return address === null ? '' : describeAddress(address);
    });
    expect(shown).to.deep.equal(['http://[::1]:80', 'http://h:1', 'unix:/s']);
  });
});
