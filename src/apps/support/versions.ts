/** The versions of the API that a paste file serves, and the documents by which clients find them. */
import type { ParameterizedContext } from 'koa';
import { LRUCache } from 'lru-cache';
import { bestMatch } from '../../common/http/accept.js';
import type { BaseUrl } from '../../common/http/base_url.js';
import type { JsonHomeResources } from '../../common/http/json_home.js';

export type VersionName = 'v2.0' | 'v3';
export type VersionFormat = 'json' | 'json-home';

/** The stack that an application is made for. v3 is the same in both. */
export type Face = 'public' | 'admin';

/** What the applications of one loaded paste file tell each other: only versions that it serves are announced. */
export class LoadedVersions {
  readonly #v2 = new Set<Face>();
  readonly #announced = new Set<Face>();
  #hasV3 = false;
  #resources: JsonHomeResources = {};

  registerV2(face: Face): void {
    this.#v2.add(face);
  }

  registerV3(): void {
    this.#hasV3 = true;
  }

  /** Somebody lists the versions of a stack. */
  announce(face: Face): void {
    this.#announced.add(face);
  }

  /** Whether a stack has a version. One list alone speaks for both stacks. */
  has(version: VersionName, face: Face): boolean {
    if (version === 'v3') return this.#hasV3;
    return this.#v2.has(face) || (this.#v2.size > 0 && this.#announced.size === 1);
  }

  /** Resources of v3, hrefs under `/v3`: of the application and of the extensions in front of it. */
  addResources(resources: JsonHomeResources): void {
    this.#resources = { ...this.#resources, ...resources };
  }

  get resources(): JsonHomeResources {
    return this.#resources;
  }
}

interface VersionDocument {
  readonly id: string;
  readonly status: string;
  readonly updated: string;
  readonly links: readonly object[];
  readonly 'media-types': readonly object[];
}

function mediaTypes(version: string): readonly object[] {
  return [{ base: 'application/json', type: `application/vnd.openstack.identity-${version}+json` }];
}

/** @param base public or admin base URL, without a slash at its end */
export function versionDocument(version: VersionName, base: string): VersionDocument {
  const self = { rel: 'self', href: `${base}/${version}/` };
  if (version === 'v3') {
    return {
      id: 'v3.7',
      status: 'stable',
      updated: '2016-10-06T00:00:00Z',
      links: [self],
      'media-types': mediaTypes('v3'),
    };
  }
  return {
    id: 'v2.0',
    status: 'deprecated',
    updated: '2016-08-04T00:00:00Z',
    links: [self, { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
    'media-types': mediaTypes('v2.0'),
  };
}

/** JSON home only for clients that prefer it; a tie, or nothing that we have, gives JSON. */
export function wantedFormat(ctx: ParameterizedContext): VersionFormat {
  const best = bestMatch(ctx.req.headers.accept, ['application/json', 'application/json-home']);
  return best === 'application/json-home' ? 'json-home' : 'json';
}

/** Base URLs follow the Host header where no endpoint is configured: only so many documents are kept. */
const MAX_BASES = 64;

/** A document that depends on nothing but the base URL, as text, made once per base. */
export function documentByBase(
  baseUrl: BaseUrl,
  build: (base: string) => object,
): (ctx: ParameterizedContext) => string {
  const texts = new LRUCache<string, string>({ max: MAX_BASES });
  return (ctx) => {
    const base = baseUrl(ctx);
    let text = texts.get(base);
    if (text === undefined) {
      text = JSON.stringify(build(base));
      texts.set(base, text);
    }
    return text;
  };
}
