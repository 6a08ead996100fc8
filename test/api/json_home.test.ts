/** By the JSON home, clients find every resource under the name and the path that Keystone gives it. */
import { expect } from 'chai';
import type { JsonHomeResources } from '../../src/common/http/json_home.js';
import { type Cloud, startCloud } from './cloud.js';
import { readTable } from './tables.js';

type Column = 'rel' | 'kind' | 'href' | 'href_vars' | 'status_hint';

/** The resources of the table, but for those of federation. */
function expected(prefix: string): JsonHomeResources {
  const resources: JsonHomeResources = {};
  for (const { rel, kind, href, href_vars, status_hint } of readTable<Column>('json-home-v3.tsv')) {
    if (rel.includes('/OS-FEDERATION/')) continue;
    resources[rel] = {
      [kind]: `${prefix}${href}`,
      ...(href_vars !== '-' && {
        'href-vars': Object.fromEntries(
          href_vars.split(';').map((pair) => pair.split('=') as [string, string]),
        ),
      }),
      ...(status_hint !== '-' && { hints: { status: status_hint } }),
    };
  }
  return resources;
}

describe('the JSON home', () => {
  let cloud: Cloud;
  before(async function start() {
    this.timeout(120_000);
    cloud = await startCloud();
  });
  after(() => cloud.stop());

  async function ask(path: string): Promise<{ type: string | null; resources: JsonHomeResources }> {
    const answer = await fetch(`${cloud.url}${path}`, { headers: { Accept: 'application/json-home' } });
    const { resources } = (await answer.json()) as { resources: JsonHomeResources };
    return { type: answer.headers.get('Content-Type'), resources };
  }

  for (const [path, prefix] of [
    ['/v3', ''],
    ['/', '/v3'],
  ] as const) {
    it(`at ${path} has every relation, and no others`, async () => {
      const { type, resources } = await ask(path);
      expect(type).to.equal('application/json-home');
      const wanted = expected(prefix);
      expect(Object.keys(resources).toSorted()).to.deep.equal(Object.keys(wanted).toSorted());
    });

    it(`at ${path} gives address, variables and status of each`, async () => {
      const { resources } = await ask(path);
      for (const [rel, resource] of Object.entries(expected(prefix))) {
        if (resources[rel] !== undefined) expect(resources[rel], rel).to.deep.equal(resource);
      }
    });
  }
});
