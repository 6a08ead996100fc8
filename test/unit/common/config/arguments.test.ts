import { expect } from 'chai';
import { parseArguments } from '../../../../src/common/config/arguments.js';
import type { OptionDeclaration } from '../../../../src/common/config/declaration.js';
import { ConfigError } from '../../../../src/common/config/errors.js';
import { OptionRegistry } from '../../../../src/common/config/registry.js';

const registry = new OptionRegistry();
const declare = (section: string, name: string, declaration: Partial<OptionDeclaration>) =>
  registry.register(section, name, { type: 'str', default: null, help: '', ...declaration });
const OPTIONS = [
  declare('DEFAULT', 'debug', { type: 'bool', default: false }),
  declare('DEFAULT', 'log_file', { formerNames: [{ name: 'logfile' }] }),
  declare('cache', 'argument', { type: 'multi' }),
  declare('cache', 'enabled', { type: 'bool' }),
];

function parse(...argv: string[]) {
  return parseArguments(argv, OPTIONS, { d: 'debug' });
}

describe('the arguments about the configuration', () => {
  it('keep files and folders in their order', () => {
    const { sources } = parse('--config-file', 'a', '--config-dir=d', '--config-file', 'b');
    expect(sources).to.deep.equal([
      { kind: 'file', path: 'a' },
      { kind: 'dir', path: 'd' },
      { kind: 'file', path: 'b' },
    ]);
  });

  it('set options, with their section in front unless it is DEFAULT', () => {
    const { overrides } = parse(
      '--debug',
      '--log-file=x=y',
      '--cache-argument',
      'a',
      '--cache-argument',
      'b',
    );
    expect(overrides).to.deep.equal({
      DEFAULT: { debug: 'true', log_file: 'x=y' },
      cache: { argument: ['a', 'b'] },
    });
  });

  it('know the no of an option, its letter, its former name and underscores', () => {
    expect(parse('--nodebug', '--cache-noenabled').overrides).to.deep.equal({
      DEFAULT: { debug: 'false' },
      cache: { enabled: 'false' },
    });
    expect(parse('-d', '--log_file', 'a').overrides['DEFAULT']).to.deep.equal({
      debug: 'true',
      log_file: 'a',
    });
    expect(parse('--logfile', 'a').overrides['DEFAULT']).to.deep.equal({ log_file: 'a' });
  });

  it('end where the command begins, whose own arguments are left alone', () => {
    const { rest, overrides } = parse('--debug', 'bootstrap', '--log-file', 'x', '-d');
    expect(rest).to.deep.equal(['bootstrap', '--log-file', 'x', '-d']);
    expect(overrides).to.deep.equal({ DEFAULT: { debug: 'true' } });
    expect(parse('--help', '--debug').rest).to.deep.equal(['--help', '--debug']);
  });

  it('are refused when a value is missing or does not belong', () => {
    for (const argv of [['--config-file'], ['--log-file', '--debug'], ['--debug=yes']]) {
      expect(() => parse(...argv), argv.join(' '))
        .to.throw(ConfigError)
        .with.property('problem', 'argument');
    }
    expect(parse('--log-file', '-1').overrides['DEFAULT']).to.deep.equal({ log_file: '-1' });
  });
});
