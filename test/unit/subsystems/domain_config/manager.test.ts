/** Configurations of domains as the identity drivers get them. */
import { expect } from 'chai';
import { DomainConfigNotFound, InvalidDomainConfig } from '../../../../src/common/errors.js';
import { substitute } from '../../../../src/subsystems/domain_config/substitution.js';
import { rejection } from '../../../support/rejection.js';
import { type Deployment, deploy } from '../identity/deployment.js';

describe('the domain_config manager', () => {
  let cloud: Deployment;
  before(async () => {
    cloud = await deploy();
  });
  after(() => cloud.close());

  it('fills secrets into the values that refer to them, for drivers alone', async () => {
    const { domainConfig } = cloud.providers;
    const config = { ldap: { url: 'ldap://u:%(password)s@h', password: 'p%ss"w', suffix: 'dc=x' } };
    await domainConfig.createConfig('default', config);
    expect(await domainConfig.getConfigWithSecrets('default')).to.deep.equal({
      ldap: { ...config.ldap, url: 'ldap://u:p%ss"w@h' },
    });
    expect(await domainConfig.getConfig('default')).to.deep.equal({
      ldap: { url: config.ldap.url, suffix: 'dc=x' },
    });
    expect(await domainConfig.configuredDomainIds()).to.deep.equal(['default']);
    await domainConfig.deleteDomain('default');
    expect(await domainConfig.getConfigWithSecrets('default')).to.deep.equal({});
    expect(await rejection(domainConfig.getConfig('default'))).to.be.instanceOf(DomainConfigNotFound);
  });

  it('changes nothing when a part of a change is refused', async () => {
    const { domainConfig } = cloud.providers;
    await domainConfig.createConfig('default', { ldap: { url: 'x' } });
    const wrong = domainConfig.updateConfig('default', { ldap: { url: 'y' }, identity: { unknown: 1 } });
    expect(await rejection(wrong)).to.be.instanceOf(InvalidDomainConfig);
    expect(await domainConfig.getConfig('default')).to.deep.equal({ ldap: { url: 'x' } });
  });

  it('never says the value of a secret in a refusal', async () => {
    const { domainConfig } = cloud.providers;
    for (const config of [{ ldap: { password: 'hush', unknown: 'hush' } }, { password: 'hush' }]) {
      const error = await rejection(domainConfig.createConfig('default', config));
      expect(JSON.stringify([error.message, (error as { detail?: unknown }).detail])).not.to.contain('hush');
    }
  });

  describe('references to secrets', () => {
    const cases: [what: string, value: unknown, filled: unknown][] = [
      ['are filled in', 'a%(password)sb', 'asecretb'],
      ['are filled in as often as they stand there', '%(password)s%(password)s', 'secretsecret'],
      ['are not looked for in what was filled in', '%(loop)s', '%(password)s'],
      ['can be written as text', '100%%', '100%'],
      ['stay when nothing answers them', '%(other)s %(password)s', '%(other)s %(password)s'],
      ['stay when they are malformed', '50% %(password)s', '50% %(password)s'],
      ['stay when they are cut short', '%(password)', '%(password)'],
      ['do not touch what is no text', 7, 7],
      ['do not touch lists', ['%(password)s'], ['%(password)s']],
    ];
    for (const [what, value, filled] of cases) {
      it(what, () => {
        const option = { group: 'ldap', option: 'url', value: value as string, sensitive: false };
        const secret = { group: 'ldap', option: 'password', value: 'secret', sensitive: true };
        const loop = { group: 'ldap', option: 'loop', value: '%(password)s', sensitive: true };
        const [result, ...rest] = substitute('d', [option, secret, loop]);
        expect(result).to.deep.equal({ ...option, value: filled });
        expect(rest).to.deep.equal([secret, loop]);
      });
    }
  });
});
