/** Directories that fail: nothing hangs, nothing leaks. Servers within the process, which fail as they are told. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ServiceUnavailable, UnexpectedError } from '../../src/common/errors.js';
import { HealthChecks } from '../../src/common/health.js';
import { Hints } from '../../src/common/hints.js';
import { byRule, ConnectionLost, LdapError } from '../../src/common/ldap/index.js';
import { createLdapDriver } from '../../src/subsystems/identity/backends/ldap.js';
import { TestDirectory } from '../support/ldap_server.js';
import { rejection } from '../support/rejection.js';
import { freePort } from '../support/services/processes.js';
import { ADMIN, SUFFIX } from '../support/services/slapd.js';
import { exampleTree, passwordOf } from '../support/services/slapd_trees.js';
import { confWith, directories, IMPATIENT, until } from './ldap_support.js';

describe('directories that fail', function limited() {
  this.timeout(120_000);
  const { ends, driverWith, directoryWith } = directories();

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

  describe('in ways of their own', () => {
    it('accept and never answer: 503 in time, for searches, sign-ins and writes, and no connection stays', async () => {
      const { url, server } = await rawServer(() => undefined);
      for (const account of [ADMIN.dn, null]) {
        const { users, passwords, groups } = driverWith({ ...IMPATIENT, url, user: account });
        const failures = await Promise.all([
          rejection(users.list(new Hints())),
          rejection(users.get('p000001')),
          rejection(passwords.authenticate('p000001', 'x')),
          rejection(passwords.pretend('x')),
          rejection(groups.listIdsOfUser('p000001')),
          rejection(users.update('p000001', { description: 'x' })),
        ]);
        for (const failure of failures) {
          expect(failure).to.be.instanceOf(ServiceUnavailable);
          expect(failure).to.have.property('detail').that.contains('within 1000 ms');
        }
      }
      await until(async () => (await connectionsOf(server)) === 0);
    });

    it('do not keep those waiting for ever who find all connections busy', async () => {
      const { url, server } = await rawServer(() => undefined);
      const { users } = driverWith({ ...IMPATIENT, url, user: null, pool_size: 1, pool_retry_max: 1 });
      const failures = await Promise.all(Array.from({ length: 5 }, () => rejection(users.get('p000001'))));
      for (const failure of failures) expect(failure).to.be.instanceOf(ServiceUnavailable);
      await until(async () => (await connectionsOf(server)) === 0);
    });

    it('refuse connections, or have no address', async () => {
      for (const address of [`ldap://127.0.0.1:${await freePort()}`, 'ldap://no.such.host.invalid']) {
        // Once: a machine without names may take its time to say that there is none.
        const { users } = driverWith({ url: address, pool_retry_max: 1 });
        const failure = await rejection(users.get('x'));
        expect(failure).to.be.instanceOf(ServiceUnavailable);
        expect(failure).to.have.property('message').that.does.not.contain('ldap');
        expect(failure).to.have.property('detail').that.contains(address);
      }
    });

    it('are tried pool_retry_max times, pool_retry_delay apart', async () => {
      const times: number[] = [];
      const { url } = await rawServer((socket) => {
        times.push(performance.now());
        socket.destroy();
      });
      for (const pool_retry_max of [1, 4]) {
        const { users } = driverWith({ url, pool_retry_max, pool_retry_delay: 0.1 });
        expect(await rejection(users.get('x'))).to.be.instanceOf(ServiceUnavailable);
        expect(times).to.have.length(pool_retry_max);
        // A timer may be a millisecond early.
        for (const [place, time] of times.entries()) {
          if (place > 0) expect(time - (times[place - 1] ?? 0)).to.be.at.least(95);
        }
        times.splice(0);
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
      for (const [account, use_pool] of [
        [ADMIN.dn, true],
        [null, false],
      ] as const) {
        let waits = 0;
        const hanging = await rawServer(() => void (waits += 1));
        const { users } = driverWith({
          ...IMPATIENT,
          url: `${hanging.url},${url}`,
          user: account,
          use_pool,
        });
        expect(await users.get('p000001')).to.have.property('id', 'p000001');
        const first = waits;
        expect(first).to.be.at.least(1);
        for (let turn = 0; turn < 10; turn += 1) await users.get('p000001');
        // A look whether it works again may have come in between, for which nobody waits.
        expect(waits - first).to.be.at.most(1);
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
      const [lasting, ending] = [600, 1].map(
        (lifetime) => driverWith({ url, pool_connection_lifetime: lifetime }).users,
      );
      const opened = async (users = lasting): Promise<number> => {
        const before = server.connections;
        await users?.get('p000001');
        return server.connections - before;
      };
      expect([await opened(lasting), await opened(ending)]).to.deep.equal([1, 1]);
      await sleep(1100);
      expect([await opened(lasting), await opened(ending)]).to.deep.equal([0, 1]);
    });

    it('end those of sign-ins by a lifetime of their own', async () => {
      const [lasting, ending] = [600, 1].map(
        (lifetime) => driverWith({ url, auth_pool_connection_lifetime: lifetime }).passwords,
      );
      const opened = async (passwords = lasting): Promise<number> => {
        const before = server.connections;
        await passwords?.authenticate('p000004', passwordOf('p000004'));
        return server.connections - before;
      };
      // One that finds the user, and one that signs in.
      expect([await opened(lasting), await opened(ending)]).to.deep.equal([2, 2]);
      await sleep(1100);
      expect([await opened(lasting), await opened(ending)]).to.deep.equal([0, 1]);
    });
  });
});
