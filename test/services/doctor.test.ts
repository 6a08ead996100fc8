import { expect } from 'chai';
import { clockSkew } from '../../src/cmd/doctor/clock_skew.js';
import type { Patient } from '../../src/cmd/doctor/symptom.js';
import { openDatabase } from '../../src/common/sql/index.js';
import { poolStates } from '../../src/common/sql/pool_state.js';
import { loadConf } from '../../src/conf/index.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

for (const kind of KINDS.filter((name) => name !== 'sqlite')) {
  describe(`the doctor and the clock of ${kind}`, () => {
    let place: EmptyDatabase | undefined;
    const ours = Date.now;
    before(async function open() {
      place = await emptyDatabase(this, kind);
    });
    after(() => place?.remove());
    afterEach(() => {
      Date.now = ours;
    });

    async function look(): Promise<readonly string[]> {
      const database = await openDatabase({ url: place?.url ?? '', options: IMPATIENT });
      const loaded = loadConf({ configFiles: ['/dev/null'], env: {} });
      const patient: Patient = {
        loaded,
        conf: loaded.conf,
        database: () => Promise.resolve(database),
        domainFiles: { loaded: [], problems: [] },
        directories: [],
        peers: [],
        healthOf: () => Promise.reject(new Error('there are no peers')),
      };
      try {
        return await clockSkew.look(patient);
      } finally {
        await database.close();
      }
    }

    it('is content when both go alike', async () => {
      expect(await look()).to.deep.equal([]);
    });

    it('tells by how much this machine goes wrong, in either direction', async () => {
      for (const seconds of [-90, 90]) {
        Date.now = () => ours() + seconds * 1000;
        const [finding, ...more] = await look();
        expect(more).to.deep.equal([]);
        expect(Number(/^([\d.]+) s \(20/.exec(finding ?? '')?.[1])).to.be.within(80, 90.5);
      }
    });

    it('tells a live diagnosis how busy its connections are', async () => {
      const database = await openDatabase({ url: place?.url ?? '', options: IMPATIENT });
      try {
        await database.ping();
        const idle = poolStates(database.sequelize)['all'];
        expect(idle).to.include({ in_use: 0, waiting: 0 });
        expect(idle?.available).to.be.greaterThan(0);
        await database.transaction(async () => {
          await database.ping();
          expect(poolStates(database.sequelize)['all']).to.include({ in_use: 1 });
        });
      } finally {
        await database.close();
      }
    });
  });
}
