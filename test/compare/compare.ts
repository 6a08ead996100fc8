/** Sends the same requests to two services, and says what differs in their answers. */
import { type IncomingHttpHeaders, request } from 'node:http';

export interface Server {
  /** Without a version. */
  readonly url: string;
  readonly admin: Readonly<Record<'name' | 'password' | 'project', string>>;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** `{name}` in path, body and headers stands for what an earlier step saved under that name. */
export interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  /** A body that is not JSON, as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Names for parts of the answer: `user.id`, or `header:X-Subject-Token`. */
  readonly save?: Readonly<Record<string, string>>;
}

export interface Difference {
  /** Method and path of the step, with the names. */
  readonly step: string;
  /** `status`, `header NAME`, or the path of a value in the body, such as `users[].name`. */
  readonly where: string;
  /** The first one's value; `(absent)` when it has none. */
  readonly first: string;
  readonly second: string;
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Json;
}

const COMPARED_HEADERS = [
  'content-type',
  'vary',
  'www-authenticate',
  'location',
  'allow',
  'x-subject-token',
  'x-openstack-request-id',
];
const ABSENT = '(absent)';

function lookUp(body: Json, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const key of path.split('.')) {
    value = isObject(value)
      ? value[key]
      : Array.isArray(value)
        ? (value as readonly Json[])[Number(key)]
        : undefined;
  }
  return value;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Json {
  try {
    return text === '' ? null : (JSON.parse(text) as Json);
  } catch {
    return text;
  }
}

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request on a connection of its own: uwsgi closes them without saying so. */
function ask(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    outgoing.on('error', (error) =>
      reject(new Error(`${method} ${url}: ${error.message}`, { cause: error })),
    );
    outgoing.end(body);
  });
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** One of the two, and what its answers named. */
class Side {
  private readonly names = new Map<string, string>();

  constructor(private readonly server: Server) {
    for (const [name, value] of Object.entries(server.admin)) this.names.set(`admin_${name}`, value);
  }

  private fill(text: string): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => this.names.get(name) ?? whole);
  }

  async send(step: Step): Promise<Answer> {
    const body = step.text ?? (step.body === undefined ? undefined : this.fill(JSON.stringify(step.body)));
    const headers = Object.entries(step.headers ?? {}).map(
      ([name, value]) => [name, this.fill(value)] as const,
    );
    const response = await ask(
      `${this.server.url}${this.fill(step.path)}`,
      step.method,
      {
        ...(body !== undefined && {
          'Content-Type': 'application/json',
          'Content-Length': String(Buffer.byteLength(body)),
        }),
        ...Object.fromEntries(headers),
      },
      body,
    );
    const parsed = parse(response.text);
    const saved = Object.entries(step.save ?? {}).map(([name, from]) => {
      const value = from.startsWith('header:')
        ? headerOf(response.headers, from.slice(7).toLowerCase())
        : lookUp(parsed, from);
      return [name, value] as const;
    });
    for (const [name, value] of saved) if (typeof value === 'string') this.names.set(name, value);
    return {
      status: response.status,
      headers: new Map(
        COMPARED_HEADERS.flatMap((name) => {
          const value = headerOf(response.headers, name);
          return value === undefined ? [] : [[name, this.settle(value)] as const];
        }),
      ),
      body: this.settleAll(parsed),
    };
  }

  /** A text without what cannot be the same in two services: addresses, ids, times, tokens. */
  private settle(text: string): string {
    let settled = text.replaceAll(this.server.url, '{url}');
    for (const [name, value] of this.names) {
      if (/^[0-9a-f]{32,64}$/.test(value)) settled = settled.replaceAll(value, `{${name}}`);
    }
    return settled
      .replaceAll(/gAAAA[\w-]+={0,2}/g, '{token}')
      .replaceAll(/req-[0-9a-f-]{36}/g, '{request}')
      .replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b/g, '{id}')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z/g, (_, fraction?: string) =>
        fraction === undefined ? '{time}' : '{time with fraction}',
      );
  }

  private settleAll(value: Json, key = ''): Json {
    if (key === 'audit_ids') return Array.isArray(value) ? value.length : value;
    if (typeof value === 'string') return this.settle(value);
    if (Array.isArray(value)) {
      const items = (value as readonly Json[]).map((item) => this.settleAll(item));
      return items
        .map((item) => [sortKey(item), item] as const)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([, item]) => item);
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [this.settle(name), this.settleAll(item, name)]),
    );
  }
}

/** Lists have no promised order. */
function sortKey(item: Json): string {
  if (!isObject(item)) return JSON.stringify(item);
  return JSON.stringify([item['name'] ?? item['interface'] ?? '', item['id'] ?? '', item]);
}

function* differences(
  first: Json | undefined,
  second: Json | undefined,
  where: string,
): Generator<Omit<Difference, 'step'>> {
  if (isObject(first) && isObject(second)) {
    for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
      yield* differences(first[key], second[key], where === '' ? key : `${where}.${key}`);
    }
  } else if (Array.isArray(first) && Array.isArray(second) && first.length === second.length) {
    for (const [index, item] of (first as readonly Json[]).entries()) {
      yield* differences(item, (second as readonly Json[])[index], `${where}[]`);
    }
  } else if (JSON.stringify(first) !== JSON.stringify(second)) {
    const show = (value: Json | undefined): string => (value === undefined ? ABSENT : JSON.stringify(value));
    yield { where, first: show(first), second: show(second) };
  }
}

/** All differences, in the order of the steps. @throws Error when a service does not answer */
export async function compare(first: Server, second: Server, steps: readonly Step[]): Promise<Difference[]> {
  const sides = [new Side(first), new Side(second)] as const;
  const found: Difference[] = [];
  for (const step of steps) {
    const [one, other] = await Promise.all([sides[0].send(step), sides[1].send(step)]);
    const title = `${step.method} ${step.path}`;
    const add = (difference: Omit<Difference, 'step'>): void =>
      void found.push({ step: title, ...difference });
    for (const difference of differences(one.status, other.status, 'status')) add(difference);
    for (const name of COMPARED_HEADERS) {
      for (const difference of differences(
        one.headers.get(name),
        other.headers.get(name),
        `header ${name}`,
      )) {
        add(difference);
      }
    }
    for (const difference of differences(one.body, other.body, '')) add(difference);
  }
  return found;
}
