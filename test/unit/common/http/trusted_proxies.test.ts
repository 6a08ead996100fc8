import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type TrustedProxies, trustedProxies } from '../../../../src/common/http/trusted_proxies.js';

/** Whether a request over a real connection is trusted. */
async function asked(
  proxies: TrustedProxies,
  where: { host: string } | { socketPath: string },
): Promise<boolean> {
  const server = createServer((incoming, response) => response.end(String(proxies.trusts(incoming))));
  await new Promise<void>((resolve) => {
    if ('host' in where) server.listen(0, where.host, resolve);
    else server.listen(where.socketPath, resolve);
  });
  const address = server.address();
  const to =
    'host' in where && typeof address === 'object' ? { host: '127.0.0.1', port: address?.port } : where;
  try {
    return await new Promise((resolve, reject) => {
      request({ ...to, agent: false }, (incoming) => {
        incoming.on('data', (chunk: Buffer) => resolve(chunk.toString() === 'true'));
      })
        .once('error', reject)
        .end();
    });
  } finally {
    server.close();
  }
}

describe('trusted proxies', () => {
  for (const [list, trusted] of [
    [['127.0.0.1'], true],
    [['10.0.0.0/8', '127.0.0.0/8'], true],
    [['0.0.0.0/0'], true],
    [['127.0.0.2', '::1', '10.0.0.0/8'], false],
    [['unix'], false],
    [[], false],
  ] as const) {
    it(`${JSON.stringify(list)}: 127.0.0.1 is ${trusted ? '' : 'not '}one`, async () => {
      expect(await asked(trustedProxies(list), { host: '127.0.0.1' })).to.equal(trusted);
    });
  }

  it('know an IPv4 peer of a listener for both', async () => {
    expect(await asked(trustedProxies(['127.0.0.1']), { host: '::' })).to.equal(true);
    expect(await asked(trustedProxies(['127.0.0.2']), { host: '::' })).to.equal(false);
  });

  it('know peers of a UNIX socket by the word unix alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'proxies-'));
    try {
      const socketPath = join(folder, 'socket');
      expect(await asked(trustedProxies(['unix']), { socketPath })).to.equal(true);
      expect(await asked(trustedProxies(['0.0.0.0/0', '::/0']), { socketPath })).to.equal(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  for (const entry of [
    '10.0.0.0/33',
    '::1/129',
    'localhost',
    '10.0.0',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '',
    '/8',
  ]) {
    it(`refuse '${entry}'`, () => {
      expect(() => trustedProxies(['127.0.0.1', entry])).to.throw(`trusted_proxies: '${entry}'`);
    });
  }
});
