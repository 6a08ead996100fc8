import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkFile, configUri, explainApp, loadApp } from '../../../src/pipeline/index.js';
import { Folder, refusal, type Serving, serve } from './support.js';

const example = join(import.meta.dirname, '../../../examples/maintenance-filter');

describe('the example filter', () => {
  let folder: Folder;
  let serving: Serving | undefined;

  before(async () => {
    // A checkout may be writable for everybody; what is loaded from must not be.
    folder = await Folder.create();
    for (const file of ['index.js', 'package.json', 'pipeline.ini']) {
      const text = await readFile(join(example, file), 'utf8');
      await folder.write(`package/${file}`, text);
      await folder.write(`etc/node_modules/keystone-maintenance-filter/${file}`, text);
    }
  });

  afterEach(async () => {
    await serving?.close();
    serving = undefined;
  });

  after(() => folder.remove());

  it('works through egg:, call: and paste.filter_factory', async () => {
    serving = await serve(await loadApp(configUri(folder.file('package/pipeline.ini'))));
    const read = await fetch(`${serving.url}/v3/users`);
    expect(await read.json()).to.deep.equal({ method: 'GET', path: '/users', mount: '/v3' });
    expect(read.headers.get('x-deployment')).to.equal('RegionOne');
    expect(read.headers.get('x-maintained-by')).to.equal('the night shift');

    const write = await fetch(`${serving.url}/v3/users`, { method: 'POST', body: '{}' });
    expect(write.status).to.equal(503);
    expect(write.headers.get('retry-after')).to.equal('60');
    expect(write.headers.get('x-deployment')).to.equal('RegionOne');

    const open = await fetch(`${serving.url}/x`, { method: 'POST' });
    expect(await open.json()).to.deep.equal({ method: 'POST', path: '/x', mount: '' });
    expect(open.headers.has('x-maintained-by')).to.equal(false);
  });

  it('names its own module, whichever way it is named by', async () => {
    const branch = await explainApp(configUri(folder.file('package/pipeline.ini'), 'guarded'));
    const module = folder.file('package/index.js');
    expect(branch.filters.map((filter) => [filter.factory.name, filter.factory.module])).to.deep.equal([
      ['call:./index.js:label', module],
      ['./index.js:label', module],
      ['egg:keystone-maintenance-filter#main', module],
    ]);
  });

  it('works from an ini file elsewhere once it is installed there', async () => {
    const file = await folder.write(
      'etc/paste.ini',
      '[filter:maintenance]\nuse = egg:keystone-maintenance-filter\nread_only = False\n[pipeline:main]\npipeline = maintenance egg:keystone-maintenance-filter#echo\n',
    );
    serving = await serve(await loadApp(configUri(file)));
    expect((await fetch(serving.url, { method: 'POST' })).status).to.equal(200);
  });

  it('has nothing to complain about, and refuses what it does not know', async () => {
    expect(await checkFile(folder.file('package/pipeline.ini'))).to.deep.include({
      problems: [],
      warnings: [],
    });
    const text = await readFile(folder.file('package/pipeline.ini'), 'utf8');
    const wrong = await folder.write(
      'package/wrong.ini',
      text.replace('retry_after = 60', 'retry_afer = 60'),
    );
    expect((await refusal(loadApp(configUri(wrong)))).message).to.include(
      "'retry_afer' (nearest: retry_after)",
    );
  });
});
