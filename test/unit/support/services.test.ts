import { connect } from 'node:net';
import { expect } from 'chai';
import { createConnection } from 'mariadb';
import { Client } from 'pg';
import { useService } from '../../support/services/index.js';

describe('servers for tests', () => {
  it('offers a MariaDB', async function () {
    const url = new URL(await useService(this, 'mariadb'));
    const connection = await createConnection({
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      password: decodeURIComponent(url.password),
      // By default it gives up after a second.
      connectTimeout: 60_000,
    });
    const [row] = await connection.query('SELECT CURRENT_USER() AS who');
    await connection.end();
    expect(row).to.deep.equal({ who: 'keystone@127.0.0.1' });
  });

  it('offers a PostgreSQL', async function () {
    const url = new URL(await useService(this, 'postgres'));
    const client = new Client({
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      password: decodeURIComponent(url.password),
      database: 'postgres',
    });
    await client.connect();
    const { rows } = await client.query('SELECT current_user AS who');
    await client.end();
    expect(rows).to.deep.equal([{ who: 'keystone' }]);
  });

  it('offers a memcached', async function () {
    const [host, port] = (await useService(this, 'memcached')).split(':');
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), host, () => socket.write('version\r\n'));
      socket.once('error', reject);
      socket.once('data', (data) => {
        socket.end();
        resolve(data.toString());
      });
    });
    expect(answer).to.match(/^VERSION /);
  });
});
