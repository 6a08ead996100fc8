import { expect } from 'chai';
import { maskSecrets, rememberSecrets } from '../../../../src/common/log/mask.js';
import { cpuTime } from '../../../support/cpu_time.js';

const SECRET = 'Zq3-Vx9!kP~w';
const FERNET = `gAAAAABX${'aB3_-'.repeat(30)}=`;

describe('secrets in log lines', () => {
  afterEach(() => rememberSecrets([]));

  const hidden = [
    `{"auth": {"identity": {"password": {"user": {"name": "admin", "password": "${SECRET}"}}}}}`,
    `{"user": {"original_password": "${SECRET}", "password": "x${SECRET}\\"y"}}`,
    `{'admin_pass': u'${SECRET}'}`,
    `password=${SECRET}`,
    `keystone-manage bootstrap --bootstrap-password ${SECRET} --bootstrap-username admin`,
    `connecting to mysql+pymysql://keystone:${SECRET}@db.example.org/keystone`,
    `X-Auth-Token: ${SECRET}`,
    `{"x-subject-token":"${SECRET}"}`,
    `headers: { 'X-Service-Token': '${SECRET}' }`,
    `Authorization: OAuth oauth_consumer_key="k", oauth_signature="${SECRET}"`,
    `GET /v3/auth?access_token=${SECRET}&x=1`,
    `<auth:password>${SECRET}</auth:password>`,
    `GET /v2.0/tokens/${SECRET}/endpoints`,
    `{"credential": {"blob": "{\\"access\\": \\"a\\", \\"secret\\": \\"${SECRET}\\"}"}}`,
    `admin_token = ${SECRET}`,
  ];
  for (const line of hidden) {
    it(`hides the secret in ${line.replaceAll(SECRET, '<secret>')}`, () => {
      const masked = maskSecrets(line);
      expect(masked).to.not.contain(SECRET);
      expect(masked).to.contain('***');
    });
  }

  for (const [what, text] of [
    ['a Fernet token', FERNET],
    ['a Fernet token in a query', FERNET.replace('=', '%3D')],
    ['a signed JWT', `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(40)}.${'b-'.repeat(30)}`],
    ['a PKI token', `MII${'Ab+/'.repeat(60)}==`],
    ['a compressed PKI token', `PKIZ_${'Ab-_'.repeat(60)}==`],
    ['a sha512_crypt hash', '$6$rounds=10000$abcdefgh$hhhhhhhhhhh/hhh.hhhh'],
    ['a bcrypt hash', '$2b$12$abcdefghijklmnopqrstuvhhhhhhhhhhhhhhhhhhhhhhhhhhhh'],
  ] as const) {
    it(`hides ${what} wherever it stands`, () => {
      expect(maskSecrets(`before ${text} after`)).to.match(/^before \*\*\*(?:%3D)? after$/);
    });
  }

  it('hides what it was told of, plain and percent-encoded', () => {
    rememberSecrets(['p/w d+1', 'p/w d+1 and more']);
    expect(maskSecrets('a p/w d+1 b p%2Fw%20d%2B1 c p/w d+1 and more d')).to.equal('a *** b *** c *** d');
  });

  it('does not take a short word of the configuration for a secret', () => {
    rememberSecrets(['admin']);
    expect(maskSecrets('the user admin')).to.equal('the user admin');
  });

  for (const line of [
    'Could not find user: 9fe2ff9ee4384b1894a90878d3e92bab.',
    'token provider fernet is in use',
    'GET http://127.0.0.1:5000/v3/users?name=a@b 200 12.3 ms',
    'http://keystone.example.org:35357/v3 is not reachable, see https://docs.example.org/@latest',
    'the passwords of 3 users expire within 7 days',
    'GET /v3/auth/tokens/OS-PKI/revoked',
    'POST /v3/auth/tokens 201 4.1 ms',
  ]) {
    it(`leaves alone: ${line}`, () => {
      expect(maskSecrets(line)).to.equal(line);
    });
  }

  it('takes time in proportion to the length, whatever a client sends', async () => {
    const took = await cpuTime(() => {
      for (const piece of [
        'eyJ-',
        'gAAAA',
        'a.',
        'passw',
        '"password',
        'x://',
        '$6$',
        'MII+',
        '--password ',
      ]) {
        maskSecrets(piece.repeat(60_000 / piece.length));
      }
    });
    expect(took).to.be.lessThan(2000);
  });
});
