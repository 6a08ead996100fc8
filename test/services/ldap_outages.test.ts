/** OpenLDAP servers that go, come back, refuse, or show the wrong certificate: nothing hangs, nothing leaks. */
import { chmod, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ServiceUnavailable, ValidationError } from '../../src/common/errors.js';
import { ConnectionLost, type LdapDirectory, LdapError } from '../../src/common/ldap/index.js';
import { TestCa } from '../support/certificates.js';
import { rejection } from '../support/rejection.js';
import { services } from '../support/services/index.js';
import { type RunningSlapd, type SlapdOptions, SUFFIX, startSlapd } from '../support/services/slapd.js';
import { passwordOf } from '../support/services/slapd_trees.js';
import { directories, type SomeLdapConf, until } from './ldap_support.js';

describe('OpenLDAP servers that fail', function limited() {
  this.timeout(300_000);
  const { ends, driverWith, directoryWith } = directories();

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
    // The connection that found it ready counts until the server has seen its end.
    await until(async () => (await openAt(server.address)) === 0);
    return server;
  }

  /** What asks for figures, by server: with one connection that is kept, and not counted. */
  const monitors = new Map<string, LdapDirectory>();
  /** Connections that a server has, ours left out. One that has ended counts until the server has seen it. */
  async function openAt(url: string): Promise<number> {
    let monitor = monitors.get(url);
    if (monitor === undefined) {
      monitor = directoryWith({ url, pool_size: 1 });
      monitors.set(url, monitor);
      ends.push(() => Promise.resolve(monitors.delete(url)));
    }
    const entry = await monitor.get('cn=Current,cn=Connections,cn=Monitor', ['monitorCounter']);
    return Number(entry?.texts('monitorCounter')[0]) - 1;
  }

  it('fail over under load, lose no question, and return', async () => {
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
    try {
      await until(() => asked > 20);
      await first.restart(async () => {
        const then = asked;
        await until(() => asked > then + 20);
      });
      await until(() => {
        const { [first.address]: state } = directory.state()['servers'] as Record<string, string>;
        return state === 'works';
      });
    } finally {
      over.abort();
      await load;
    }
    // Once more, when nothing is in flight: connections to the second have given way.
    await ask();
    expect(await openAt(first.address)).to.be.at.least(1);
    await until(async () => (await openAt(first.address)) <= 15);
    await second.stop();
    await ask();
  });

  it('are all gone: 503 for all, and all is well when they return', async () => {
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
    try {
      await until(() => outcomes.good > 20);
      await server.restart(() => until(() => outcomes.unavailable > 10));
      const before = outcomes.good;
      await until(() => outcomes.good > before + 20);
    } finally {
      over.abort();
      await load;
    }
    expect(outcomes.other).to.equal(0);
    expect(await openAt(server.address)).to.be.at.least(1);
    await until(async () => (await openAt(server.address)) <= 8);
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
    const ways = (server: RunningSlapd): SomeLdapConf[] => [
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
      // However coarse the clock of the file system is, the next one is newer.
      await utimes(own, 1, 1);
      const { users } = driverWith({ url: server.address, use_tls: true, tls_cacertfile: own });
      expect(await rejection(users.get('p000001'))).to.be.instanceOf(ServiceUnavailable);
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
      const steps = async (options: SomeLdapConf): Promise<string[]> =>
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
