/** The files of httpd/ where README.md says that they belong: the folders of Debian's Apache, and those of Red Hat's. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { commandsOf } from '../support/installation.js';
import { needed } from '../support/reference/python.js';
import { apacheMissing, apacheProgram, HTTPD, loadModules } from '../support/services/apache.js';
import { findProgram } from '../support/services/processes.js';

const SITES = ['keystone-ports', 'keystone-paths', 'keystone-paths-tls'];

describe('the files of httpd/ are valid in the layout of', function layouts() {
  this.timeout(120_000);
  let root: string;
  let certificate: string;
  before(async function prepare() {
    const missing = apacheMissing() ?? (findProgram('openssl') === null ? 'openssl not found' : null);
    needed(this, missing === null ? true : null, missing ?? '');
    root = await mkdtemp(join(tmpdir(), 'keystone-layout-'));
    const [key, file] = [join(root, 'key.pem'), join(root, 'certificate.pem')];
    certificate = `Define KEYSTONE_CERTIFICATE ${file}\nDefine KEYSTONE_CERTIFICATE_KEY ${key}\n`;
    const files = ['-keyout', key, '-out', file, '-subj', '/CN=keystone.example.com'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...files]);
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** The virtual hosts that Apache has read. @throws Error with what it says about a configuration that is not valid */
  async function check(folder: string, conf: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const args = ['-d', folder, '-f', conf, '-t', '-D', 'DUMP_VHOSTS'];
    const { stdout, stderr } = await promisify(execFile)(apacheProgram() ?? '', args, {
      env: { PATH: process.env['PATH'], ...env },
    });
    return stdout + stderr;
  }
  const hosts = (text: string): string[] =>
    [...text.matchAll(/^\*:(\d+) /gm)].map(([, port = '']) => port).sort();

  it('Debian', async function debian() {
    if (!existsSync('/etc/apache2/apache2.conf')) this.skip();
    const folder = join(root, 'apache2');
    await cp('/etc/apache2', folder, { recursive: true, verbatimSymlinks: true });
    const env = {
      PATH: process.env['PATH'],
      LC_ALL: 'C.UTF-8',
      APACHE_CONFDIR: folder,
      APACHE_STATE_DIRECTORY: root,
    };
    const commands = (await commandsOf('httpd/README.md')).filter(
      (command) => !/^(apache2ctl|systemctl) /.test(command),
    );
    expect(commands).to.have.length.above(3);
    const others = SITES.slice(1).flatMap((site) => [
      `cp httpd/${site}.conf /etc/apache2/sites-available/`,
      `a2ensite ${site}`,
    ]);
    for (const command of [...commands, ...others]) {
      expect(command).to.match(/^(cp|a2enmod|a2ensite) /);
      const here = command.replaceAll('/etc/apache2', folder);
      await promisify(execFile)('sh', ['-c', here], { cwd: join(HTTPD, '..'), env });
    }
    await rm(join(folder, 'sites-enabled/000-default.conf'), { force: true });
    await writeFile(join(folder, 'conf-enabled/keystone.conf'), certificate);
    const said = await check(folder, join(folder, 'apache2.conf'), {
      APACHE_RUN_DIR: root,
      APACHE_LOG_DIR: root,
      APACHE_LOCK_DIR: root,
      APACHE_PID_FILE: join(root, 'pid'),
      APACHE_RUN_USER: 'www-data',
      APACHE_RUN_GROUP: 'www-data',
    });
    expect(hosts(said)).to.deep.equal(['35357', '443', '5000', '80']);
  });

  it('Red Hat', async () => {
    const folder = join(root, 'httpd');
    for (const name of ['conf', 'conf.d', 'conf.modules.d', 'logs'])
      await mkdir(join(folder, name), { recursive: true });
    await cp(join(HTTPD, 'keystone-koa'), join(folder, 'keystone-koa'), { recursive: true });
    for (const site of SITES) await cp(join(HTTPD, `${site}.conf`), join(folder, `conf.d/${site}.conf`));
    await writeFile(join(folder, 'conf.modules.d/00-base.conf'), loadModules().join('\n'));
    await writeFile(join(folder, 'conf.d/00-certificate.conf'), certificate);
    const lines = [
      `ServerRoot "${folder}"`,
      'Listen 80',
      'Listen 443 https',
      'Include conf.modules.d/*.conf',
      'ServerName localhost',
      'ErrorLog "logs/error_log"',
      `DefaultRuntimeDir ${root}`,
      'IncludeOptional conf.d/*.conf',
    ];
    // This machine has no /var/log/httpd of its own.
    if (!existsSync('/var/log/apache2') && !existsSync('/var/log/httpd'))
      lines.splice(1, 0, `Define KEYSTONE_LOG_DIR ${root}`);
    await writeFile(join(folder, 'conf/httpd.conf'), lines.join('\n'));
    const said = await check(folder, join(folder, 'conf/httpd.conf'));
    expect(hosts(said)).to.deep.equal(['35357', '443', '5000', '80']);
  });

  it('a folder of the sites with TLS on ports of their own', async () => {
    const folder = join(root, 'tls');
    await mkdir(folder);
    await cp(join(HTTPD, 'keystone-koa'), join(folder, 'keystone-koa'), { recursive: true });
    await writeFile(
      join(folder, 'httpd.conf'),
      [
        `ServerRoot ${folder}`,
        `DefaultRuntimeDir ${root}`,
        'ServerName localhost',
        ...loadModules(),
        `ErrorLog ${root}/error.log`,
        `Define KEYSTONE_LOG_DIR ${root}`,
        certificate,
        `Include ${HTTPD}/keystone-ports-tls.conf`,
      ].join('\n'),
    );
    const said = await check(folder, join(folder, 'httpd.conf'));
    expect(hosts(said)).to.deep.equal(['35357', '5000']);
  });

  it('every file includes only what is there', async () => {
    for (const site of [...SITES, 'keystone-ports-tls']) {
      const text = await readFile(join(HTTPD, `${site}.conf`), 'utf8');
      for (const [, file = ''] of text.matchAll(/^\s*Include (\S+)/gm))
        expect(existsSync(join(HTTPD, file)), file).to.equal(true);
    }
  });
});
