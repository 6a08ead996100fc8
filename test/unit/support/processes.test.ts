/** What tests rely on when they stop servers and give them ports. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { rejection } from '../../support/rejection.js';
import { answersAs, freePort, signalProcess } from '../../support/services/processes.js';

describe('servers of tests', () => {
  it('get ports that are free, and each a different one', async () => {
    const ports = await Promise.all(Array.from({ length: 40 }, freePort));
    expect(new Set(ports).size).to.equal(40);
    const server = createServer().listen(ports[0], '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });

  it('keep their ports, so that nobody who looks for one in another process takes them', async () => {
    const sign = createSocket('udp4');
    sign.bind({ port: await freePort(), address: '127.0.0.1', exclusive: true });
    const [error] = (await once(sign, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('EADDRINUSE');
    sign.close();
  });

  it('are ready only when they answer themselves', async () => {
    const other = createServer((socket) => {
      socket.once('data', () => socket.end('STAT pid 12\r\n'));
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await answersAs(12, port, 'stats\r\n', 'STAT pid ');
    for (const pid of [1, 2, 123]) {
      expect((await rejection(answersAs(pid, port, 'stats\r\n', 'STAT pid '))).message).to.contain(
        `not answered by process ${pid}`,
      );
    }
    other.close();
  });

  it('say nothing more from when they are stopped, all their threads, until they go on', async function stopped() {
    if (process.platform !== 'linux') this.skip();
    this.timeout(120_000);
    const code = `
      const { Worker } = require('node:worker_threads');
      for (let n = 0; n < 3; n += 1) {
        new Worker("for (;;) require('node:fs').writeSync(1, 'x')", { eval: true });
      }`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit'] });
    const pid = child.pid ?? 0;
    /** Bytes that it has written so far, as Linux counts them. */
    const written = (): number =>
      Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
    const untilItWrites = async (): Promise<void> => {
      const before = written();
      while (written() <= before + 10) await sleep(5);
    };
    try {
      await untilItWrites();
      await signalProcess(pid, 'SIGSTOP');
      const before = written();
      await sleep(100);
      expect(written()).to.equal(before);
      await signalProcess(pid, 'SIGCONT');
      await untilItWrites();
    } finally {
      child.kill('SIGKILL');
    }
  });
});
