/** The options of [ldap] on how groups and passwords are written, on OpenLDAP; and what goes to the log. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Unauthorized } from '../../src/common/errors.js';
import { configureLogging, shutdownLogging } from '../../src/common/log/index.js';
import { loadConf } from '../../src/conf/index.js';
import { rejection } from '../support/rejection.js';
import { logToRun } from '../support/run_log.js';
import { SUFFIX } from '../support/services/slapd.js';
import { exampleSite, newGroup, newUser, userDn } from './ldap_support.js';

describe('options of [ldap] on groups, passwords and the log, on OpenLDAP', () => {
  const { driverWith, stored } = exampleSite();

  describe('groups', () => {
    it('are written where the options say', async () => {
      const { groups } = driverWith({
        use_dumb_member: true,
        group_name_attribute: 'o',
        group_desc_attribute: 'businessCategory',
        group_additional_attribute_mapping: ['ou:unit'],
      });
      const group = newGroup({ description: 'd', unit: 'u' });
      expect(await groups.create(group)).to.deep.equal(group);
      const dn = `cn=${group.id},ou=UserGroups,${SUFFIX}`;
      expect(await stored(dn, 'o', 'businessCategory', 'ou', 'description')).to.deep.equal({
        o: [group.name],
        businessCategory: ['d'],
        ou: ['u'],
        description: [],
      });
      expect(await groups.update(group.id, { description: 'e', unit: null })).not.to.have.property('unit');
      expect(await stored(dn, 'businessCategory', 'ou')).to.deep.equal({ businessCategory: ['e'], ou: [] });
      expect(await groups.getByName(group.name, 'default')).to.include({ id: group.id, description: 'e' });
    });

    it('are named by the attribute that is their id', async () => {
      const { users, groups } = driverWith({
        group_objectclass: 'cloudGroup',
        group_id_attribute: 'ou',
        group_name_attribute: 'cn',
      });
      const user = await users.create(newUser());
      const group = newGroup();
      expect(await groups.create(group)).to.include({ id: group.id, name: group.name });
      expect(await stored(`ou=${group.id},ou=UserGroups,${SUFFIX}`, 'cn')).to.deep.equal({
        cn: [group.name],
      });
      await groups.addUser(user.id, group.id);
      expect(await groups.listIdsOfUser(user.id)).to.deep.equal([group.id]);
      expect(await groups.listUserIds(group.id)).to.deep.equal([user.id]);
    });

    it('keep to themselves what is to be ignored', async () => {
      const { groups } = driverWith({ use_dumb_member: true, group_attribute_ignore: ['description'] });
      const group = newGroup({ description: 'd' });
      expect(await groups.create(group)).to.include({ description: '' });
      expect(await stored(`cn=${group.id},ou=UserGroups,${SUFFIX}`, 'description')).to.deep.equal({
        description: [],
      });
    });
  });

  it('write passwords where user_pass_attribute says; the directory knows those of its own attribute', async () => {
    const password = 'a Secret of the directory';
    const own = driverWith();
    const user = await own.users.create(newUser(), await own.passwords.prepare(password));
    await own.passwords.authenticate(user.id, password);
    const elsewhere = driverWith({ user_pass_attribute: 'employeeType' });
    const other = await elsewhere.users.create(newUser(), await elsewhere.passwords.prepare(password));
    expect(other).not.to.have.any.keys('password', 'employeeType');
    expect(await stored(userDn(other.id), 'employeeType', 'userPassword')).to.deep.equal({
      employeeType: [password],
      userPassword: [],
    });
    expect(await rejection(elsewhere.passwords.authenticate(other.id, password))).to.be.instanceOf(
      Unauthorized,
    );
  });

  it('log what is asked when debug_level is set, also at level INFO, and no password', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keystone-ldap-log-'));
    const { DEFAULT: options } = loadConf({ configFiles: [], env: {} }).conf;
    const logged = async (debug_level: number | null): Promise<string> => {
      const log_file = join(folder, `${debug_level}.log`);
      configureLogging({ ...options, log_file, use_stderr: false });
      const { users, passwords } = driverWith({ debug_level });
      const user = await users.create(newUser(), await passwords.prepare('never-logged-Secret'));
      await passwords.authenticate(user.id, 'never-logged-Secret');
      shutdownLogging();
      return readFile(log_file, 'utf8').catch(() => '');
    };
    try {
      for (const quiet of [null, 0]) expect(await logged(quiet)).not.to.contain('LDAP:');
      const told = await logged(4095);
      expect(told)
        .to.match(/INFO keystone\S* .*LDAP: .*search/i)
        .and.to.contain(`ou=Users,${SUFFIX}`);
      expect(told).not.to.contain('never-logged-Secret');
    } finally {
      logToRun();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
