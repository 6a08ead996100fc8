import { chmod, mkdir, mkdtemp, open as openFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  flatTarget,
  PolicyError,
  PolicyStore,
  type StoreOptions,
} from '../../../../src/common/policy/index.js';

const nothing = flatTarget({});
const member = { user_id: 'u1', roles: ['member'] };
const RULE = 'identity:create_region';

describe('PolicyStore', () => {
  let folder: string;
  let policyFile: string;
  let stores: PolicyStore[];
  let logged: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'policy-store-'));
    policyFile = join(folder, 'policy.json');
    stores = [];
    logged = [];
  });
  afterEach(async () => {
    for (const store of stores) store.close();
    await rm(folder, { recursive: true });
  });

  async function open(options: StoreOptions = {}): Promise<PolicyStore> {
    const log: StoreOptions['log'] = (level, message) => logged.push(`${level} ${message}`);
    const store = await PolicyStore.load({ policyFile, interval: 0, log, ...options });
    stores.push(store);
    return store;
  }

  const write = (text: string, file = policyFile): Promise<void> => writeFile(file, text);
  /** Into the file as it is, by one write, a text that is longer than what is there: no look finds half of it. */
  async function overwrite(text: string): Promise<void> {
    const file = await openFile(policyFile, 'r+');
    await file.write(text);
    await file.close();
  }
  async function replace(text: string): Promise<void> {
    await write(text, `${policyFile}.new`);
    await rename(`${policyFile}.new`, policyFile);
  }
  const allows = (store: PolicyStore, rule = RULE): unknown => store.current().allows(rule, nothing, member);

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(5);
  }

  async function refusal(options: StoreOptions = {}): Promise<string> {
    try {
      await open(options);
    } catch (error) {
      if (error instanceof PolicyError) return error.message;
      throw error;
    }
    throw new Error('the policy was accepted');
  }

  it('overrides the built-in rules rule by rule', async () => {
    await write(`{"${RULE}": "role:member"}`);
    const store = await open();
    expect(allows(store)).to.equal(true);
    expect(allows(store, 'identity:delete_region')).to.equal(false);
    expect(allows(store, 'identity:get_region')).to.equal(true);
    expect(store.status()).to.include({ generation: 1, overridden: 1, refused: null });
  });

  it('lets a file change what built-in rules refer to', async () => {
    await write('admin_required: role:member\n');
    expect(allows(await open())).to.equal(true);
  });

  it('is the default policy with an empty file, and without any', async () => {
    await write('');
    const [empty, none] = [await open(), await open({ policyFile: undefined })];
    expect(empty.current().names()).to.deep.equal(none.current().names());
    expect(allows(empty)).to.equal(false);
  });

  it('refuses what no rule knows, except to those whom the default rule lets in', async () => {
    await write('{}');
    const store = await open();
    const admin = { roles: ['admin'] };
    expect(allows(store, 'identity:nope')).to.equal(false);
    expect(store.current().allows('identity:nope', nothing, admin)).to.equal(true);
    const other = await open({ defaultRule: 'gone' });
    expect(other.current().allows('identity:nope', nothing, admin)).to.equal(false);
    expect(logged.join()).to.contain("there is no rule 'gone'");
  });

  it('reads folders after the file, by name, without hidden files and subfolders', async () => {
    const policyDirs = [join(folder, 'policy.d'), join(folder, 'absent.d')];
    await mkdir(join(folder, 'policy.d', 'sub.d'), { recursive: true });
    await write('{"a": "!", "b": "!"}');
    await write('a: "role:member"\nb: "role:member"\n', join(folder, 'policy.d', '10-a.yaml'));
    await write('b: "!"\n', join(folder, 'policy.d', '20-b.yaml'));
    await write('a: "!"\n', join(folder, 'policy.d', '.30-c.yaml'));
    const store = await open({ policyDirs });
    expect(allows(store, 'a')).to.equal(true);
    expect(allows(store, 'b')).to.equal(false);
    expect(store.status().files).to.have.length(3);
  });

  describe('does not start', () => {
    it('without the file', async () => {
      expect(await refusal()).to.equal(`${policyFile}: does not exist`);
    });

    it('with a folder in place of the file', async () => {
      expect(await refusal({ policyFile: folder })).to.equal(`${folder}: is not a file`);
    });

    it('with a file in place of a folder', async () => {
      await write('{}');
      expect(await refusal({ policyDirs: [policyFile] })).to.contain('cannot be read (ENOTDIR)');
    });

    const broken: [string, string | Buffer, RegExp][] = [
      [
        'a file that is neither JSON nor YAML',
        '{\n"a": "b:c"\n',
        /policy\.json:\d: is neither JSON nor YAML/u,
      ],
      [
        'a rule that cannot be parsed',
        '{\n"a": "role:x",\n"b": "role:x or"\n}',
        /policy\.json:3: policy rule 'b': .*missing/u,
      ],
      ['a rule of the wrong type', 'a: true\n', /policy\.json:1: policy rule 'a': .*not true/u],
      [
        'a rule that looks like "nobody" and means "everybody"',
        'a: !\n',
        /policy\.json:1: policy rule 'a': .*everybody/u,
      ],
      ['a file that is not UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff]), /policy\.json: is not UTF-8/u],
    ];
    for (const [name, text, message] of broken) {
      it(`with ${name}`, async () => {
        await writeFile(policyFile, text);
        expect(await refusal()).to.match(message);
      });
    }
  });

  it('warns of rules that are legal but hardly meant', async () => {
    await write('{"a": "rule:nope", "b": "rule:b", "c": "1", "c": ""}');
    await chmod(policyFile, 0o666);
    await open();
    expect(logged.map((line) => line.replaceAll(policyFile, 'FILE'))).to.deep.equal([
      "warn FILE:1: policy rule 'a': refers to the unknown rule 'nope', for which 'default' answers",
      "warn FILE:1: policy rule 'b': refers to itself and refuses where it does",
      'warn FILE can be written by everybody',
      "warn FILE: policy rule 'c' is written more than once; the last counts",
    ]);
  });

  it('takes up a change on its own, whether the file is written or replaced', async () => {
    await write(`{"${RULE}": "!"}`);
    const store = await open({ interval: 10 });
    await overwrite(`{"${RULE}":  "@"}`);
    await until(() => allows(store) === true);
    await replace(`{"${RULE}": "!"}`);
    await until(() => allows(store) === false);
    expect(store.status().generation).to.equal(3);
  });

  it('takes up files that come to a folder and go', async () => {
    await write('{}');
    const policyDirs = [join(folder, 'policy.d')];
    const store = await open({ policyDirs });
    await mkdir(policyDirs[0] as string);
    const extra = join(policyDirs[0] as string, 'extra.yaml');
    await write(`${RULE}: "@"\n`, extra);
    expect(await store.refresh()).to.equal(true);
    expect(allows(store)).to.equal(true);
    await rm(extra);
    expect(await store.refresh()).to.equal(true);
    expect(allows(store)).to.equal(false);
  });

  it('keeps the old rules while the new ones are broken, says so once, and takes the next good ones', async () => {
    await write(`{"${RULE}": "@"}`);
    const store = await open({ interval: 10 });
    await overwrite(`{"${RULE}": "@", `);
    await until(() => store.status().refused !== null);
    await sleep(60);
    expect(allows(store)).to.equal(true);
    expect(store.status().refused?.reason).to.contain('policy.json');
    expect(logged.filter((line) => line.startsWith('error'))).to.have.length(1);
    await rm(policyFile);
    await until(() => store.status().refused?.reason.includes('does not exist') === true);
    expect(allows(store)).to.equal(true);
    await replace(`{"${RULE}": "!"}`);
    await until(() => allows(store) === false);
    expect(store.status().refused).to.equal(null);
  });

  it('does nothing when nothing changed', async () => {
    await write('{}');
    const store = await open();
    const before = store.current();
    expect(await store.refresh()).to.equal(false);
    expect(store.current()).to.equal(before);
  });

  it('no longer looks once it is closed', async () => {
    await write(`{"${RULE}": "!"}`);
    const store = await open({ interval: 5 });
    store.close();
    await write(`{"${RULE}": "@"}`);
    await sleep(40);
    expect(allows(store)).to.equal(false);
  });
});
