import { expect } from 'chai';
import { normalizeUrl, parsePathExpression, UrlMap, UrlMapError } from '../../src/pipeline/urlmap.js';
import { eachCase, type VectorCase, vectorCases } from './support.js';

const file = 'urlmap.json';

interface ParseCase extends VectorCase {
  readonly kind: 'parse_path_expression' | 'normalize_url';
  readonly input: string;
  readonly trim?: boolean;
  readonly expected?: unknown;
  readonly error?: Failure;
}

interface Failure {
  readonly python: string;
}

interface DispatchCase extends VectorCase {
  readonly kind: 'dispatch';
  readonly mapping: readonly (readonly [expression: string, app: string])[];
  readonly request: {
    readonly host?: string;
    readonly server_name?: string;
    readonly path: string;
    readonly script_name: string;
    readonly scheme: string;
  };
  readonly not_found_app?: boolean;
  readonly order: readonly (readonly [string | null, string])[];
  readonly expected?:
    | { readonly app: string; readonly script_name: string; readonly path_info: string }
    | { readonly status: number };
  readonly error?: Failure;
}

function dispatch({ mapping, request, not_found_app: notFoundApp }: DispatchCase): unknown {
  const map = new UrlMap<string>();
  for (const [expression, app] of mapping) map.add(parsePathExpression(expression), app);
  const [, path] = normalizeUrl(request.path, false);
  const mount = map.find(path, request.host ?? request.server_name ?? '', request.scheme);
  if (mount !== undefined) {
    return {
      app: mount.app,
      script_name: request.script_name + mount.path,
      path_info: path.slice(mount.path.length),
    };
  }
  return notFoundApp === true
    ? { app: 'NOT-FOUND-APP', script_name: request.script_name, path_info: request.path }
    : { status: 404 };
}

function outcome(vector: ParseCase | DispatchCase): unknown {
  switch (vector.kind) {
    case 'parse_path_expression':
      return parsePathExpression(vector.input);
    case 'normalize_url':
      return normalizeUrl(vector.input, vector.trim);
    default:
      return dispatch(vector);
  }
}

describe(`vectors: ${file}`, () => {
  eachCase(file, vectorCases<ParseCase | DispatchCase>(file), (vector) => {
    if (vector.error === undefined) expect(outcome(vector)).to.deep.equal(vector.expected);
    // The original stumbles over a missing Host header while it writes the page that says "not found".
    else if (vector.error.python === 'AttributeError') expect(outcome(vector)).to.deep.equal({ status: 404 });
    else expect(() => outcome(vector)).to.throw(UrlMapError);
    if (vector.kind === 'dispatch') {
      const map = new UrlMap<string>();
      for (const [expression, app] of vector.mapping) map.add(parsePathExpression(expression), app);
      expect(map.mounts.map(({ domain, path }) => [domain, path])).to.deep.equal(vector.order);
    }
  });
});
