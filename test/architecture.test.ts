/** The rules of the house (docs/architecture.md): which room may import which, and the shape of a subsystem. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect } from 'chai';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');

interface Import {
  /** Path under src, `filters/cors.ts`. */
  readonly from: string;
  /** Path under src without ending, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import '([^']+)'/g;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = (match[2] ?? match[3] ?? match[4]) as string;
    const isPackage = !target.startsWith('.');
    const to = isPackage ? target : normalize(join(dirname(file), target)).replace(/\.js$/, '');
    return { from: file, to, isPackage, typeOnly: match[1] !== undefined };
  });
}

const files = sourceFiles(src);
const imports = files.flatMap(importsOf);

/** Rooms that a room may import values from; types may come from `typesFrom` as well. */
interface Rule {
  readonly from: readonly string[];
  readonly typesFrom?: readonly string[];
}

const ROOMS: Readonly<Record<string, Rule>> = {
  pipeline: { from: [] },
  // The configuration checks lists of proxies with the code that uses them.
  conf: { from: ['common'] },
  common: { from: [], typesFrom: ['conf'] },
  filters: { from: ['pipeline', 'common'], typesFrom: ['conf', 'subsystems'] },
  apps: { from: ['pipeline', 'common', 'filters/support'], typesFrom: ['conf', 'subsystems', 'filters'] },
  auth: { from: ['common'], typesFrom: ['conf', 'subsystems'] },
  subsystems: { from: ['common', 'auth'], typesFrom: ['conf'] },
  server: { from: ['pipeline', 'common', 'conf', 'filters', 'apps', 'subsystems'], typesFrom: ['auth'] },
  cmd: { from: ['pipeline', 'common', 'conf', 'server'], typesFrom: ['subsystems'] },
};

function isInside(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

function show(found: readonly Import[]): string[] {
  return found.map(({ from, to }) => `${from} imports ${to}`);
}

describe('architecture', () => {
  for (const [room, rule] of Object.entries(ROOMS)) {
    it(`${room} imports only what its rule allows`, () => {
      const allowed = [room, ...rule.from];
      const wrong = imports.filter(({ from, to, isPackage, typeOnly }) => {
        if (isPackage || !isInside(from, room)) return false;
        if (allowed.some((place) => isInside(to, place))) return false;
        // OAuth signatures belong to a subsystem, and to its authentication method.
        if (room === 'auth' && /^subsystems\/(oauth1|credential)\//.test(to)) return false;
        return !(typeOnly && (rule.typesFrom ?? []).some((place) => isInside(to, place)));
      });
      expect(show(wrong)).to.deep.equal([]);
    });
  }

  it('has a rule for every room', () => {
    const rooms = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map((entry) => entry.name).sort()).to.deep.equal(Object.keys(ROOMS).sort());
  });

  it('keeps the pipeline usable alone: Node, koa-compose and ini', () => {
    const wrong = imports.filter(
      ({ from, to, isPackage, typeOnly }) =>
        isPackage &&
        isInside(from, 'pipeline') &&
        !to.startsWith('node:') &&
        !['koa-compose', 'ini'].includes(to) &&
        !(typeOnly && to === 'koa'),
    );
    expect(show(wrong)).to.deep.equal([]);
  });

  it('keeps the web framework out of managers, drivers and backends', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        /^subsystems\/[^/]+\/(manager|driver|backends\/)/.test(from) &&
        /^(?:koa|koa-.*|@types\/koa)$/.test(to),
    );
    expect(show(wrong)).to.deep.equal([]);
  });

  it('lets nobody but a manifest reach for a backend', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        /^subsystems\/[^/]+\/backends\//.test(to) &&
        !/^subsystems\/[^/]+\/(backends\/.*|index\.ts)$/.test(from) &&
        // The manifest of what token providers keep their tokens in.
        from !== 'subsystems/token/store.ts',
    );
    expect(show(wrong)).to.deep.equal([]);
  });

  it('lets no backend reach for a manager, and no backend of another subsystem', () => {
    const wrong = imports.filter(({ from, to }) => {
      const own = /^(subsystems\/[^/]+)\/backends\//.exec(from)?.[1];
      if (own === undefined || !isInside(to, 'subsystems')) return false;
      const isOwn = isInside(to, own) && !to.endsWith('/manager');
      return !isOwn && to !== 'subsystems/subsystem';
    });
    expect(show(wrong)).to.deep.equal([]);
  });

  it('lets subsystems meet through providers, not through each other’s managers', () => {
    const wrong = imports.filter(({ from, to }) => {
      const own = /^(subsystems\/[^/]+)\//.exec(from)?.[1];
      const other = /^(subsystems\/[^/]+)\/(manager|controllers|driver)$/.exec(to)?.[1];
      return own !== undefined && other !== undefined && own !== other;
    });
    expect(show(wrong)).to.deep.equal([]);
  });

  describe('the shape of a subsystem', () => {
    const subsystems = readdirSync(join(src, 'subsystems'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const has = (name: string, file: string): boolean => existsSync(join(src, 'subsystems', name, file));
    /** `auth` has no store of its own. */
    const withoutStore = ['auth'];

    for (const name of subsystems.filter((subsystem) => !withoutStore.includes(subsystem))) {
      it(`${name} has a manifest, types, a driver interface and a manager`, () => {
        const missing = ['index.ts', 'driver.ts', 'manager.ts'].filter((file) => !has(name, file));
        expect(missing).to.deep.equal([]);
        expect(has(name, 'backends') || has(name, 'providers')).to.equal(true);
      });

      it(`${name}, where it has routes, has controllers beside them`, () => {
        expect(has(name, 'routers.ts')).to.equal(has(name, 'controllers.ts'));
      });
    }
  });

  it('has no way out of the types', () => {
    const code = (file: string): string =>
      readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/ .*/g, '');
    const wrong = files.filter(
      (file) =>
        /@ts-(?:ignore|nocheck|expect-error)/.test(readFileSync(join(src, file), 'utf8')) ||
        /\bas any\b|:\s*any\b|<any>/.test(code(file)),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('names files in snake case', () => {
    const wrong = files.filter((file) => !/^(?:[a-z0-9_]+\/)*[a-z0-9_]+(?:\.d)?\.ts$/.test(file));
    expect(wrong).to.deep.equal([]);
  });

  it('is described in the documentation', () => {
    const text = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
    const missing = Object.keys(ROOMS).filter((room) => !text.includes(`src/${room}`));
    expect(missing, relative(root, join(root, 'docs', 'architecture.md'))).to.deep.equal([]);
  });
});
