import { expect } from 'chai';
import type { ConfigValue, OptionDeclaration } from '../../../../src/common/config/declaration.js';
import { ConfigError, ValueProblem } from '../../../../src/common/config/errors.js';
import { OptionRegistry } from '../../../../src/common/config/registry.js';
import { valueText } from '../../../../src/common/config/text.js';
import { readValue } from '../../../../src/common/config/values.js';

type Rules = Partial<OptionDeclaration> & Pick<OptionDeclaration, 'type'>;

function accepts(rules: Rules, values: readonly (readonly [text: string, value: ConfigValue])[]): void {
  for (const [text, value] of values) {
    expect(readValue(text, rules), JSON.stringify(text)).to.deep.equal(value);
  }
}

function refuses(rules: Rules, texts: readonly string[]): void {
  for (const text of texts) {
    expect(() => readValue(text, rules), JSON.stringify(text)).to.throw(ValueProblem);
  }
}

describe('the types of options', () => {
  it('whole numbers are decimal, and nothing when blank', () => {
    accepts({ type: 'int' }, [
      ['007', 7],
      ['+1_000', 1000],
      ['-0', 0],
      [' 5 ', 5],
      ['', null],
      ['99999999999999999999', 1e20],
      // The decimal digits of every script, as in Python; a superscript is none.
      ['-٣\u{1d7d8}', -30],
    ]);
    refuses({ type: 'int' }, ['1.0', '0x1f', '1__0', '_1', '1e3', '²', 'true', '- 1']);
  });

  it('numbers are finite', () => {
    accepts({ type: 'float' }, [
      ['.5', 0.5],
      ['5.', 5],
      ['1e3', 1000],
      ['-1_0.5', -10.5],
      ['１.５', 1.5],
      ['', null],
    ]);
    refuses({ type: 'float' }, ['inf', 'nan', '1e999', '1,5', 'e3', '.']);
  });

  it('ports have bounds of their own', () => {
    accepts({ type: 'port' }, [
      ['0', 0],
      ['65535', 65535],
    ]);
    refuses({ type: 'port' }, ['65536', '-1']);
    refuses({ type: 'port', min: 1024 }, ['80']);
    refuses({ type: 'port', choices: [80, 443] }, ['81']);
  });

  it('texts keep to choices, expressions and lengths', () => {
    accepts({ type: 'str', choices: ['abc'], ignoreCase: true }, [['AbC', 'AbC']]);
    refuses({ type: 'str', choices: ['abc'] }, ['AbC', '']);
    refuses({ type: 'str', regex: '^[a-z]+$' }, ['ab1']);
    accepts({ type: 'str', maxLength: 2 }, [['\u{1f511}\u{1f511}', '\u{1f511}\u{1f511}']]);
    refuses({ type: 'str', maxLength: 2 }, ['abc']);
  });

  it('lists drop commas at their end and join items that their type refuses with the next one', () => {
    accepts({ type: 'list' }, [
      ['a, b,,', ['a', 'b']],
      [',a', ['', 'a']],
      ['', []],
      [' , ', []],
    ]);
    accepts({ type: 'list', item: { type: 'str', quotes: true } }, [['"a,b",c', ['a,b', 'c']]]);
    refuses({ type: 'list', item: { type: 'str', quotes: true } }, ['"a,b']);
    accepts({ type: 'list', bounds: true }, [
      ['[a, b]', ['a', 'b']],
      ['[]', []],
    ]);
    refuses({ type: 'list', bounds: true }, ['a, b', '[a', '[']);
  });

  it('dicts take a comma that no pair follows into the value before it, and any name for a key', () => {
    const read = readValue('url:http://h:1/,__proto__:x', { type: 'dict' });
    expect(Object.entries(read ?? {})).to.deep.equal([
      ['url', 'http://h:1/'],
      ['__proto__', 'x'],
    ]);
    refuses({ type: 'dict' }, ['a', 'a:1,', ':1', 'a:1,a:2', 'a:1,b']);
    accepts({ type: 'dict', item: { type: 'int' } }, [['a:1', { a: 1 }]]);
  });

  it('addresses are whole addresses', () => {
    accepts({ type: 'ip' }, [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '::1'],
      ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ]);
    refuses({ type: 'ip' }, ['1.2.3', '1.2.3.4/24', '01.2.3.4', 'fe80::1%eth0', '', '[::1]', 'localhost']);
    refuses({ type: 'ip', version: 4 }, ['::1']);
    accepts({ type: 'host_address' }, [
      ['a.example.com', 'a.example.com'],
      ['::1', '::1'],
    ]);
    refuses({ type: 'host_address' }, ['1.2.3.400', 'a_b', '-a', 'a..b', `${'a'.repeat(64)}.b`]);
    accepts({ type: 'host_domain' }, [['a_b.example', 'a_b.example']]);
    accepts({ type: 'hostname' }, [['a.example.com.', 'a.example.com']]);
  });

  it('URIs have a scheme and a host', () => {
    const good = [
      'https://h:5000/v3?q=[1]#f',
      'ldap://[::1]:389',
      'http://u:p@h',
      'http://h:80/a b',
      'x+y://h',
    ];
    accepts(
      { type: 'uri' },
      good.map((uri) => [uri, uri] as const),
    );
    refuses({ type: 'uri' }, [
      '',
      'h',
      '//h',
      'http://',
      'http:///p',
      'http://1.2.3.999',
      'http://[::1',
      'http://h o/',
      '1http://h',
    ]);
    refuses({ type: 'uri', schemes: ['https'] }, ['http://h']);
    refuses({ type: 'uri', maxLength: 8 }, ['http://hh']);
  });

  it('refusals say what is allowed and do not repeat the value', () => {
    const rules: readonly Rules[] = [
      { type: 'int' },
      { type: 'bool' },
      { type: 'str', choices: ['a'] },
      { type: 'str', regex: '^a$' },
      { type: 'str', maxLength: 3 },
      { type: 'str', quotes: true },
      { type: 'uri' },
      { type: 'ip' },
      { type: 'hostname' },
      { type: 'dict' },
      { type: 'list', bounds: true },
    ];
    for (const rule of rules) {
      expect(() => readValue('"s3cret_', rule), rule.type)
        .to.throw(ValueProblem)
        .with.property('message')
        .not.contain('s3cret');
    }
  });
});

describe('a value within another one', () => {
  it('reads as Python writes it', () => {
    expect(valueText(null, false)).to.equal('');
    expect(valueText(true, false)).to.equal('True');
    expect(valueText(2, true)).to.equal('2.0');
    expect([1e16, 1e-5, 1234.5, -0].map((value) => valueText(value, true))).to.deep.equal([
      '1e+16',
      '1e-05',
      '1234.5',
      '-0.0',
    ]);
    expect(valueText(1e21, false)).to.equal('1000000000000000000000');
    expect(valueText(['a', "it's", null, 1], false)).to.equal(`['a', "it's", None, 1]`);
    expect(valueText({ a: 'b' }, false)).to.equal("{'a': 'b'}");
  });
});

describe('a declaration', () => {
  const register = (declaration: Partial<OptionDeclaration>): unknown =>
    new OptionRegistry().register('g', 'x', { type: 'str', default: null, help: '', ...declaration });

  it('is refused when it contradicts itself', () => {
    const wrong: readonly Partial<OptionDeclaration>[] = [
      { type: 'int', min: 2, max: 1 },
      { type: 'port', max: 70000 },
      { type: 'port', choices: [80], max: 79 },
      { type: 'int', choices: [1] },
      { choices: ['a'], regex: 'a' },
      { choices: ['a'], default: 'b' },
      { type: 'int', min: 1, default: 0 },
      { type: 'bool', default: 1 },
      { type: 'multi', item: { type: 'int' }, default: [1] },
    ];
    for (const declaration of wrong) {
      expect(() => register(declaration), JSON.stringify(declaration))
        .to.throw(ConfigError)
        .with.property('problem', 'declaration');
    }
  });

  it('may be made twice, but not differently', () => {
    const registry = new OptionRegistry();
    const declaration: OptionDeclaration = { type: 'str', default: null, help: '' };
    registry.register('g', 'my-option', declaration);
    expect(registry.register('g', 'my_option', { ...declaration }).name).to.equal('my_option');
    expect(() => registry.register('g', 'my_option', { ...declaration, default: 'a' })).to.throw(ConfigError);
    expect(() => registry.register('g', '_private', declaration)).to.throw(ConfigError);
  });
});
