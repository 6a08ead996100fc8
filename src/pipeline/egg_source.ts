import type { Conf, Context, ContextSource, Frame, ObjectType } from './context.js';
import type { Site } from './errors.js';
import type { Session } from './session.js';
import { isUri, type OpenUri } from './uri.js';

/** The entry points of one distribution. */
export class EggSource implements ContextSource {
  readonly #session: Session;
  readonly #distribution: string;
  readonly #folder: string;
  readonly #open: OpenUri;

  /** @param folder where installed packages are looked for first */
  constructor(session: Session, distribution: string, folder: string, open: OpenUri) {
    this.#session = session;
    this.#distribution = distribution;
    this.#folder = folder;
    this.#open = open;
  }

  getContext(
    objectType: ObjectType,
    name: string | null,
    globalConf: Conf | undefined,
    site: Site,
    ancestry: readonly Frame[],
  ): Context {
    if (name !== null && isUri(name)) return this.#open(objectType, name, { globalConf }, site, ancestry);
    const entry = name ?? 'main';
    const found = this.#session.resolver.egg(objectType, this.#distribution, entry, this.#folder, site);
    return {
      type: 'factory',
      objectType,
      asked: `egg:${this.#distribution}#${entry}`,
      site,
      named: site,
      protocol: found.protocol,
      reference: found.reference,
      // The caller's own, so that what a section sets later reaches it; an empty one counts as none.
      globalConf: globalConf !== undefined && globalConf.size > 0 ? globalConf : new Map(),
      localConf: new Map(),
      source: this,
      trail: [],
      ancestry,
    };
  }
}
