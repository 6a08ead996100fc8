/**
 * How SQLite goes about the statements: by an index to what is asked for, whatever else there is. The database is
 * empty and without statistics, as SQLite's databases are in service: its plans are those that a large one gets.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Database, dbSync, openDatabase, prepareSql } from '../../../../src/common/sql/index.js';
import {
  effectiveStatement,
  type GroupSource,
  targetsStatement,
} from '../../../../src/subsystems/assignment/backends/effective_sql.js';
import {
  beneathStatement,
  type GrantShape,
  grantsStatement,
  membersStatement,
} from '../../../../src/subsystems/assignment/backends/grants_sql.js';

const WHOLE_KEY = '(type=? AND actor_id=? AND target_id=?)';
const ACTOR = '(type=? AND actor_id=?)';

describe('how assignments are looked up', () => {
  let folder: string;
  let database: Database;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keystone-plans-'));
    database = await openDatabase({ url: `sqlite:///${join(folder, 'keystone.db')}` });
    await dbSync(database);
  });
  after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What SQLite says of a table, by its name or alias: `SEARCH g USING …`. */
  async function steps({ text }: { readonly text: string }, table: string): Promise<string[]> {
    const explained = prepareSql({
      text: `EXPLAIN QUERY PLAN ${text.replaceAll('??', "'x'").replaceAll('?', "'x'")}`,
      columns: { detail: 'text' },
      once: true,
    });
    const plan = await database.query({ ...explained, readOnly: true });
    return plan.map(({ detail }) => detail).filter((detail) => new RegExp(`^\\w+ ${table}\\b`).test(detail));
  }

  const sources: readonly GroupSource[] = ['own', 'given', 'none'];
  for (const scope of ['project', 'domain'] as const) {
    for (const groups of sources) {
      it(`effective roles on a ${scope}, groups: ${groups}`, async () => {
        const statement = effectiveStatement({ scope, groups, inherit: true, infer: true }, 'sqlite');
        const grants = await steps(statement, 'g');
        expect(grants).to.have.length((scope === 'project' ? 4 : 2) / (groups === 'none' ? 2 : 1));
        for (const step of grants)
          expect(step)
            .to.match(/^SEARCH .* COVERING INDEX/)
            .and.contain(WHOLE_KEY);
        for (const table of ['r', 'i', 'p', 'm', 'assignment']) {
          for (const step of await steps(statement, table)) expect(step).to.match(/^SEARCH/);
        }
      });

      it(`${scope}s with a role, groups: ${groups}`, async () => {
        const statement = targetsStatement({ scope, groups, inherit: true }, 'sqlite');
        const grants = await steps(statement, 'g');
        expect(grants).not.to.deep.equal([]);
        for (const step of grants)
          expect(step)
            .to.match(/^SEARCH .* COVERING INDEX/)
            .and.contain(ACTOR);
        for (const step of await steps(statement, 'p')) expect(step).to.match(/^SEARCH .*parent_id=\?/);
      });
    }
  }

  const places: readonly GrantShape['on'][] = [
    'anything',
    'target',
    'tree',
    'reaching target',
    'reaching tree',
  ];
  for (const on of places) {
    const shape = { on, byRole: false, inherited: null, groups: 'own' } as const;
    const key = on === 'anything' ? ACTOR : WHOLE_KEY;
    for (const actor of ['user', 'group', 'user and groups'] as const) {
      it(`grants of ${actor} on ${on}`, async () => {
        const grants = await steps(grantsStatement({ ...shape, actor }, 'sqlite'), 'g');
        expect(grants).not.to.deep.equal([]);
        for (const step of grants)
          expect(step)
            .to.match(/^SEARCH/)
            .and.contain(key);
      });
    }
    if (on === 'anything') continue;

    it(`grants of anybody on ${on}`, async () => {
      const grants = await steps(grantsStatement({ ...shape, actor: 'anybody' }, 'sqlite'), 'g');
      expect(grants).not.to.deep.equal([]);
      const columns = on.startsWith('reaching') ? 'target_id=? AND inherited=?' : 'target_id=?';
      const search = `SEARCH g USING INDEX ix_assignment_target_id_inherited (${columns})`;
      expect([...new Set(grants)]).to.deep.equal([search]);
    });
  }

  it('grants of a role', async () => {
    const shape = {
      actor: 'anybody',
      on: 'anything',
      byRole: true,
      inherited: null,
      groups: 'none',
    } as const;
    expect(await steps(grantsStatement(shape, 'sqlite'), 'g')).to.deep.equal([
      'SEARCH g USING INDEX ix_assignment_role_id (role_id=?)',
    ]);
  });

  it('what is beneath, and who is in a group', async () => {
    for (const step of await steps(beneathStatement('sqlite'), 'p')) {
      expect(step).to.match(/^SEARCH .*parent_id=\?/);
    }
    const [members] = await steps(membersStatement('sqlite'), 'user_group_membership');
    expect(members).to.match(/^SEARCH .*group_id=\?/);
  });
});
