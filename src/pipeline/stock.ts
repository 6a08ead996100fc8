import { cascade } from './cascade.js';
import { emptyRegistry, type Registry } from './registry.js';
import { urlmap } from './urlmap.js';

/** A registry that holds what every paste file may count on: `egg:Paste#urlmap` and `egg:Paste#cascade`. */
export function createRegistry(): Registry {
  const registry = emptyRegistry();
  registry.add('Paste', 'urlmap', 'composite', () => urlmap, { aliases: ['paste.urlmap:urlmap_factory'] });
  registry.add('Paste', 'cascade', 'composite', () => cascade, { aliases: ['paste.cascade:make_cascade'] });
  return registry;
}
