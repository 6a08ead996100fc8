/** The requests of docs/curl.md, sent one after the other by a shell as they stand there. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ADMIN } from '../support/deployment.js';
import { needed } from '../support/reference/python.js';
import { findProgram } from '../support/services/processes.js';
import { V2Cloud } from './v2_cloud.js';

const PAGE = join(import.meta.dirname, '../../docs/curl.md');

describe('docs/curl.md', () => {
  let cloud: V2Cloud | undefined;
  let lines: string[];

  before(async function ask() {
    for (const name of ['curl', 'jq']) needed(this, findProgram(name), `${name} is not installed`);
    this.timeout(120_000);
    cloud = await V2Cloud.start();
    const text = await readFile(PAGE, 'utf8');
    const script = [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
      .map(([, block = '']) => block)
      .join('')
      .replaceAll('http://127.0.0.1:5000', cloud.urls.main)
      .replaceAll('http://127.0.0.1:35357', cloud.urls.admin)
      .replaceAll('"password": "secret"', `"password": "${ADMIN.password}"`);
    // Whatever fails ends the script, also at the beginning of a pipe.
    const options = ['-e', '-o', 'pipefail', '-c', script];
    const { stdout } = await promisify(execFile)(findProgram('bash') ?? 'bash', options);
    lines = stdout.trim().split('\n');
  });
  after(() => cloud?.stop());

  it('does what it says, in both versions of the API', () => {
    const roles = lines.slice(0, lines.indexOf(']') + 1).join('');
    expect((JSON.parse(roles) as { name: string }[]).map(({ name }) => name)).to.include('admin');
    expect(lines.slice(lines.indexOf(']') + 1)).to.deep.equal([
      '["ann","_member_","shop"]',
      '["ann"]',
      'ann@example.com',
      '["shop"]',
      '401',
      '["admin"]',
      '["admin"]',
      'ann@example.com',
      'painter',
      '["bob"]',
      '["_member_","painter"]',
      '401',
      '["red"]',
      'http://swift/v1',
      '["admin","internal","public"]',
    ]);
  });
});
