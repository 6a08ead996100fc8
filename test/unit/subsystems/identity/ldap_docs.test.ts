/** The examples of docs/ldap.md are configurations that load and make a driver. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadConf } from '../../../../src/conf/index.js';
import { ldap } from '../../../../src/conf/sections/ldap.js';
import { createLdapDriver } from '../../../../src/subsystems/identity/backends/ldap.js';
import { TestCa } from '../../../support/certificates.js';

const text = readFileSync(join(import.meta.dirname, '../../../../docs/ldap.md'), 'utf8');

describe('docs/ldap.md', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keystone-ldap-docs-'));
    writeFileSync(join(folder, 'ca.pem'), new TestCa('ca').certificate);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('shows configurations that work as they stand', async () => {
    const examples = [...text.matchAll(/^```ini\n(.*?)^```$/gms)].map(([, lines = '']) => lines);
    expect(examples).to.have.length.at.least(2);
    for (const example of examples) {
      const file = join(folder, 'keystone.conf');
      writeFileSync(file, example.replace(/(tls_cacertfile = ).*/g, `$1${join(folder, 'ca.pem')}`));
      const { conf, notes } = loadConf({ configFiles: [file], env: {} });
      expect(notes.filter((note) => /not known|unknown/i.test(note))).to.deep.equal([]);
      expect(conf.identity.driver).to.equal('ldap');
      await createLdapDriver(conf, 'default').close();
    }
  });

  it('speaks of every option of users, groups and connections', () => {
    const spoken = new Set(text.match(/\b[a-z]+(?:_[a-z]+)+\b|\b(?:url|user|password|suffix)\b/g));
    const allow = /^(?:user|group)_allow_/;
    const others = /^(?:project|role)_/;
    const missing = Object.keys(ldap.options).filter(
      (name) => !spoken.has(name) && !allow.test(name) && !others.test(name),
    );
    expect(missing).to.deep.equal([]);
  });
});
