import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { configureLogging, shutdownLogging } from '../../../src/common/log/index.js';
import { type Bench, createBench, serveFilters } from './support.js';

/** No prefix that the log would mask by itself. */
const TOKEN = '0123456789abcdef0123456789abcdef';

describe('what filters log', () => {
  let bench: Bench;
  let file: string;

  async function start(conf: string, debug: boolean): Promise<void> {
    bench = await createBench(conf);
    file = join(bench.folder, 'keystone.log');
    configureLogging({ ...bench.services.conf.DEFAULT, debug, log_file: file, use_stderr: false });
  }
  const logged = (): Promise<string> => readFile(file, 'utf8');

  afterEach(async () => {
    shutdownLogging();
    await bench.close();
  });

  it('never holds a token, whatever becomes of it', async () => {
    await start('[DEFAULT]\nadmin_token = 00000000000000000000000000000000\n', true);
    const site = await serveFilters(
      bench,
      ['debug', 'request_id', 'admin_token_auth', 'build_auth_context', 'token_auth', 'json_body'],
      (ctx) => {
        ctx.set('X-Subject-Token', TOKEN);
        ctx.body = `{"password": "${TOKEN}"}`;
      },
    );
    for (const token of [TOKEN, '00000000000000000000000000000000']) {
      await site.ask({
        method: 'POST',
        headers: {
          'X-Auth-Token': token,
          'X-Service-Token': token,
          'X-Subject-Token': token,
          Cookie: `a=${token}`,
        },
        body: `{"auth": "${token}"}`,
      });
    }
    const text = await logged();
    expect(text).to.contain('REQUEST POST /').and.contain('x-auth-token: ***');
    expect(text).to.match(/RESPONSE 200, 48 bytes/);
    expect(text).to.contain('Invalid token (TokenNotFound)');
    expect(text).to.not.contain(TOKEN);
    expect(text).to.not.contain('00000000000000000000000000000000');
  });

  it('warns of admin_token_auth when the pipeline is loaded', async () => {
    await start('', false);
    await serveFilters(bench, ['admin_token_auth'], () => undefined);
    expect(await logged()).to.match(/WARNING keystone\.middleware\.admin_token_auth .*security risk/);
  });

  it('warns once of an admin token that no filter takes', async () => {
    await start('[DEFAULT]\nadmin_token = ADMIN\n', false);
    const site = await serveFilters(bench, ['build_auth_context'], (ctx) => {
      ctx.body = 'x';
    });
    for (let n = 0; n < 3; n += 1) await site.ask({ headers: { 'X-Auth-Token': 'ADMIN' } });
    expect((await logged()).match(/admin_token was sent and refused/g)).to.have.length(1);
  });

  it('says nothing of debug where debug is off', async () => {
    await start('', false);
    const site = await serveFilters(bench, ['debug'], (ctx) => {
      ctx.body = 'x';
    });
    await site.ask();
    expect(await logged()).to.not.contain('REQUEST');
  });

  it('names an origin that is allowed twice', async () => {
    await start(
      '[cors]\nallowed_origin = https://a.example\n[cors.b]\nallowed_origin = https://a.example\n',
      false,
    );
    await serveFilters(bench, ['cors'], () => undefined);
    expect(await logged()).to.match(/https:\/\/a\.example is named twice/);
  });

  it("names the settings of an application's section, which it ignores", async () => {
    await start('', false);
    await bench.load('[app:main]\nuse = egg:keystone#public_version_service\nadmin_token = x\n');
    expect(await logged()).to.match(/ignored: admin_token\n/);
  });
});
