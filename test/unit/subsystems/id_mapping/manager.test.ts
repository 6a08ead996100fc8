import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { uuidHex } from '../../../../src/common/crypto/random_ids.js';
import { loadGenerator } from '../../../../src/subsystems/id_mapping/generators/index.js';
import { generatePublicId } from '../../../../src/subsystems/id_mapping/generators/sha256.js';
import type { IdMappingManager } from '../../../../src/subsystems/id_mapping/manager.js';
import { rejection } from '../../../support/rejection.js';
import { createSite, type Process, type Site } from '../identity/domains/site.js';

describe('id_mapping/manager', () => {
  let site: Site;
  let other: Process;
  let manager: IdMappingManager;
  before(async () => {
    site = await createSite();
    other = await site.process();
    manager = site.providers.idMapping;
  });
  after(() => site.close());

  const hash = (domain: string, local: string, type = 'user'): string =>
    generatePublicId({ domain_id: domain, local_id: local, entity_type: type });

  it('makes ids once, and knows them from both sides', async () => {
    const domain = uuidHex();
    const ids = await manager.publicIds(domain, 'user', ['ann', 'bob', 'ann'], { keepIds: false });
    expect([...ids]).to.have.deep.members([
      ['ann', hash(domain, 'ann')],
      ['bob', hash(domain, 'bob')],
    ]);
    expect(await manager.publicIds(domain, 'user', ['ann'], { keepIds: false })).to.deep.equal(
      new Map([['ann', hash(domain, 'ann')]]),
    );
    const id = hash(domain, 'ann');
    expect(await manager.find(id, 'user')).to.deep.equal({
      publicId: id,
      domainId: domain,
      localId: 'ann',
      type: 'user',
    });
    expect(await manager.find(id, 'group')).to.equal(null);
    expect((await manager.findMany([id, 'unknown'], 'user')).size).to.equal(1);
    expect((await manager.findMany([id], 'group')).size).to.equal(0);
  });

  it('keeps ids that are unique already, and lets them move with their entity', async () => {
    const [here, there, id] = [uuidHex(), uuidHex(), uuidHex()];
    expect(await manager.publicIds(here, 'user', [id], { keepIds: true })).to.deep.equal(new Map([[id, id]]));
    expect(await manager.publicIds(there, 'user', [id], { keepIds: true })).to.deep.equal(
      new Map([[id, id]]),
    );
    expect(await manager.find(id, 'user')).to.include({ domainId: there });
  });

  it('keeps the ids that are there, whatever a generator would make', async () => {
    const domain = uuidHex();
    await site.database
      .table('id_mapping')
      .insert({ public_id: 'of old', domain_id: domain, local_id: 'ann', entity_type: 'user' });
    const ids = await manager.publicIds(domain, 'user', ['ann', 'bob'], { keepIds: false });
    expect(ids.get('ann')).to.equal('of old');
  });

  it('agrees with processes that make the same ids at the same time', async () => {
    const domain = uuidHex();
    const names = Array.from({ length: 3000 }, (_, position) => `n${position}`);
    const [one, two] = await Promise.all([
      manager.publicIds(domain, 'user', names, { keepIds: false }),
      other.providers.idMapping.publicIds(domain, 'user', [...names].reverse(), { keepIds: false }),
    ]);
    for (const name of names) expect(one.get(name)).to.equal(two.get(name)).and.be.a('string');
    expect(await manager.count({ domainId: domain })).to.equal(3000);
  });

  it('leaves out what the table cannot hold', async () => {
    const domain = uuidHex();
    const long = 'x'.repeat(256);
    const ids = await manager.publicIds(domain, 'user', [long, 'nul\0', 'ann', 'ü'.repeat(255)], {
      keepIds: false,
    });
    expect([...ids.keys()]).to.have.members(['ann', 'ü'.repeat(255)]);
  });

  it('tells how far it is', async () => {
    const domain = uuidHex();
    const names = Array.from({ length: 2500 }, (_, position) => `n${position}`);
    await manager.publicIds(domain, 'user', names.slice(0, 500), { keepIds: false });
    const steps: number[] = [];
    await manager.publicIds(domain, 'user', names, {
      keepIds: false,
      progress: (done) => steps.push(done),
    });
    expect(steps).to.deep.equal([500, 1500, 2500]);
  });

  describe('generators', () => {
    const install = async (name: string, code: string): Promise<void> => {
      const folder = join(site.folder, 'node_modules', name);
      await mkdir(folder, { recursive: true });
      const offer = { identity_mapping: { generator: './index.js' } };
      await writeFile(
        join(folder, 'package.json'),
        JSON.stringify({ name, version: '1.0.0', type: 'module', keystone: offer }),
      );
      await writeFile(join(folder, 'index.js'), code);
    };

    /** The manager of a process whose configuration names the generator. */
    async function withGenerator(name: string): Promise<IdMappingManager> {
      const file = join(site.folder, 'keystone.conf');
      const text = await readFile(file, 'utf8');
      await writeFile(file, `${text}\n[identity_mapping]\ngenerator = ${name}\n`);
      try {
        return (await site.process()).providers.idMapping;
      } finally {
        await writeFile(file, text);
      }
    }

    it('come from npm packages', async () => {
      await install(
        'test-generator',
        'export const generatePublicId = ({ domain_id, local_id, entity_type }) =>' +
          ' `${entity_type[0]}-${local_id}-${domain_id}`;',
      );
      const own = await withGenerator('test-generator');
      const domain = uuidHex();
      expect(await own.publicIds(domain, 'user', ['ann'], { keepIds: false })).to.deep.equal(
        new Map([['ann', `u-ann-${domain}`]]),
      );
    });

    it('must give every entity an id of its own that the table can hold', async () => {
      await install('test-same', "export const generatePublicId = () => 'always the same';");
      const same = await withGenerator('test-same');
      const twice = await rejection(same.publicIds(uuidHex(), 'user', ['ann', 'bob'], { keepIds: false }));
      expect(String(twice)).to.contain('generator = test-same').and.contain('bob');
      await install('test-long', "export const generatePublicId = () => 'x'.repeat(65);");
      const long = await withGenerator('test-long');
      const tooLong = await rejection(long.publicIds(uuidHex(), 'user', ['ann'], { keepIds: false }));
      expect(String(tooLong)).to.contain('generator = test-long').and.contain('64 characters');
    });

    it('must be known', async () => {
      const error = await rejection(loadGenerator('no-such-generator', [site.folder]));
      expect(String(error))
        .to.contain('[identity_mapping] generator = no-such-generator')
        .and.contain('sha256');
    });
  });
});
