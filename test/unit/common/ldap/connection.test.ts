import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { LdapConnection } from '../../../../src/common/ldap/connection.js';
import { ldapServers } from '../../../../src/common/ldap/options.js';
import { Trust } from '../../../../src/common/ldap/tls.js';

/** A server in a thread of its own, which lets everybody in; it counts what it has answered. */
const SERVER = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const success = Buffer.from('300c02010161070a010004000400', 'hex');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(success, () => {
      Atomics.add(workerData, 0, 1);
      Atomics.notify(workerData, 0);
    }));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
const TIMEOUT = 40;

describe('a connection to a directory', () => {
  it('is not given up because this process had no time for the answer', async () => {
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const never = new Int32Array(new SharedArrayBuffer(4));
    /** Nothing happens in this thread meanwhile. */
    const beBusy = (): unknown => Atomics.wait(never, 0, 0, 5 * TIMEOUT);
    const worker = new Worker(SERVER, { eval: true, workerData: answered });
    try {
      const [port] = (await once(worker, 'message')) as [number];
      const [server] = ldapServers(`ldap://127.0.0.1:${port}`);
      if (server === undefined) throw new Error('no server');
      const opening = LdapConnection.open(server, {
        trust: new Trust({ caFile: null, caFolder: null, verify: false, isUsed: false }),
        startTls: false,
        connectTimeout: TIMEOUT,
        answerTimeout: TIMEOUT,
      });
      beBusy();
      const connection = await opening;
      const bound = connection.bind('cn=somebody', 'secret');
      // Its answer is on its way here from then on.
      expect(Atomics.wait(answered, 0, 0, 60_000)).to.be.oneOf(['ok', 'not-equal']);
      beBusy();
      await bound;
      expect(connection.isUsable).to.equal(true);
      connection.close();
    } finally {
      await worker.terminate();
    }
  });
});
