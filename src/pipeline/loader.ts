import { isAbsolute } from 'node:path';
import { ConfigSource } from './config_source.js';
import type { Context, Frame, ObjectType } from './context.js';
import { EggSource } from './egg_source.js';
import { fail, type Site } from './errors.js';
import type { Session } from './session.js';
import { nearest } from './suggest.js';
import { unquote } from './text.js';
import type { OpenUri, UriOptions } from './uri.js';

const schemes = ['config', 'egg', 'call'];

/**
 * Find what a URI names: `config:FILE#NAME`, `egg:DISTRIBUTION#NAME` or `call:MODULE:FUNCTION`.
 *
 * Nothing is executed: the result is a tree of what would be built. Problems within the tree are reported to the
 * session, so that all of them are found at once.
 *
 * @throws PipelineError when the URI itself leads nowhere
 */
export function loadContext(
  session: Session,
  objectType: ObjectType,
  uri: string,
  options: UriOptions,
  site: Site,
  ancestry: readonly Frame[] = [],
): Context {
  const hash = uri.indexOf('#');
  const address = hash < 0 ? uri : uri.slice(0, hash);
  const name = options.name ?? (hash < 0 ? 'main' : uri.slice(hash + 1));
  const colon = address.indexOf(':');
  if (colon < 0) {
    fail('no-scheme', `'${uri}' names no scheme: write config:, egg: or call: before it`, site, {
      name: uri,
    });
  }
  const open: OpenUri = (...inner) => loadContext(session, ...inner);
  const scheme = address.slice(0, colon).toLowerCase();
  const rest = address.slice(colon + 1);
  if (scheme === 'config') {
    const source = new ConfigSource(
      session,
      configPath(rest, options.relativeTo, site),
      options.globalConf,
      open,
      site,
    );
    return source.getContext(objectType, name, options.globalConf, site, ancestry);
  }
  const folder = options.relativeTo ?? '.';
  if (scheme === 'egg') {
    return new EggSource(session, rest, folder, open).getContext(
      objectType,
      name,
      options.globalConf,
      site,
      ancestry,
    );
  }
  if (scheme === 'call') {
    return {
      type: 'factory',
      objectType,
      asked: uri,
      site,
      named: site,
      // Only a section can say what the function makes, and then the section's file answers for names.
      protocol: undefined,
      source: {
        getContext: (_type, asked, _conf, from) =>
          fail('bad-protocol', `'${uri}' stands in no section`, from, { name: asked ?? uri }),
      },
      reference: session.resolver.call(rest, folder, site),
      globalConf: options.globalConf ?? new Map(),
      localConf: new Map(),
      trail: [],
      ancestry,
    };
  }
  return fail('unknown-scheme', `'${uri}': the schemes are config:, egg: and call:`, site, {
    name: scheme,
    nearest: nearest(scheme, schemes),
  });
}

function configPath(path: string, relativeTo: string | undefined, site: Site): string {
  let file = path.replaceAll('\\', '/');
  if (!isAbsolute(path)) {
    if (relativeTo === undefined || relativeTo === '') {
      fail(
        'relative-without-base',
        `'config:${path}' is relative, but to nothing: give a path that begins with /`,
        site,
        { name: path },
      );
    }
    const base = relativeTo.replaceAll('\\', '/');
    file = base.endsWith('/') ? base + file : `${base}/${file}`;
  }
  return unquote(file.startsWith('///') ? file.slice(2) : file);
}
