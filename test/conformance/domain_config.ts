/** What every domain_config backend promises. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import type { DomainConfigDriver } from '../../src/subsystems/domain_config/driver.js';
import type { ConfigOption } from '../../src/subsystems/domain_config/types.js';

/** @param driverOf gives the backend under test; the suite makes domains of its own and leaves others alone */
export function domainConfigDriverSuite(driverOf: () => DomainConfigDriver): void {
  const option = (name: string, value: ConfigOption['value'], sensitive = false): ConfigOption => ({
    group: 'ldap',
    option: name,
    value,
    sensitive,
  });
  let domain: string;
  beforeEach(() => {
    domain = uuidHex();
  });

  const stored = async (of = domain): Promise<Record<string, unknown>> =>
    Object.fromEntries((await driverOf().listOptions(of)).map((found) => [found.option, found.value]));

  it('keeps values of every kind, and secrets apart', async () => {
    const values = [
      'text',
      '"quoted" %(password)s ü',
      '',
      7,
      0.5,
      true,
      false,
      null,
      ['a', 1],
      { a: { b: 1 } },
    ];
    const options = values.map((value, index) => option(`option_${index}`, value));
    const secret = option('password', 'secret', true);
    await driverOf().replaceOptions(domain, [...options, secret]);
    expect(await driverOf().listOptions(domain)).to.have.deep.members([...options, secret]);
  });

  it('replaces everything, or merges', async () => {
    await driverOf().replaceOptions(domain, [option('a', 1), option('password', 'x', true)]);
    await driverOf().mergeOptions(domain, [option('a', 2), option('b', 3)]);
    expect(await stored()).to.deep.equal({ a: 2, b: 3, password: 'x' });
    await driverOf().replaceOptions(domain, [option('c', 4)]);
    expect(await stored()).to.deep.equal({ c: 4 });
  });

  it('deletes one option, a group, or everything of one domain', async () => {
    const other = uuidHex();
    const identity = { group: 'identity', option: 'driver', value: 'sql', sensitive: false };
    for (const of of [domain, other]) {
      await driverOf().replaceOptions(of, [option('a', 1), option('b', 2), option('p', 3, true), identity]);
    }
    await driverOf().deleteOptions(domain, 'ldap', 'a');
    expect(await stored()).to.have.all.keys('b', 'p', 'driver');
    await driverOf().deleteOptions(domain, 'ldap');
    expect(await stored()).to.have.all.keys('driver');
    await driverOf().deleteOptions(domain);
    await driverOf().deleteOptions(domain);
    expect(await stored()).to.deep.equal({});
    expect(await stored(other)).to.have.all.keys('a', 'b', 'p', 'driver');
  });

  it('knows which domains have a configuration, be it a secret alone', async () => {
    const other = uuidHex();
    await driverOf().replaceOptions(domain, [option('a', 1)]);
    await driverOf().replaceOptions(other, [option('password', 'x', true)]);
    const ids = await driverOf().domainIds();
    expect(ids).to.include.members([domain, other]);
    expect(new Set(ids).size).to.equal(ids.length);
    await driverOf().deleteOptions(domain);
    expect(await driverOf().domainIds()).not.to.include(domain);
  });

  it('gives a type to one domain at a time', async () => {
    const [other, type] = [uuidHex(), uuidHex().slice(0, 16)];
    expect(await driverOf().readRegistration(type)).to.equal(null);
    expect(await driverOf().obtainRegistration(domain, type)).to.equal(true);
    expect(await driverOf().obtainRegistration(domain, type)).to.equal(true);
    expect(await driverOf().obtainRegistration(other, type)).to.equal(false);
    expect(await driverOf().readRegistration(type)).to.equal(domain);
    await driverOf().releaseRegistration(other, type);
    expect(await driverOf().readRegistration(type)).to.equal(domain);
    await driverOf().releaseRegistration(domain);
    expect(await driverOf().obtainRegistration(other, type)).to.equal(true);
    await driverOf().releaseRegistration(other, type);
    expect(await driverOf().readRegistration(type)).to.equal(null);
  });

  it('gives a type to one of many that ask at once', async () => {
    const type = uuidHex().slice(0, 16);
    const domains = Array.from({ length: 6 }, () => uuidHex());
    const answers = await Promise.all(domains.map((id) => driverOf().obtainRegistration(id, type)));
    expect(answers.filter(Boolean)).to.have.length(1);
    expect(await driverOf().readRegistration(type)).to.equal(domains[answers.indexOf(true)]);
  });
}
