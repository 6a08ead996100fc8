import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { AddressError, parseTarget } from '../../../src/server/address.js';
import { checkStart } from '../../../src/server/check.js';
import { describeError } from '../../../src/server/output.js';
import { createDeployment, type Deployment } from '../../support/deployment.js';

const TARGETS = [parseTarget('main@127.0.0.1:5000', '127.0.0.1')];

describe('checkStart', function checking() {
  this.timeout(120_000);
  let deployment: Deployment;
  const failure = (): Promise<string> =>
    checkStart(deployment.load(), TARGETS).then(() => 'none', describeError);
  beforeEach(async () => {
    deployment = await createDeployment();
  });
  afterEach(() => deployment.remove());

  it('is content with what would start, also while it is served', async () => {
    expect(await failure()).to.equal('none');
    await Promise.all([failure(), failure()]).then((both) => expect(both).to.deep.equal(['none', 'none']));
  });

  it('names a paste file that would be refused', async () => {
    await writeFile(deployment.path('keystone-paste.ini'), '[pipeline:main]\npipeline = nothing\n');
    expect(await failure()).to.match(/keystone-paste\.ini:2: .*nothing/);
  });

  it('names a policy that cannot be read', async () => {
    await writeFile(deployment.path('policy.json'), '{"identity:list_users": ');
    expect(await failure()).to.include('policy.json');
  });

  it('names keys that are not there, which a start would not look for', async () => {
    await rm(deployment.path('fernet-keys'), { recursive: true });
    expect(await failure()).to.include('fernet-keys');
  });

  it('names a log that could not be written, and makes no file of one that could', async () => {
    const logged = (lines: string): Promise<void> => appendFile(deployment.conf, `[DEFAULT]\n${lines}\n`);
    await logged(`log_file = ${deployment.path('new.log')}`);
    expect(await failure()).to.equal('none');
    expect(await readdir(deployment.folder)).to.not.include('new.log');
    await logged(`log_file = ${deployment.path('absent/new.log')}`);
    expect(await failure()).to.match(/absent\/new\.log cannot be opened: its folder does not exist/);
    await logged(`log_file = ${deployment.folder}`);
    expect(await failure()).to.contain('it is a folder');
    await writeFile(deployment.path('logging.conf'), '[loggers]\nkeys = root\n[handlers]\nkeys = none\n');
    await logged(`log_config_append = ${deployment.path('logging.conf')}`);
    expect(await failure()).to.match(/logging\.conf.*\[DEFAULT\] log_config_append/);
  });

  it('names a database without tables', async () => {
    const text = await readFile(deployment.conf, 'utf8');
    await writeFile(deployment.conf, text.replace('keystone.db', 'other.db'));
    expect(await failure()).to.include('db_sync');
  });

  it('leaves wrong options to whoever loads them', async () => {
    await appendFile(deployment.conf, '[token]\nexpiration = soon\n');
    expect(() => deployment.load()).to.throw(/expiration/);
  });
});

describe('an inherited socket as an address', () => {
  it('is named by its number', () => {
    expect(parseTarget('main@fd:3', 'localhost')).to.deep.equal({
      name: 'main',
      address: { kind: 'fd', fd: 3 },
    });
    for (const wrong of ['main@fd:', 'main@fd:x', 'main@fd:-1'])
      expect(() => parseTarget(wrong, 'localhost'), wrong).to.throw(AddressError);
  });
});
