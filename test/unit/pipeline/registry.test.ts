import { expect } from 'chai';
import { createRegistry } from '../../../src/pipeline/index.js';
import { emptyRegistry } from '../../../src/pipeline/registry.js';
import { nearest } from '../../../src/pipeline/suggest.js';

const load = () => () => undefined;

describe('the registry of built-in names', () => {
  it('takes distributions for the same however their case and dashes are written', () => {
    const registry = emptyRegistry();
    registry.add('oslo.middleware', 'cors', 'filter', load);
    for (const name of ['oslo.middleware', 'Oslo_Middleware', 'oslo-middleware', 'OSLO.-_MIDDLEWARE']) {
      expect(registry.has(name), name).to.equal(true);
      expect([...registry.entries(name, 'cors').keys()], name).to.deep.equal(['paste.filter_factory']);
    }
    expect(registry.has('oslomiddleware')).to.equal(false);
    expect(registry.entries('oslo.middleware', 'Cors').size).to.equal(0);
  });

  it('finds an alias however it is spaced', () => {
    const registry = emptyRegistry();
    registry.add('d', 'e', 'filter', load, { aliases: ['pkg.mod:Class.factory'] });
    for (const spec of [
      'pkg.mod:Class.factory',
      'pkg.mod : Class.factory',
      'pkg.mod:Class.factory [extra]',
    ]) {
      expect(registry.object(spec)?.label, spec).to.equal('egg:d#e');
    }
    expect(registry.object('pkg.mod:Class.Factory')).to.equal(undefined);
    expect(registry.object('./file.js:factory')).to.equal(undefined);
  });

  it('refuses to know two things by one name', () => {
    const registry = emptyRegistry();
    registry.add('d', 'e', 'filter', load, { aliases: ['m:a'] });
    expect(() => registry.add('D', 'e', 'filter', load)).to.throw(/egg:D#e is registered twice/);
    expect(() => registry.add('d', 'f', 'filter', load, { aliases: ['m:a'] })).to.throw(
      /'m:a' is registered twice/,
    );
    registry.add('d', 'e', 'app', load);
  });

  it('has urlmap and cascade from the start, by their Python names, too', () => {
    const registry = createRegistry();
    expect(registry.names('paste', ['paste.composite_factory'])).to.deep.equal(['urlmap', 'cascade']);
    expect(registry.object('paste.urlmap:urlmap_factory')).to.equal(
      registry.entries('Paste', 'urlmap').get('paste.composite_factory'),
    );
  });
});

describe('the nearest name', () => {
  for (const [wrong, names, right] of [
    ['sizelimt', ['cors', 'sizelimit', 'size'], 'sizelimit'],
    ['tokne_auth', ['token_auth', 'admin_token_auth'], 'token_auth'],
    ['CORS', ['cors', 'core'], 'cors'],
    ['xyz', ['sizelimit', 'cors'], undefined],
    ['', ['a'], undefined],
    ['a', [], undefined],
  ] as const) {
    it(`to '${wrong}' among ${names.join(', ')} is ${right}`, () => {
      expect(nearest(wrong, names)).to.equal(right);
    });
  }
});
