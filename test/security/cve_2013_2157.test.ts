/**
 * CVE-2013-2157: a directory takes a bind with a name and no password for one of nobody, and says yes; who asks it
 * whether an empty password is right lets everybody in.
 */
import { connect } from 'node:net';
import { expect } from 'chai';
import { type Cloud, startCloud } from '../api/cloud.js';
import { TestDirectory } from '../support/ldap_server.js';
import { SUFFIX, ADMIN as WRITER } from '../support/services/slapd.js';
import { exampleTree } from '../support/services/slapd_trees.js';

describe('CVE-2013-2157: no password is no password', () => {
  const directory = new TestDirectory(WRITER);
  let cloud: Cloud;
  let userId: string;

  before(async function start() {
    this.timeout(120_000);
    const url = await directory.start();
    directory.load(exampleTree(SUFFIX, 0));
    directory.letsInWithoutPassword = true;
    const writer = [`url = ${url}`, `user = ${WRITER.dn}`, `password = ${WRITER.password}`];
    cloud = await startCloud({
      identity: ['driver = ldap'],
      ldap: [...writer, `suffix = ${SUFFIX}`, 'use_dumb_member = true'],
    });
    const created = await cloud.request('POST', '/v3/users', await cloud.adminToken(), {
      user: { name: 'alice', password: 'secret' },
    });
    expect(created.status, created.text).to.equal(201);
    userId = (created.body['user'] as { id: string }).id;
  });
  after(async () => {
    await cloud?.stop();
    await directory.stop();
  });

  it('the directory would say yes', async () => {
    const { port } = new URL(directory.url);
    // A bind as alice, without a password, byte by byte.
    const name = Buffer.from(`cn=${userId},ou=Users,${SUFFIX}`);
    const bind = Buffer.concat([
      Buffer.from([0x30, name.length + 12, 2, 1, 1, 0x60, name.length + 7, 2, 1, 3, 4, name.length]),
      name,
      Buffer.from([0x80, 0]),
    ]);
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(bind));
      socket.once('error', reject).once('data', (data) => {
        resolve(data);
        socket.destroy();
      });
    });
    expect(answer.toString('hex')).to.contain('0a0100');
  });

  for (const password of ['', '\0', '\0secret']) {
    it(`${JSON.stringify(password)} lets nobody in, through no version of the API`, async () => {
      const before = directory.binds.length;
      expect((await cloud.signIn(userId, password)).status).to.be.oneOf([400, 401]);
      const byName = await cloud.request('POST', '/v3/auth/tokens', null, {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'alice', domain: { id: 'default' }, password } },
          },
        },
      });
      expect(byName.status).to.be.oneOf([400, 401]);
      const v2 = await cloud.request('POST', '/v2.0/tokens', null, {
        auth: { passwordCredentials: { username: 'alice', password } },
      });
      expect(v2.status).to.be.oneOf([400, 401]);
      expect(directory.binds.slice(before).filter((dn) => dn.includes(userId))).to.deep.equal([]);
    });
  }

  it('the right one does', async () => {
    expect((await cloud.signIn(userId, 'secret')).status).to.equal(201);
  });
});
