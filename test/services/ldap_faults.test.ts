/** Directories that fail: nothing hangs, nothing leaks, and all is well again when they are. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ServiceUnavailable, UnexpectedError, ValidationError } from '../../src/common/errors.js';
import { HealthChecks } from '../../src/common/health.js';
import { Hints } from '../../src/common/hints.js';
import { byRule, ConnectionLost, LdapDirectory, LdapError } from '../../src/common/ldap/index.js';
import { type Conf, loadConf } from '../../src/conf/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import type { IdentityDriver } from '../../src/subsystems/identity/driver.js';
import { TestCa } from '../support/certificates.js';
import { TestDirectory } from '../support/ldap_server.js';
import { rejection } from '../support/rejection.js';
import { services } from '../support/services/index.js';
import {
  ADMIN,
  type RunningSlapd,
  type SlapdOptions,
  SUFFIX,
  startSlapd,
} from '../support/services/slapd.js';
import { exampleTree, passwordOf } from '../support/services/slapd_trees.js';

type LdapConf = Conf['ldap'];
const DEFAULTS = loadConf({ configFiles: [], env: {} }).conf.ldap;

function confWith(options: Partial<LdapConf> & { url: string }): LdapConf {
  const own = { user: ADMIN.dn, password: ADMIN.password, suffix: SUFFIX, pool_retry_delay: 0.01 };
  return {
    ...DEFAULTS,
    ...own,
    pool_connection_timeout: 1,
    user_tree_dn: `ou=People,${SUFFIX}`,
    user_objectclass: 'inetOrgPerson',
    user_attribute_ignore: ['enabled'],
    ...options,
  };
}

describe('directories that fail', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  function driverWith(options: Partial<LdapConf> & { url: string }): IdentityDriver {
    const driver = createLdapDriver({ ldap: confWith(options) }, 'default');
    ends.push(() => driver.close());
    return driver;
  }

  function directoryWith(options: Partial<LdapConf> & { url: string }, pause?: number): LdapDirectory {
    const directory = new LdapDirectory(confWith(options), pause);
    ends.push(() => directory.close());
    return directory;
  }

  /** A server that does to connections what it is told. */
  async function rawServer(onConnection: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
      // Who does not read does not hear of the end either.
      socket.resume();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    return { url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
  }

  const connectionsOf = (server: Server): Promise<number> =>
    new Promise((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });

  /** Waits, because the other side hears of an end a moment later. */
  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (let wait = 0; wait < 500; wait += 1) {
      if (await condition()) return;
      await sleep(20);
    }
    throw new Error('it did not come to that');
  }

  describe('in ways of their own', () => {
    it('accept and never answer: 503 in time, for searches, sign-ins and writes, and no connection stays', async () => {
      const { url, server } = await rawServer(() => undefined);
      for (const account of [ADMIN.dn, null]) {
        const { users, passwords, groups } = driverWith({ url, user: account });
        const began = Date.now();
        const failures = await Promise.all([
          rejection(users.list(new Hints())),
          rejection(users.get('p000001')),
          rejection(passwords.authenticate('p000001', 'x')),
          rejection(passwords.pretend('x')),
          rejection(groups.listIdsOfUser('p000001')),
          rejection(users.update('p000001', { description: 'x' })),
        ]);
        for (const failure of failures) expect(failure).to.be.instanceOf(ServiceUnavailable);
        // One second is configured; the machine may be slow.
        expect(Date.now() - began).to.be.below(8000);
      }
      await until(async () => (await connectionsOf(server)) === 0);
    });

    it('do not keep those waiting for ever who find all connections busy', async () => {
      const { url, server } = await rawServer(() => undefined);
      const { users } = driverWith({ url, user: null, pool_size: 1, pool_retry_max: 1 });
      const began = Date.now();
      const failures = await Promise.all(Array.from({ length: 5 }, () => rejection(users.get('p000001'))));
      for (const failure of failures) expect(failure).to.be.instanceOf(ServiceUnavailable);
      expect(Date.now() - began).to.be.below(8000);
      await until(async () => (await connectionsOf(server)) === 0);
    });

    it('refuse connections, or have no address', async () => {
      const { url, server } = await rawServer(() => undefined);
      await new Promise((resolve) => server.close(resolve));
      for (const address of [url, 'ldap://no.such.host.invalid']) {
        const { users } = driverWith({ url: address });
        const failure = await rejection(users.get('x'));
        expect(failure).to.be.instanceOf(ServiceUnavailable);
        expect(failure).to.have.property('message').that.does.not.contain('ldap');
        expect(failure).to.have.property('detail').that.contains(address);
      }
    });

    const malformed: [string, Buffer][] = [
      ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
      ['an empty message', Buffer.from([0x30, 0x00])],
      ['a length without end', Buffer.from([0x30, 0x80, 0x02, 0x01])],
      ['a message of 2 GB', Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])],
      ['an answer of an unknown kind', Buffer.from('3007020101ff020000', 'hex')],
      ['an answer that ends too early', Buffer.from('300702010161020a01', 'hex')],
      ['zeros', Buffer.alloc(4096)],
      [
        'the notice that it ends',
        Buffer.from('3011020100780c0a0134040004008a030102030405'.slice(0, 38), 'hex'),
      ],
    ];
    for (const [what, answer] of malformed) {
      it(`send ${what}: 503, and the process lives`, async () => {
        const { url, server } = await rawServer((socket) => {
          socket.on('data', () => socket.write(answer));
        });
        const { users, passwords } = driverWith({ url });
        expect(await rejection(users.get('x'))).to.be.instanceOf(ServiceUnavailable);
        expect(await rejection(passwords.authenticate('x', 'y'))).to.be.instanceOf(ServiceUnavailable);
        await until(async () => (await connectionsOf(server)) === 0);
      });
    }

    it('close at once, or in the middle of an answer', async () => {
      const { url } = await rawServer((socket) => socket.destroy());
      expect(await rejection(driverWith({ url }).users.get('x'))).to.be.instanceOf(ServiceUnavailable);
      const half = await rawServer((socket) => {
        socket.on('data', () => socket.end(Buffer.from('300c020101', 'hex')));
      });
      expect(await rejection(driverWith({ url: half.url }).users.get('x'))).to.be.instanceOf(
        ServiceUnavailable,
      );
    });

    it('say something in plain text with the answer to StartTLS: nothing of it counts', async () => {
      const { url } = await rawServer((socket) => {
        const accepted = Buffer.from('300c02010178070a010004000400', 'hex');
        socket.on('data', () => socket.write(Buffer.concat([accepted, Buffer.from('300c0201', 'hex')])));
      });
      const failure = await rejection(driverWith({ url, use_tls: true }).users.get('x'));
      expect(failure).to.be.instanceOf(ServiceUnavailable);
      expect(failure).to.have.property('detail').that.contains('plain text');
    });
  });

  describe('within the process', () => {
    const server = new TestDirectory(ADMIN);
    let url: string;
    before(async () => {
      url = await server.start();
      server.load(exampleTree(SUFFIX, 50));
    });
    after(() => server.stop());

    it('get no more connections than the pools may have, and keep none when the driver ends', async () => {
      const driver = driverWith({ url, pool_size: 3, auth_pool_size: 2 });
      const names = Array.from({ length: 30 }, (_, number) => `p${String(number).padStart(6, '0')}`);
      let most = 0;
      await Promise.all(
        names.map(async (name) => {
          expect(await driver.users.get(name)).to.have.property('id', name);
          await driver.passwords.authenticate(name, passwordOf(name));
          expect(await rejection(driver.passwords.authenticate(name, 'wrong'))).to.have.property(
            'status',
            401,
          );
          most = Math.max(most, server.sockets.size);
        }),
      );
      expect(most).to.be.within(2, 5);
      await driver.close();
      await until(() => server.sockets.size === 0);
      expect(await rejection(driver.users.get('p000001'))).to.be.instanceOf(ServiceUnavailable);
    });

    it('are turned to when another accepts and never answers: one question waits, the others do not', async () => {
      for (const account of [ADMIN.dn, null]) {
        const hanging = await rawServer(() => undefined);
        const { users } = driverWith({ url: `${hanging.url},${url}`, user: account });
        expect(await users.get('p000001')).to.have.property('id', 'p000001');
        const began = Date.now();
        for (let turn = 0; turn < 10; turn += 1) await users.get('p000001');
        // Ten waits would be ten seconds.
        expect(Date.now() - began).to.be.below(5000);
      }
    });

    it('get a connection for each question without pools, and each ends', async () => {
      const { users, passwords } = driverWith({ url, use_pool: false });
      const before = server.connections;
      await users.get('p000001');
      await passwords.authenticate('p000001', passwordOf('p000001'));
      expect(server.connections - before).to.be.at.least(3);
      await until(() => server.sockets.size === 0);
    });

    it('check every password, though connections are kept', async () => {
      const { passwords } = driverWith({ url });
      await passwords.authenticate('p000002', passwordOf('p000002'));
      server.put(`cn=p000002,ou=People,${SUFFIX}`, {
        objectClass: 'inetOrgPerson',
        cn: 'p000002',
        sn: 'x',
        userPassword: 'new',
      });
      expect(await rejection(passwords.authenticate('p000002', passwordOf('p000002')))).to.have.property(
        'status',
        401,
      );
      await passwords.authenticate('p000002', 'new');
    });

    it('are never asked to bind without a password, or with a NUL', async () => {
      const { passwords } = driverWith({ url });
      const before = server.binds.length;
      await rejection(passwords.authenticate('p000001', ''));
      await rejection(passwords.authenticate('p000001', 'a\0'));
      await rejection(passwords.authenticate('p000001\0', 'a'));
      const asked = server.binds.slice(before).filter((dn) => dn.includes('p000001'));
      expect(asked).to.deep.equal([]);
    });

    it('get the same questions for a user who does not exist', async () => {
      const { passwords, users } = driverWith({ url });
      await users.get('p000001');
      const questions = async (work: Promise<unknown>): Promise<number[]> => {
        const before = [server.searches, server.binds.length];
        await work;
        return [server.searches - (before[0] ?? 0), server.binds.length - (before[1] ?? 0)];
      };
      await rejection(passwords.authenticate('p000001', 'wrong'));
      const wrong = await questions(rejection(passwords.authenticate('p000001', 'wrong')));
      expect(await questions(rejection(passwords.authenticate('nobody', 'wrong')))).to.deep.equal(wrong);
      expect(await questions(passwords.pretend('wrong'))).to.deep.equal(wrong);
    });

    it('do without pages when they know none, and end a search that nobody reads on', async () => {
      server.pages = false;
      const directory = directoryWith({ url, page_size: 7, pool_size: 1 });
      const base = `ou=People,${SUFFIX}`;
      expect(await directory.searchAll({ base, scope: 'one' })).to.have.length(50);
      server.pages = true;
      const paged = directoryWith({ url, page_size: 7, pool_size: 1 });
      expect(await paged.searchAll({ base, scope: 'one' })).to.have.length(50);
      for (let turn = 0; turn < 3; turn += 1) {
        for await (const entry of paged.search({ base, scope: 'one', attributes: ['cn'] })) {
          expect(entry.dn).to.contain('cn=p0');
          break;
        }
      }
      expect(await paged.searchAll({ base, scope: 'one', limit: 9 })).to.have.length(9);
    });

    it('tell of members of groups within groups, as Active Directory does', async () => {
      const place = (name: string): string => `cn=${name},ou=UserGroups,${SUFFIX}`;
      const person = `cn=p000003,ou=People,${SUFFIX}`;
      server.put(place('inner'), {
        objectClass: 'groupOfNames',
        cn: 'inner',
        ou: 'inner',
        member: person,
        memberOf: place('outer'),
      });
      server.put(place('outer'), {
        objectClass: 'groupOfNames',
        cn: 'outer',
        ou: 'outer',
        member: place('inner'),
      });
      server.put(person, { objectClass: 'inetOrgPerson', cn: 'p000003', sn: 'x', memberOf: place('inner') });
      const nested = driverWith({ url, group_ad_nesting: true }).groups;
      expect(await nested.listIdsOfUser('p000003')).to.have.members(['inner', 'outer']);
      expect(await nested.listUserIds('outer')).to.deep.equal(['p000003']);
      await nested.checkUser('p000003', 'outer');
      const flat = driverWith({ url }).groups;
      expect(await flat.listIdsOfUser('p000003')).to.deep.equal(['inner']);
      expect(await flat.listUserIds('outer')).to.deep.equal([]);
      expect(byRule('member', '1.2.3', 'a')).to.have.property('kind', 'rule');
    });

    it('delete trees from below where they cannot at once', async () => {
      for (const atOnce of [true, false]) {
        server.deletesTrees = atOnce;
        const top = `ou=top,${SUFFIX}`;
        for (const dn of [top, `ou=b,${top}`, `ou=c,ou=b,${top}`])
          server.put(dn, { objectClass: 'organizationalUnit' });
        const directory = directoryWith({ url });
        expect(await rejection(directory.delete(top))).to.be.instanceOf(LdapError);
        await directory.deleteTree(top);
        expect(await directory.get(top, ['1.1'])).to.equal(null);
        expect(await directory.get(`ou=c,ou=b,${top}`, ['1.1'])).to.equal(null);
      }
      server.deletesTrees = true;
    });

    it('refuse the account of the service: the log says why, without the password', async () => {
      const { users } = driverWith({ url, password: 'not the secret' });
      const failure = await rejection(users.get('x'));
      expect(failure).to.be.instanceOf(UnexpectedError);
      expect(failure)
        .to.have.property('detail')
        .that.contains('invalidCredentials')
        .and.not.contain('not the secret');
    });

    it('tell how they are', async () => {
      const health = new HealthChecks();
      const gone = 'ldap://127.0.0.1:1';
      const driver = createLdapDriver({ ldap: confWith({ url: `${gone},${url}` }) }, 'd1', health);
      const [check] = health.checks();
      expect(check).to.include({ name: 'directory:d1', required: false });
      await check?.check();
      await driver.passwords.authenticate('p000001', passwordOf('p000001'));
      expect(health.states()).to.deep.equal({
        'directory:d1': {
          servers: { [gone]: 'failed', [url]: 'works' },
          connections: { free: 1, in_use: 0, waiting: 0 },
          sign_in_connections: { free: 1, in_use: 0, waiting: 0 },
          pages: false,
        },
      });
      const lost = createLdapDriver({ ldap: confWith({ url: gone }) }, 'd2', health);
      expect(await rejection(Promise.resolve(health.checks()[1]?.check()))).to.be.instanceOf(ConnectionLost);
      for (const each of [driver, lost]) await each.close();
      expect(health.checks()).to.deep.equal([]);
      expect(health.states()).to.deep.equal({});
    });

    it('send large groups in parts: all members are found', async () => {
      const dn = `cn=large,ou=UserGroups,${SUFFIX}`;
      const person = (number: number): string => `p${String(number).padStart(6, '0')}`;
      const numbers = Array.from({ length: 48 }, (_, number) => number);
      server.put(dn, {
        objectClass: 'groupOfNames',
        cn: 'large',
        ou: 'large',
        member: numbers.map((number) => `cn=${person(number)},ou=People,${SUFFIX}`),
      });
      server.mostValues = 10;
      try {
        const { groups } = driverWith({ url });
        expect(await groups.listUserIds('large')).to.have.members(numbers.map(person));
      } finally {
        server.mostValues = Number.POSITIVE_INFINITY;
      }
    });

    it('end connections that are too old', async () => {
      const { users } = driverWith({ url, pool_connection_lifetime: 1 });
      const before = server.connections;
      await users.get('p000001');
      await users.get('p000001');
      expect(server.connections - before).to.equal(1);
      await sleep(1100);
      await users.get('p000001');
      expect(server.connections - before).to.equal(2);
    });
  });

  describe('on OpenLDAP', () => {
    before(function installed() {
      const missing = services.slapd.missing();
      if (missing === null) return;
      if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(missing);
      this.skip();
    });

    async function slapd(options: SlapdOptions = {}): Promise<RunningSlapd> {
      const folder = await mkdtemp(join(tmpdir(), 'keystone-slapd-'));
      await chmod(folder, 0o755);
      const server = await startSlapd(folder, options);
      ends.push(async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      });
      return server;
    }

    /** Connections that a server has, the one that asks left out. */
    async function openAt(url: string): Promise<number> {
      const directory = new LdapDirectory(confWith({ url, use_pool: false }));
      const entry = await directory.get('cn=Current,cn=Connections,cn=Monitor', ['monitorCounter']);
      await directory.close();
      return Number(entry?.texts('monitorCounter')[0]) - 1;
    }

    it('fail over under load, lose no question, and return', async function failover() {
      this.timeout(60_000);
      const [first, second] = [await slapd({ people: 50 }), await slapd({ people: 50 })];
      const url = `${first.address},${second.address}`;
      const directory = directoryWith({ url, pool_size: 5 }, 100);
      const ask = async (): Promise<void> => {
        const entry = await directory.get(`cn=p000001,ou=People,${SUFFIX}`, ['sn']);
        expect(entry?.texts('sn')).to.deep.equal(['person 000001']);
        expect(await directory.checkBind(`cn=p000002,ou=People,${SUFFIX}`, passwordOf('p000002'))).to.equal(
          true,
        );
      };
      const over = new AbortController();
      let asked = 0;
      const load = Promise.all(
        Array.from({ length: 10 }, async () => {
          while (!over.signal.aborted) {
            await ask();
            asked += 1;
          }
        }),
      );
      await until(() => asked > 20);
      const returns = first.restart(500);
      await sleep(300);
      const then = asked;
      await until(() => asked > then + 20);
      await returns;
      await until(async () => (await openAt(first.address)) > 0);
      over.abort();
      await load;
      // Once more, when nothing is in flight: connections to the second have given way.
      await sleep(200);
      await ask();
      await ask();
      expect(await openAt(first.address)).to.be.within(1, 15);
      await second.stop();
      await ask();
    });

    it('are all gone: 503 for all, and all is well when they return', async function outage() {
      this.timeout(60_000);
      const server = await slapd({ people: 10 });
      const driver = driverWith({ url: server.address, pool_size: 4, auth_pool_size: 4 });
      const outcomes = { good: 0, unavailable: 0, other: 0 };
      const over = new AbortController();
      const load = Promise.all(
        Array.from({ length: 10 }, async (_, worker) => {
          while (!over.signal.aborted) {
            try {
              if (worker % 2 === 0) await driver.users.get('p000001');
              else await driver.passwords.authenticate('p000002', passwordOf('p000002'));
              outcomes.good += 1;
            } catch (error) {
              if (error instanceof ServiceUnavailable) outcomes.unavailable += 1;
              else outcomes.other += 1;
              await sleep(10);
            }
          }
        }),
      );
      await until(() => outcomes.good > 20);
      const returns = server.restart(700);
      await until(() => outcomes.unavailable > 10);
      await returns;
      const before = outcomes.good;
      await until(() => outcomes.good > before + 20);
      over.abort();
      await load;
      expect(outcomes.other).to.equal(0);
      expect(await openAt(server.address)).to.be.within(1, 8);
      // The new connections act for the service again, not for nobody.
      expect(await driver.users.update('p000001', { description: 'written' })).to.include({
        description: 'written',
      });
      await driver.close();
      await until(async () => (await openAt(server.address)) === 0);
    });

    it('refuse what their schema does not allow, and what is only to be read', async () => {
      const server = await slapd();
      const { users } = driverWith({ url: server.address, user_tree_dn: `ou=Users,${SUFFIX}` });
      const user = { id: 'u1', name: 'n', domain_id: 'default', enabled: true };
      expect(await rejection(users.create({ ...user, noSuchThing: 'x' }))).to.be.instanceOf(ValidationError);
      for (let turn = 0; turn < 20; turn += 1) await rejection(users.create({ ...user, noSuchThing: 'x' }));
      await users.create(user);
      expect(await openAt(server.address)).to.equal(1);
      const reading = await slapd({ people: 1, settings: ['readonly on'] });
      const failure = await rejection(
        driverWith({ url: reading.address }).users.update('p000000', { email: 'a@b' }),
      );
      expect(failure).to.have.property('status', 403);
    });

    describe('with TLS', () => {
      const ca = new TestCa('good ca');
      let folder: string;
      let caFile: string;
      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'keystone-ca-'));
        caFile = join(folder, 'ca.pem');
        await writeFile(caFile, ca.certificate);
        await writeFile(join(folder, 'README'), 'not a certificate');
      });
      after(() => rm(folder, { recursive: true, force: true }));

      /** The same server by StartTLS and by ldaps. */
      const ways = (server: RunningSlapd): (Partial<LdapConf> & { url: string })[] => [
        { url: server.address, use_tls: true },
        { url: `ldaps://127.0.0.1:${server.securePort}` },
        { url: `ldaps://localhost:${server.securePort}` },
      ];

      it('work by StartTLS and by ldaps, with a file or a folder of CAs', async () => {
        const server = await slapd({ people: 2, tls: ca.sign('server') });
        for (const way of ways(server)) {
          for (const trust of [{ tls_cacertfile: caFile }, { tls_cacertdir: folder }]) {
            const { users, passwords } = driverWith({ ...way, ...trust });
            expect(await users.get('p000001')).to.have.property('id', 'p000001');
            await passwords.authenticate('p000001', passwordOf('p000001'));
          }
        }
      });

      it('are not trusted when their certificate is over, of another CA or for another name', async () => {
        const wrong = {
          'certificate has expired': ca.sign('server', { from: -3, to: -2 }),
          'unable to verify|self-signed|unable to get': new TestCa('other ca').sign('server'),
          'does not match': ca.sign('server', { names: ['elsewhere.example.org', '127.0.0.2'] }),
        };
        for (const [reason, certificate] of Object.entries(wrong)) {
          const server = await slapd({ people: 2, tls: certificate });
          for (const way of ways(server)) {
            const { users, passwords } = driverWith({ ...way, tls_cacertfile: caFile });
            const failure = await rejection(users.get('p000001'));
            expect(failure).to.be.instanceOf(ServiceUnavailable);
            expect(failure).to.have.property('detail').that.matches(new RegExp(reason));
            expect(await rejection(passwords.authenticate('p000001', 'x'))).to.be.instanceOf(
              ServiceUnavailable,
            );
            for (const tls_req_cert of ['never', 'allow'] as const) {
              const lax = driverWith({ ...way, tls_cacertfile: caFile, tls_req_cert });
              expect(await lax.users.get('p000001')).to.have.property('id', 'p000001');
              await lax.close();
            }
          }
          await until(async () => (await openAt(server.address)) === 0);
        }
      });

      it('take a renewed CA without a restart', async () => {
        const server = await slapd({ people: 2, tls: ca.sign('server') });
        const own = join(folder, 'renewed.crt');
        await writeFile(own, new TestCa('old ca').certificate);
        const { users } = driverWith({ url: server.address, use_tls: true, tls_cacertfile: own });
        expect(await rejection(users.get('p000001'))).to.be.instanceOf(ServiceUnavailable);
        await sleep(20);
        await writeFile(own, ca.certificate);
        expect(await users.get('p000001')).to.have.property('id', 'p000001');
      });

      it('are not spoken to in plain text when they cannot do StartTLS', async () => {
        const server = await slapd({ people: 2 });
        const directory = directoryWith({ url: server.address, use_tls: true, tls_cacertfile: caFile });
        const failure = await rejection(directory.get(SUFFIX, ['1.1']));
        expect(failure).to.be.instanceOf(LdapError);
        expect(failure.message).to.contain('StartTLS');
      });

      it('are looked at step by step', async () => {
        const server = await slapd({ people: 2, tls: ca.sign('server') });
        const steps = async (options: Partial<LdapConf> & { url: string }): Promise<string[]> =>
          (await directoryWith(options).probe()).map(
            ({ step, error }) => `${step} ${error === null ? 'ok' : 'failed'}`,
          );
        const url = server.address;
        const good = { use_tls: true, tls_cacertfile: caFile };
        expect(await steps({ url })).to.deep.equal(['connect ok', 'bind ok']);
        expect(await steps({ url, ...good })).to.deep.equal(['connect ok', 'tls ok', 'bind ok']);
        expect(await steps({ url, use_tls: true })).to.deep.equal(['connect ok', 'tls failed']);
        expect(await steps({ url, ...good, password: 'no' })).to.deep.equal([
          'connect ok',
          'tls ok',
          'bind failed',
        ]);
        expect(
          await steps({
            url: `ldaps://127.0.0.1:${server.securePort},ldap://127.0.0.1:1`,
            tls_cacertfile: caFile,
          }),
        ).to.deep.equal(['connect ok', 'tls ok', 'bind ok', 'connect failed']);
        const lost = (await directoryWith({ url: 'ldap://127.0.0.1:1' }).probe())[0]?.error;
        expect(lost).to.be.instanceOf(ConnectionLost);
      });
    });
  });
});
