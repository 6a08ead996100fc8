/** Programs that use python-keystoneclient as a library: its managers of API v3, one after the other. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Cloud, startCloud } from '../api/cloud.js';
import { ADMIN } from '../support/deployment.js';
import { findPython, needed } from '../support/reference/python.js';
import { createSigningFiles, type SigningFiles } from '../support/signing_files.js';

const run = promisify(execFile);
const GONE = 404;
const SIGNED = /^-----BEGIN CMS-----\n[\s\S]+\n-----END CMS-----\n$/;

describe('keystoneclient.v3 (python-keystoneclient)', function limited() {
  this.timeout(120_000);
  let cloud: Cloud | undefined;
  let files: SigningFiles | undefined;
  let saw: Readonly<Record<string, unknown>>;

  before(async function start() {
    const missing = 'package python3-keystoneclient is not installed';
    const python = needed(this, findPython(['keystoneclient.v3.client']), missing);
    this.timeout(120_000);
    files = await createSigningFiles();
    cloud = await startCloud({ auth: ['methods = password,token,oauth1'], signing: files.conf });
    const driver = join(import.meta.dirname, 'v3_driver.py');
    const { stdout } = await run(python, [driver, cloud.url, ADMIN.name, ADMIN.password, ADMIN.project], {
      env: { PYTHONDONTWRITEBYTECODE: '1' },
    });
    saw = JSON.parse(stdout) as Record<string, unknown>;
  });
  after(async () => {
    await cloud?.stop();
    await files?.remove();
  });

  /** What the client saw, by the names under which the driver kept it. */
  const expectSeen = (expected: Readonly<Record<string, unknown>>): void => {
    const names = Object.keys(expected);
    expect(Object.fromEntries(names.map((name) => [name, saw[name]]))).to.deep.equal(expected);
  };

  it('administers regions', () => {
    expectSeen({
      regions: [['RegionOne', 'part'], ['part']],
      region: 'RegionOne',
      'updated region': 'new',
      'parent in use': 403,
    });
  });

  it('administers services and endpoints', () => {
    expectSeen({
      services: [['cinder', 'keystone'], ['cinder']],
      service: false,
      'updated service': 'disks',
      endpoints: [4, ['http://volume/$(tenant_id)s']],
      endpoint: 'RegionOne',
      'updated endpoint': 'http://volume/v3',
      'catalog left': [3, ['keystone']],
    });
  });

  it('gives endpoints, and groups of them, to projects', () => {
    expectSeen({
      'endpoints of project': ['http://volume/v3'],
      'projects of endpoint': ['shop'],
      'endpoint taken away': GONE,
      'endpoint groups': ['disks'],
      'endpoint group': true,
      'updated endpoint group': 'some',
      'endpoint groups of project': ['disks'],
      'projects of endpoint group': ['shop'],
      'endpoints by group': ['http://volume/v3'],
      'group taken away': GONE,
      'no endpoint group': GONE,
    });
  });

  it('administers policies, and says where they hold', () => {
    expectSeen({
      policies: ['{"default": ""}'],
      policy: 'application/json',
      'updated policy': '{}',
      'no policy': GONE,
    });
    for (const kind of ['endpoint', 'service', 'region_and_service']) {
      expectSeen({ [`policy by ${kind}`]: [true, true], [`no policy by ${kind}`]: GONE });
    }
  });

  it('administers domains and projects', () => {
    expectSeen({
      domains: [['Default', 'acme'], ['acme']],
      domain: 'a shop',
      'enabled domain kept': 403,
      'disabled domain': false,
      projects: [['part', 'top'], ['part']],
      // Only those in which who asks has a role.
      subtree: [],
      parents: true,
      'updated project': 'new',
      'parent kept': 403,
    });
  });

  it('administers users and groups', () => {
    expectSeen({
      users: [['ann'], 'ann@acme'],
      'updated user': 'new@acme',
      'old password': 401,
      groups: [['staff'], ['staff']],
      members: ['ann'],
      'updated group': 'new',
      'no member': GONE,
      'no group': GONE,
    });
  });

  it('administers roles, also those of a domain and implied ones', () => {
    expectSeen({
      roles: [['_member_', 'admin', 'helper', 'painter'], ['local']],
      role: true,
      'updated role': 'assistant',
      implied: ['assistant', ['assistant']],
      inferences: ['painter'],
      'no rule': GONE,
      'no role': GONE,
    });
  });

  it('grants to users and groups, on projects and domains, inherited and not', () => {
    for (const who of ['user', 'group']) {
      for (const where of ['project', 'domain']) {
        const grants = `grants-${who}-${where}`;
        expectSeen({ [grants]: ['painter'], [`no ${grants}`]: GONE, [`no ${grants}-inherited`]: GONE });
      }
      expectSeen({ [`grants-${who}-domain-inherited`]: ['painter'] });
    }
  });

  it('lists who has which role where', () => {
    expectSeen({
      assignments: [
        ['painter', ['OS-INHERIT:inherited_to', 'domain']],
        ['painter', ['project']],
      ],
      'assignments of user': 1,
      'assignments of group': 1,
      'assignments of domain': 1,
      'assignments below': 1,
      // By the grant on "top", and by membership of a group with an inherited grant on the domain.
      effective: [
        ['assistant', 'part'],
        ['assistant', 'top'],
        ['assistant', 'top'],
        ['painter', 'part'],
        ['painter', 'top'],
        ['painter', 'top'],
      ],
    });
  });

  it('lends roles by trusts', () => {
    expectSeen({
      'own projects': [['part', 'top'], []],
      trusts: [1, 1, 1],
      trusted: true,
      'used up': 401,
      'no trust': GONE,
    });
  });

  it('lets a consumer in by OAuth', () => {
    expectSeen({
      consumers: ['a tool', 1],
      'updated consumer': 'the tool',
      signed: ADMIN.project,
      'consumer gone': GONE,
    });
  });

  it('configures domains', () => {
    expectSeen({
      config: [{ url: 'ldap://directory' }, { driver: 'sql' }],
      'updated config': { url: 'ldap://other' },
      'no config': GONE,
    });
  });

  it('administers credentials, also those for EC2', () => {
    expectSeen({
      credentials: [1, 'a blob'],
      'updated credential': 'another',
      'no credential': GONE,
      ec2: [true, 1],
      'no ec2': [0, GONE],
    });
  });

  it('validates and revokes tokens', () => {
    expectSeen({
      validated: [ADMIN.name, ADMIN.project, true],
      'token data': [
        'audit_ids',
        'expires_at',
        'is_domain',
        'issued_at',
        'methods',
        'project',
        'roles',
        'user',
      ],
      revoked: GONE,
    });
  });

  it('gets the certificates of signed tokens', () => {
    expectSeen({ certificates: [files?.made.caCertificate, files?.made.certificate] });
  });

  it('gets the list of revoked tokens, signed, and by audit ids without a signature', () => {
    const [list, plain] = saw['revoked list'] as [Record<string, unknown>, unknown];
    expect(list).to.have.all.keys('signed');
    expect(list['signed']).to.match(SIGNED);
    // Tokens of fernet are kept nowhere, and are in no list.
    expect(plain).to.deep.equal({ revoked: [] });
  });

  it('leaves nothing behind', () => {
    expectSeen({ 'people left': [['Default'], [ADMIN.name], [ADMIN.project]] });
  });
});
