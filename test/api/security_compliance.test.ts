/** The options of [security_compliance] by their names, over HTTP. What each rule means in detail: test/conformance. */
import { expect } from 'chai';
import { openDatabase } from '../../src/common/sql/index.js';
import { createDeployment, type Deployment } from '../support/deployment.js';
import { type Answer, type Cloud, serve } from './cloud.js';

const DAY = 86_400_000;

describe('[security_compliance]', function rules() {
  this.timeout(120_000);
  let deployment: Deployment;
  let cloud: Cloud;
  let admin: string;
  let count = 0;

  const start = async (...lines: string[]): Promise<void> => {
    deployment = await createDeployment({
      conf: { DEFAULT: ['crypt_strength = 1000'], security_compliance: lines },
    });
    cloud = await serve(deployment);
    admin = await cloud.adminToken();
  };
  afterEach(() => cloud.stop());

  const newUser = async (password: string): Promise<Readonly<Record<string, string>>> => {
    const { body, text } = await cloud.request('POST', '/v3/users', admin, {
      user: { name: `user-${(count += 1)}`, password },
    });
    expect(body, text).to.have.property('user');
    return body['user'] as Record<string, string>;
  };
  /** A user's change of the own password. */
  const change = async (id: string, from: string, to: string): Promise<Answer> =>
    cloud.request('POST', `/v3/users/${id}/password`, await cloud.token(id, from), {
      user: { original_password: from, password: to },
    });

  it('unique_last_password_count: a password does not come again too soon', async () => {
    await start('unique_last_password_count = 2');
    const { id = '' } = await newUser('first');
    expect((await change(id, 'first', 'first')).status).to.equal(400);
    expect((await change(id, 'first', 'second')).status).to.equal(204);
    expect((await change(id, 'second', 'first')).status).to.equal(400);
    expect((await change(id, 'second', 'third')).status).to.equal(204);
    expect((await change(id, 'third', 'first')).status).to.equal(204);
  });

  it('minimum_password_age: a user keeps a password for some days', async () => {
    await start('minimum_password_age = 1');
    const { id = '' } = await newUser('first');
    expect((await change(id, 'first', 'second')).status).to.equal(204);
    expect((await change(id, 'second', 'third')).status).to.equal(400);
  });

  it('password_expires_days: a password ends', async () => {
    await start('password_expires_days = 5');
    const { id = '', password_expires_at: end = '' } = await newUser('first');
    expect(Date.parse(`${end}Z`) - Date.now()).to.be.within(5 * DAY - 60_000, 5 * DAY + 60_000);
    const past = new Date(Date.now() - 1000);
    const database = await openDatabase({ url: `sqlite:///${deployment.path('keystone.db')}` });
    try {
      const expired = { expires_at: past, expires_at_int: past.getTime() * 1000 };
      await database.table('password').update({ self_service: false }, expired);
    } finally {
      await database.close();
    }
    expect((await cloud.signIn(id, 'first')).status).to.equal(401);
  });

  it('disable_user_account_days_inactive: who has not been here for long is disabled', async () => {
    await start('disable_user_account_days_inactive = 30');
    const { id = '' } = await newUser('first');
    expect((await cloud.signIn(id, 'first')).status).to.equal(201);
    const database = await openDatabase({ url: `sqlite:///${deployment.path('keystone.db')}` });
    try {
      const day = new Date(Date.now() - 31 * DAY).toISOString().slice(0, 10);
      await database.table('user').update({ id }, { last_active_at: day });
    } finally {
      await database.close();
    }
    expect((await cloud.signIn(id, 'first')).status).to.equal(401);
    const { body } = await cloud.request('GET', `/v3/users/${id}`, admin);
    expect(body).to.have.nested.property('user.enabled', false);
  });

  it('password_regex: a password is as it has to be', async () => {
    await start('password_regex = ^(?=.*\\d).{7,}$$', 'password_regex_description = seven, with a digit');
    const { id = '' } = await newUser('secret-1');
    const { status, text } = await change(id, 'secret-1', 'short');
    expect(status).to.equal(400);
    expect(text).to.contain('seven, with a digit');
  });
});
