import { expect } from 'chai';
import type { OptionDeclaration } from '../../../../src/common/config/declaration.js';
import { ConfigError } from '../../../../src/common/config/errors.js';
import { parseConfigText } from '../../../../src/common/config/file.js';
import { OptionRegistry } from '../../../../src/common/config/registry.js';
import { ConfigResolver, type Overrides } from '../../../../src/common/config/resolver.js';

type Declarations = { readonly [place: string]: Partial<OptionDeclaration> };

interface Setup {
  readonly declared: Declarations;
  readonly files?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly overrides?: Overrides;
}

/** A resolver over options declared as `section.name`, text by default, and files `a.conf`, `b.conf` … */
function resolverOf({ declared, files = [], env = {}, overrides = {} }: Setup): ConfigResolver {
  const registry = new OptionRegistry();
  for (const [place, declaration] of Object.entries(declared)) {
    const dot = place.lastIndexOf('.');
    registry.register(place.slice(0, dot), place.slice(dot + 1), {
      type: 'str',
      default: null,
      help: '',
      ...declaration,
    });
  }
  const parsed = files.map((text, index) => parseConfigText(text, `${'abc'.charAt(index)}.conf`));
  return new ConfigResolver(registry, { files: parsed, env, overrides });
}

function refusalOf(resolver: ConfigResolver, section: string, name: string): ConfigError {
  try {
    resolver.get(section, name);
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return error as ConfigError;
  }
  return expect.fail('nothing was refused');
}

describe('the value of an option', () => {
  const layers = {
    declared: { 'g.x': { default: 'default' } },
    files: ['[g]\nx = first\n', '[g]\nx = second\n'],
    env: { OS_G__X: 'environment' },
    overrides: { g: { x: 'argument' } },
  };

  it('comes from the command line before the environment, files and the default, and tells so', () => {
    const { declared, files, env } = layers;
    const found = [layers, { declared, files, env }, { declared, files }, { declared }].map((setup) => {
      const { value, origin } = resolverOf(setup).get('g', 'x');
      return [value, origin];
    });
    expect(found).to.deep.equal([
      ['argument', 'override'],
      ['environment', 'env'],
      ['second', { file: 'b.conf', line: 2 }],
      ['default', 'default'],
    ]);
  });

  it('of the environment is read by the same rules, under a name of section and option in capitals', () => {
    const declared = {
      'DEFAULT.debug': { type: 'bool' },
      'a.b.n': { type: 'int' },
      'g.m': { type: 'multi' },
    } as const;
    const env = { OS_DEFAULT__DEBUG: 'yes', 'OS_A.B__N': '7', OS_G__M: 'one\ntwo' };
    const resolver = resolverOf({ declared, env });
    expect(resolver.get('DEFAULT', 'debug').value).to.equal(true);
    expect(resolver.get('a.b', 'n').value).to.equal(7);
    expect(resolver.get('g', 'm').value).to.deep.equal(['one', 'two']);
  });

  it('adds up over files and arguments where it may be repeated', () => {
    const declared = { 'g.m': { type: 'multi', formerNames: [{ name: 'old' }] } } as const;
    const files = ['[g]\nm = 2\nold = 1\n', '[g]\nm = 3\n'];
    const resolver = resolverOf({ declared, files, overrides: { g: { m: ['4', '5'] } } });
    expect(resolver.get('g', 'm').value).to.deep.equal(['1', '2', '3', '4', '5']);
  });

  it('is found under former and later names, and tells under which', () => {
    const declared = { 'g.x': { formerNames: [{ group: 'old', name: 'y' }], laterNames: ['z'] } };
    const former = resolverOf({ declared, files: ['[old]\ny = 1\n'] }).get('g', 'x');
    expect(former).to.deep.include({ value: '1', foundAs: { section: 'old', name: 'y' } });
    const later = resolverOf({ declared, files: ['[g]\nz = 2\n'] }).get('g', 'x');
    expect(later).to.deep.include({ value: '2', foundAs: { section: 'g', name: 'z' } });
    const own = resolverOf({ declared, files: ['[g]\nz = 2\nx = 3\n'] }).get('g', 'x');
    expect(own).to.deep.include({ value: '3', foundAs: null });
  });

  it('of an undeclared option does not exist', () => {
    expect(refusalOf(resolverOf({ declared: {} }), 'g', 'x').problem).to.equal('undeclared');
  });
});

describe('a value that cannot be', () => {
  it('is refused with file, line, section, option, value and what is allowed', () => {
    const declared = { 'token.expiration': { type: 'int', min: 1, max: 10 } } as const;
    const error = refusalOf(
      resolverOf({ declared, files: ['[token]\n\nexpiration = soon\n'] }),
      'token',
      'expiration',
    );
    expect(error.place).to.deep.equal({ file: 'a.conf', line: 3, section: 'token', option: 'expiration' });
    expect(error.message).to.equal(
      'a.conf:3: option "expiration" of section [token] cannot be "soon": a whole number is needed',
    );
    const high = refusalOf(
      resolverOf({ declared, files: ['[token]\nexpiration = 11\n'] }),
      'token',
      'expiration',
    );
    expect(high.message).to.contain('allowed is 1 to 10');
  });

  it('is never shown when it is a secret', () => {
    const secret = 'tr0ub4dor';
    const declared = { 'g.x': { secret: true, choices: ['a', 'b'] }, 'g.y': { secret: true } };
    const inFile = resolverOf({ declared, files: [`[g]\nx = ${secret}\ny = $${secret}\n`] });
    for (const name of ['x', 'y']) {
      expect(refusalOf(inFile, 'g', name).message)
        .to.contain('a.conf')
        .and.not.contain(secret);
    }
    const inEnvironment = resolverOf({ declared, env: { OS_G__X: secret } });
    expect(refusalOf(inEnvironment, 'g', 'x').message)
      .to.contain('OS_G__X')
      .and.not.contain(secret);
  });

  it('names the variable when it comes from the environment, and the command line', () => {
    const declared = { 'g.x': { type: 'bool' } } as const;
    const env = refusalOf(resolverOf({ declared, env: { OS_G__X: 'maybe' } }), 'g', 'x');
    expect(env.message).to.match(/^environment variable OS_G__X: .*"maybe".*true, 1, on, yes/);
    const argument = refusalOf(resolverOf({ declared, overrides: { g: { x: 'maybe' } } }), 'g', 'x');
    expect(argument.message).to.match(/^command line: /);
  });

  it('is cut short in the message when it is long', () => {
    const declared = { 'g.x': { type: 'int' } } as const;
    const { message } = refusalOf(
      resolverOf({ declared, files: [`[g]\nx = ${'9x'.repeat(5000)}\n`] }),
      'g',
      'x',
    );
    expect(message.length).to.be.below(300);
  });
});

describe('a wrong value of an option without effect', () => {
  it('stops nothing: the option has its default', () => {
    const declared = { 'g.x': { type: 'int', default: 5, inert: 'nobody asks for it' } } as const;
    const { value, origin } = resolverOf({ declared, files: ['[g]\nx = many\n'] }).get('g', 'x');
    expect(value).to.equal(5);
    expect(origin).to.deep.equal({ file: 'a.conf', line: 2 });
  });
});

describe('a reference', () => {
  it('that nobody declared is refused, with a hint on how to write a dollar sign', () => {
    const error = refusalOf(resolverOf({ declared: { 'g.x': {} }, files: ['[g]\nx = a$nope\n'] }), 'g', 'x');
    expect(error.problem).to.equal('reference');
    expect(error.message).to.contain('"$$" is a dollar sign');
    expect(error.place).to.include({ line: 2, option: 'x' });
  });

  it('does not know DEFAULT as a section: its options are referred to by name alone', () => {
    const declared = { 'DEFAULT.host': { default: 'h' }, 'g.x': {}, 'g.y': {}, 'DEFAULT.z': {} };
    const files = ['[g]\nx = ${DEFAULT.host}\ny = $host\n[DEFAULT]\nz = $DEFAULT.host\n'];
    const resolver = resolverOf({ declared, files });
    expect(resolver.get('g', 'y').value).to.equal('h');
    for (const [section, name, line] of [['g', 'x', 2] as const, ['DEFAULT', 'z', 5] as const]) {
      const error = refusalOf(resolver, section, name);
      expect(error.problem).to.equal('reference');
      expect(error.message).to.contain('by their names alone');
      expect(error.place).to.include({ file: 'a.conf', line });
    }
  });

  it('that leads back to its option is refused', () => {
    const declared = { 'g.x': {}, 'g.y': {}, 'g.z': {} };
    const resolver = resolverOf({ declared, files: ['[g]\nx = $y\ny = $z\nz = $x\n'] });
    for (const name of ['x', 'y', 'z']) {
      expect(refusalOf(resolver, 'g', name).problem).to.equal('reference');
    }
  });

  it('to a wrong value reports that value, where it stands', () => {
    const declared = { 'g.x': {}, 'h.n': { type: 'int' } } as const;
    const resolver = resolverOf({ declared, files: ['[g]\nx = ${h.n}\n[h]\nn = many\n'] });
    expect(refusalOf(resolver, 'g', 'x').place).to.deep.equal({
      file: 'a.conf',
      line: 4,
      section: 'h',
      option: 'n',
    });
  });

  it('works in defaults and in lists, and on former names', () => {
    const declared = {
      'DEFAULT.host': { default: 'h', formerNames: [{ name: 'node' }] },
      'DEFAULT.port': { type: 'port', default: 80 },
      'g.urls': { type: 'list', default: ['http://$host:$port', '$node'] },
    } as const;
    expect(resolverOf({ declared }).get('g', 'urls').value).to.deep.equal(['http://h:80', 'h']);
  });
});
