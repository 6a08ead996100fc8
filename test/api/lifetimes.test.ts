/** Lifetimes as long as they may be: what they are of can be made, used, shown and ended. */
import { expect } from 'chai';
import { createDeployment } from '../support/deployment.js';
import { serve } from './cloud.js';

/** The longest that is not refused: what is issued in this century ends before the year 10000. */
const SECONDS = 249_299_855_999;
const DAYS = Math.floor(SECONDS / 86_400);
const FOREVER = Number.MAX_SAFE_INTEGER;

describe('the longest lifetimes', function limited() {
  this.timeout(120_000);
  for (const provider of ['fernet', 'uuid']) {
    it(`are those of ${provider} tokens and passwords that can be used and ended`, async () => {
      const cloud = await serve(
        await createDeployment({
          conf: {
            DEFAULT: ['crypt_strength = 1000'],
            token: [`provider = ${provider}`, `expiration = ${SECONDS}`],
            revoke: [`expiration_buffer = ${FOREVER}`],
            security_compliance: [
              `password_expires_days = ${DAYS}`,
              `disable_user_account_days_inactive = ${FOREVER}`,
              'lockout_failure_attempts = 3',
              `lockout_duration = ${FOREVER}`,
            ],
          },
        }),
      );
      try {
        const admin = await cloud.adminToken();
        const user = { name: 'lasting', password: 's3cret-lasting' };
        const made = await cloud.request('POST', '/v3/users', admin, { user });
        expect(made.status).to.equal(201);
        expect(made.body)
          .to.have.nested.property('user.password_expires_at')
          .that.matches(/^99\d\d-/);
        const { id } = made.body['user'] as { id: string };
        expect((await cloud.signIn(id, 'wrong')).status).to.equal(401);
        const token = await cloud.token(id, user.password);
        const subject = (method: string): ReturnType<typeof cloud.request> =>
          cloud.request(method, '/v3/auth/tokens', admin, undefined, { 'X-Subject-Token': token });
        const shown = await subject('GET');
        expect(shown.status).to.equal(200);
        expect(shown.body)
          .to.have.nested.property('token.expires_at')
          .that.matches(/^99\d\d-/);
        expect((await subject('DELETE')).status).to.equal(204);
        expect((await subject('GET')).status).to.equal(404);
      } finally {
        await cloud.stop();
      }
    });
  }
});
