/** Domains whose directories are configured in files. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  DomainNotFound,
  MultipleSQLDriversInConfig,
  UnexpectedError,
} from '../../../../../src/common/errors.js';
import { Hints } from '../../../../../src/common/hints.js';
import { DIRECTORY_PACKAGE, openDrivers } from '../../../../support/directory_driver.js';
import { rejection } from '../../../../support/rejection.js';
import { settled } from '../deployment.js';
import { createSite, people, type Site } from './site.js';

describe('identity/domains: configurations in files', () => {
  let site: Site;
  afterEach(() => site.close());

  const open = async (...identity: string[]): Promise<void> => {
    site = await createSite({ identity: ['domain_specific_drivers_enabled = true', ...identity] });
  };
  const linesFor = (directory: string, ...identity: string[]): string[] => [
    '[identity]',
    `driver = ${DIRECTORY_PACKAGE}`,
    ...identity,
    '[ldap]',
    `url = ${directory}`,
  ];
  const namesIn = async (domainId: string): Promise<string[]> =>
    (await site.providers.identity.listUsers(new Hints(), domainId)).map(({ name }) => name).sort();

  it('are found by the name of the domain, in any folder beneath', async () => {
    await open();
    const [one, two, plain] = [
      await site.domain('one'),
      await site.domain('two.parts'),
      await site.domain('plain'),
    ];
    await site.domainFile('one', linesFor(await site.directory('one', { users: people('ann') })));
    await site.domainFile(
      'two.parts',
      linesFor(await site.directory('two', { users: people('bob') })),
      'deep/er',
    );
    await site.domainFile('unknown', linesFor('/nowhere'));
    expect(await namesIn(one)).to.deep.equal(['ann']);
    expect(await namesIn(two)).to.deep.equal(['bob']);
    expect(await namesIn(plain)).to.deep.equal([]);
  });

  it('stand alone over the defaults', async () => {
    site = await createSite({
      identity: ['domain_specific_drivers_enabled = true', 'list_limit = 1'],
    });
    const one = await site.domain('one');
    await site.domainFile('one', linesFor(await site.directory('one', { users: people('ann', 'bob') })));
    expect(await namesIn(one)).to.have.length(2);
  });

  it('are no reason to fail when there are none', async () => {
    await open();
    await site.providers.identity.reloadDomains();
    expect(await namesIn('default')).to.deep.equal([]);
  });

  it('are read again when they are told to, and replaced drivers end', async () => {
    await open();
    const one = await site.domain('one');
    const [first, second] = [
      await site.directory('first', { users: people('ann') }),
      await site.directory('second', { users: people('bob') }),
    ];
    const file = await site.domainFile('one', linesFor(first));
    expect(await namesIn(one)).to.deep.equal(['ann']);
    await site.domainFile('one', linesFor(second));
    expect(await namesIn(one)).to.deep.equal(['ann']);
    await site.providers.identity.reloadDomains();
    expect(await namesIn(one)).to.deep.equal(['bob']);
    await site.providers.identity.reloadDomains();
    await settled();
    expect(openDrivers.filter((path) => path === first || path === second)).to.deep.equal([second]);

    await site.domainFile('one', ['[ldap]', 'page_size = many']);
    await site.providers.identity.reloadDomains();
    expect(await namesIn(one), 'what was in force stays').to.deep.equal(['bob']);

    await rm(file);
    await site.providers.identity.reloadDomains();
    expect(await namesIn(one)).to.deep.equal([]);
    await settled();
    expect(openDrivers).not.to.include(second);
  });

  it('stay in force when their folder cannot be read at a reload: nobody of before comes back', async () => {
    await open();
    const one = await site.domain('one');
    await site.domainFile('one', linesFor(await site.directory('one', { users: people('ann') })));
    expect(await namesIn(one)).to.deep.equal(['ann']);
    const folder = join(site.folder, 'domains');
    await rename(folder, `${folder}-away`);
    await writeFile(folder, 'no folder');
    await site.providers.identity.reloadDomains();
    expect(await namesIn(one)).to.deep.equal(['ann']);
    await rm(folder);
    await site.providers.identity.reloadDomains();
    expect(await namesIn(one)).to.deep.equal([]);
  });

  it('that are wrong break their own domain alone, and say where they are wrong', async () => {
    await open();
    const [one, two] = [await site.domain('one'), await site.domain('two')];
    const file = await site.domainFile('one', [
      '[identity]',
      `driver = ${DIRECTORY_PACKAGE}`,
      '[ldap]',
      'page_size = many',
    ]);
    await site.domainFile('two', linesFor(await site.directory('two', { users: people('bob') })));
    const error = await rejection(namesIn(one));
    expect(error).to.be.instanceOf(UnexpectedError);
    expect(error).to.have.property('detail').that.contains(`${file}:4`).and.contains('page_size');
    expect(await namesIn(two)).to.deep.equal(['bob']);
  });

  it('are refused when a second one is for SQL, with the names of both', async () => {
    await open(`driver = ${DIRECTORY_PACKAGE}`);
    await Promise.all([site.domain('one'), site.domain('two')]);
    const one = await site.domainFile('one', ['[identity]', 'driver = sql']);
    const two = await site.domainFile('two', ['[ldap]', 'url = ldap://directory']);
    const error = await rejection(site.providers.identity.reloadDomains());
    expect(error).to.be.instanceOf(MultipleSQLDriversInConfig);
    expect(error).to.have.property('detail').that.contains(one).and.contains(two);
    // It is not forgotten that nothing could be read.
    expect(await rejection(namesIn('default'))).to.be.instanceOf(MultipleSQLDriversInConfig);
    await site.domainFile('two', linesFor(await site.directory('two', { users: people('bob') })));
    await site.providers.identity.reloadDomains();
    const domain = await site.providers.resource.getDomainByName('two');
    expect(await namesIn(domain.id)).to.deep.equal(['bob']);
  });

  it('are refused when one is for SQL beside the standard driver', async () => {
    await open();
    await site.domain('one');
    const file = await site.domainFile('one', ['[ldap]', 'url = ldap://directory']);
    const error = await rejection(site.providers.identity.reloadDomains());
    expect(error).to.have.property('detail').that.contains(file).and.contains('main configuration');
  });

  it('may give SQL to one domain when the standard driver is a directory', async () => {
    const path = '/nowhere';
    site = await createSite({
      identity: ['domain_specific_drivers_enabled = true', `driver = ${DIRECTORY_PACKAGE}`],
      ldap: [`url = ${path}`],
    });
    const [one, two] = [await site.domain('one'), await site.domain('two')];
    await site.domainFile('one', ['[identity]', 'driver = sql']);
    const { identity } = site.providers;
    const user = await identity.createUser({ name: 'ann', domain_id: one, password: 'secret' }, null);
    const { password_hash: hash } = (await site.database.table('password').find())[0] ?? {};
    expect(hash, 'as the main configuration asks for').to.match(/^\$6\$rounds=1000\$/);
    const group = await identity.createGroup({ name: 'staff', domain_id: one }, null);
    await identity.addUserToGroup(user.id, group.id, null);
    await identity.authenticate(user.id, 'secret', null);
    expect(await identity.getUser(user.id)).to.deep.equal(user);
    expect(await identity.listGroupIdsForUser(user.id)).to.deep.equal([group.id]);
    expect(await namesIn(one)).to.deep.equal(['ann']);
    // A directory knows one domain; every other one has no backend.
    expect(await rejection(namesIn(two))).to.be.instanceOf(DomainNotFound);
    await site.providers.resource.updateDomain(one, { enabled: false }, null);
    await site.providers.resource.deleteDomain(one, null);
    expect(await site.database.table('user').get(user.id)).to.equal(null);
    expect(await site.database.table('group').get(group.id)).to.equal(null);
    expect(await site.providers.idMapping.count({})).to.equal(0);
  });
});
