import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type LoadedConf, loadConf } from '../../../src/conf/index.js';
import { compareConf } from '../../../src/server/conf_reload.js';

describe('a changed keystone.conf', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conf-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function conf(text: string): Promise<LoadedConf> {
    const file = join(folder, 'keystone.conf');
    await writeFile(file, text);
    return loadConf({ configFiles: [file], env: { HOME: folder } });
  }

  it('is sorted into what takes effect at once and what waits for a restart', async () => {
    const before = await conf('[DEFAULT]\nadmin_token = one\n[auth]\nmethods = password\n');
    const after = await conf(
      '[DEFAULT]\nadmin_token = two\ndebug = true\nlog_file = other.log\n[auth]\nmethods = password\n[keystone_koa]\nserver_timing = yes\n',
    );
    expect(compareConf(before, after)).to.deep.equal({
      applied: ['[DEFAULT] debug', '[DEFAULT] log_file', '[keystone_koa] server_timing'],
      waiting: ['[DEFAULT] admin_token'],
    });
    expect(compareConf(before, before)).to.deep.equal({ applied: [], waiting: [] });
  });
});
