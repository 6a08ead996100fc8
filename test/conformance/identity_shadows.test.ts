/** Rows for users of directories, on every database. */
import { expect } from 'chai';
import { uuidHex } from '../../src/common/crypto/random_ids.js';
import { SqlShadows } from '../../src/subsystems/identity/backends/sql_shadows.js';
import type { ShadowDriver } from '../../src/subsystems/identity/shadow_driver.js';
import { onEveryDatabase } from './databases.js';

describe('shadows of users of directories', function limited() {
  this.timeout(120_000);
  onEveryDatabase((databaseOf) => {
    let domain_id: string;
    const shadows = (): ShadowDriver => new SqlShadows(databaseOf());
    const names = async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await databaseOf().table('nonlocal_user').find({ where: { domain_id } })).map((row) => [
          row.user_id,
          row.name,
        ]),
      );
    beforeEach(() => {
      domain_id = uuidHex();
    });

    it('are made once, and follow the name', async () => {
      const id = uuidHex();
      await shadows().ensure({ id, name: 'ann', domain_id });
      await shadows().ensure({ id, name: 'ann', domain_id });
      expect(await databaseOf().table('user').get(id)).to.include({ domain_id, enabled: true });
      await shadows().ensure({ id, name: 'anna', domain_id });
      expect(await names()).to.deep.equal({ [id]: 'anna' });
    });

    it('give a name to whom it belongs now', async () => {
      const [one, two] = [uuidHex(), uuidHex()];
      await shadows().ensure({ id: one, name: 'ann', domain_id });
      await shadows().ensure({ id: two, name: 'ann', domain_id });
      expect(await names()).to.deep.equal({ [two]: 'ann' });
      await shadows().ensure({ id: one, name: 'anna', domain_id });
      expect(await names()).to.deep.equal({ [one]: 'anna', [two]: 'ann' });
    });

    it('are made by many at the same time', async () => {
      const id = uuidHex();
      await Promise.all(Array.from({ length: 8 }, () => shadows().ensure({ id, name: 'ann', domain_id })));
      expect(await names()).to.deep.equal({ [id]: 'ann' });
    });

    it('go one by one, and with their domain', async () => {
      const ids = Array.from({ length: 4 }, () => uuidHex());
      for (const id of ids) await shadows().ensure({ id, name: id, domain_id });
      const [first = ''] = ids;
      await shadows().delete([first, 'unknown']);
      expect(Object.keys(await names())).to.have.length(3);
      expect(await databaseOf().table('user').get(first)).to.equal(null);
      await shadows().deleteOfDomain(domain_id);
      expect(await names()).to.deep.equal({});
      expect(await databaseOf().table('user').count({ domain_id })).to.equal(0);
    });
  });
});
