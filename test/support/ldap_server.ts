/**
 * A small LDAP server within the process, for machines without OpenLDAP and for what OpenLDAP does not do: the matching
 * rule of Active Directory for nested groups, answers that never come. It knows no schema, and one password for all
 * who may write.
 */
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import ldapjs from 'ldapjs';
import { dnKey, isBelow, parseDn } from '../../src/common/ldap/index.js';

/** Values by attribute. */
type Attributes = Readonly<Record<string, string | readonly string[]>>;

interface StoredEntry {
  readonly dn: string;
  /** By name in lower case. */
  readonly attributes: Map<string, { name: string; values: string[] }>;
}

interface FilterNode {
  readonly type: string;
  readonly attribute: string;
  readonly value: string;
  readonly clauses: readonly FilterNode[];
  readonly filter: FilterNode;
  readonly initial?: string;
  readonly any?: readonly string[];
  readonly final?: string;
  readonly matchingRule?: string;
}
interface ControlNode {
  readonly type: string;
  readonly value: { readonly size: number; readonly cookie: Buffer };
}
interface AttributeNode {
  readonly type: string;
  readonly values: string[];
}
interface Request {
  readonly dn: { toString(): string };
  readonly credentials: string;
  readonly attributes: unknown;
  readonly changes: readonly { readonly operation: string; readonly modification: AttributeNode }[];
  readonly scopeName: 'base' | 'single' | 'subtree';
  readonly filter: FilterNode;
  readonly sizeLimit: number;
  readonly controls: readonly ControlNode[];
  readonly connection: { ldap: { bindDN: { toString(): string } } };
}
interface Response {
  status: number;
  /** Those to send; compared as they are with names in lower case. */
  attributes: string[];
  end(code?: number): void;
  send(entry: { dn: string; attributes: Record<string, string[]> }): void;
  addControl(control: object): void;
}
type Handler = (request: Request, response: Response, next: () => void) => unknown;

/** Result codes of RFC 4511. */
const CODE = {
  success: 0,
  sizeLimitExceeded: 4,
  unavailableCriticalExtension: 12,
  noSuchAttribute: 16,
  attributeOrValueExists: 20,
  noSuchObject: 32,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  notAllowedOnNonLeaf: 66,
  entryAlreadyExists: 68,
} as const;
const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const TREE_DELETE = '1.2.840.113556.1.4.805';
const IN_CHAIN = '1.2.840.113556.1.4.1941';

const comparable = (value: string): string =>
  value.includes('=') ? dnKey(value) : value.trim().toLowerCase();

export class TestDirectory {
  /** Connections that are open. */
  readonly sockets = new Set<Socket>();
  connections = 0;
  /** Where it is, once it has started. */
  url = '';
  readonly binds: string[] = [];
  searches = 0;
  /** Whether pages are known. */
  pages = true;
  /** Whether trees can be deleted at once. */
  deletesTrees = true;
  /** Whether a name without a password is taken for nobody, who is let in (RFC 4513, section 5.1.2). */
  letsInWithoutPassword = false;
  /** Values that are sent of an attribute; more come in ranges, as from Active Directory. */
  mostValues = Number.POSITIVE_INFINITY;
  private readonly entries = new Map<string, StoredEntry>();
  private server: ReturnType<typeof ldapjs.createServer> | null = null;

  /** @param admin who may write. The passwords of others are in `userPassword`. */
  constructor(private readonly admin: { readonly dn: string; readonly password: string }) {}

  /** @returns the URL */
  async start(): Promise<string> {
    const server = ldapjs.createServer();
    this.server = server;
    server.on('error', () => undefined);
    const net = (server as unknown as { server: NetServer }).server;
    net.on('connection', (socket: Socket) => {
      this.connections += 1;
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    const writing =
      (handler: Handler): Handler =>
      (request, response, next) => {
        const isAdmin = dnKey(request.connection.ldap.bindDN.toString()) === dnKey(this.admin.dn);
        if (!isAdmin) return response.end(CODE.insufficientAccessRights);
        return handler(request, response, next);
      };
    server.bind('', this.bind);
    server.search('', this.search);
    server.add('', writing(this.add));
    server.modify('', writing(this.modify));
    server.del('', writing(this.del));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    this.url = `ldap://127.0.0.1:${(net.address() as AddressInfo).port}`;
    return this.url;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(resolve);
    });
  }

  /** Entries as LDIF, all in base64, as `slapd_trees.ts` writes them. */
  load(ldif: Iterable<string>): void {
    for (const text of ldif) {
      const attributes: Record<string, string[]> = {};
      for (const [, name = '', value = ''] of text.matchAll(/^(\S+):: (\S*)$/gm)) {
        (attributes[name] ??= []).push(Buffer.from(value, 'base64').toString());
      }
      const { dn, ...others } = attributes;
      this.put(dn?.[0] ?? '', others);
    }
  }

  put(dn: string, attributes: Attributes): void {
    const stored: StoredEntry = { dn, attributes: new Map() };
    for (const [name, values] of Object.entries(attributes)) {
      stored.attributes.set(name.toLowerCase(), { name, values: [values].flat() });
    }
    this.entries.set(dnKey(dn), stored);
  }

  private readonly bind: Handler = (request, response, next) => {
    const dn = request.dn.toString();
    this.binds.push(dn);
    const passwords =
      dnKey(dn) === dnKey(this.admin.dn)
        ? [this.admin.password]
        : (this.entries.get(dnKey(dn))?.attributes.get('userpassword')?.values ?? []);
    const isAnonymous = request.credentials === '' && (dn === '' || this.letsInWithoutPassword);
    if (!isAnonymous && !passwords.includes(request.credentials)) {
      return response.end(CODE.invalidCredentials);
    }
    response.end();
    return next();
  };

  private readonly search: Handler = (request, response) => {
    this.searches += 1;
    const asked = (request.attributes as string[]).map((name) => name.toLowerCase());
    // Which part of an attribute to send is looked at below.
    response.attributes = asked.some((name) => name.includes(';range=')) ? ['*'] : asked;
    const base = request.dn.toString();
    const page = request.controls.find(({ type }) => type === PAGED_RESULTS);
    if (page !== undefined && !this.pages) return response.end(CODE.unavailableCriticalExtension);
    if (!this.entries.has(dnKey(base))) return response.end(CODE.noSuchObject);
    const found = [...this.entries.values()].filter(
      (entry) => isInScope(entry.dn, base, request.scopeName) && this.matches(entry, request.filter),
    );
    const start = page === undefined ? 0 : Number(page.value.cookie.toString() || 0);
    const end = page === undefined ? found.length : start + page.value.size;
    const isCut = request.sizeLimit > 0 && found.length > request.sizeLimit;
    for (const { dn, attributes } of found.slice(start, isCut ? Math.min(end, request.sizeLimit) : end)) {
      const all = Object.fromEntries(
        [...attributes.values()].flatMap(({ name, values }) => this.inRanges(name, values, asked)),
      );
      if (this.mostValues < Number.POSITIVE_INFINITY) response.attributes = ['*'];
      response.send({ dn, attributes: all });
    }
    if (page !== undefined) {
      const cookie = Buffer.from(end < found.length ? String(end) : '');
      const { PagedResultsControl } = ldapjs as unknown as {
        PagedResultsControl: new (options: object) => object;
      };
      response.addControl(new PagedResultsControl({ value: { size: found.length, cookie } }));
    }
    return response.end(isCut && end >= request.sizeLimit ? CODE.sizeLimitExceeded : CODE.success);
  };

  private inRanges(name: string, values: readonly string[], asked: readonly string[]): [string, string[]][] {
    const prefix = `${name.toLowerCase()};range=`;
    const start = Number(
      /^(\d+)/.exec(asked.find((one) => one.startsWith(prefix))?.slice(prefix.length) ?? '0')?.[1],
    );
    if (start === 0 && values.length <= this.mostValues) return [[name, [...values]]];
    const end = Math.min(start + this.mostValues, values.length);
    const last = end === values.length ? '*' : String(end - 1);
    return [
      [name, []],
      [`${name};range=${start}-${last}`, values.slice(start, end)],
    ];
  }

  private readonly add: Handler = (request, response) => {
    const dn = request.dn.toString();
    if (this.entries.has(dnKey(dn))) return response.end(CODE.entryAlreadyExists);
    if (!this.entries.has(parentKey(dn))) return response.end(CODE.noSuchObject);
    const list = request.attributes as readonly AttributeNode[];
    this.put(dn, Object.fromEntries(list.map(({ type, values }) => [type, values])));
    return response.end();
  };

  private readonly modify: Handler = (request, response) => {
    const entry = this.entries.get(dnKey(request.dn.toString()));
    if (entry === undefined) return response.end(CODE.noSuchObject);
    for (const { operation, modification } of request.changes) {
      const code = change(entry, operation, modification);
      if (code !== CODE.success) return response.end(code);
    }
    return response.end();
  };

  private readonly del: Handler = (request, response) => {
    const dn = request.dn.toString();
    if (!this.entries.has(dnKey(dn))) return response.end(CODE.noSuchObject);
    const below = [...this.entries.values()].filter((entry) => isBelow(entry.dn, dn));
    const withTree = this.deletesTrees && request.controls.some(({ type }) => type === TREE_DELETE);
    if (below.length > 0 && !withTree) return response.end(CODE.notAllowedOnNonLeaf);
    for (const entry of below) this.entries.delete(dnKey(entry.dn));
    this.entries.delete(dnKey(dn));
    return response.end();
  };

  private matches(entry: StoredEntry, filter: FilterNode): boolean {
    const values = (): string[] => entry.attributes.get(filter.attribute.toLowerCase())?.values ?? [];
    switch (filter.type) {
      case 'AndFilter':
        return filter.clauses.every((clause) => this.matches(entry, clause));
      case 'OrFilter':
        return filter.clauses.some((clause) => this.matches(entry, clause));
      case 'NotFilter':
        return !this.matches(entry, filter.filter);
      case 'PresenceFilter':
        return values().length > 0;
      case 'EqualityFilter':
        return values().map(comparable).includes(comparable(filter.value));
      case 'SubstringFilter':
        return values().some((value) => hasParts(value.toLowerCase(), filter));
      case 'ExtensibleFilter':
        return (
          filter.matchingRule === IN_CHAIN &&
          this.leadsTo(entry, filter.attribute, comparable(filter.value), new Set())
        );
      default:
        return false;
    }
  }

  /** Whether a name is among the values of an attribute, or of the entries that those name, and so on. */
  private leadsTo(entry: StoredEntry, attribute: string, wanted: string, seen: Set<string>): boolean {
    const keys = (entry.attributes.get(attribute.toLowerCase())?.values ?? []).map(dnKey);
    return keys.some((key) => {
      if (key === wanted) return true;
      if (seen.has(key)) return false;
      seen.add(key);
      const next = this.entries.get(key);
      return next !== undefined && this.leadsTo(next, attribute, wanted, seen);
    });
  }
}

function parentKey(dn: string): string {
  return dnKey(dn.slice(dn.indexOf(',') + 1));
}

function isInScope(dn: string, base: string, scope: Request['scopeName']): boolean {
  if (dnKey(dn) === dnKey(base)) return scope !== 'single';
  if (scope === 'base' || !isBelow(dn, base)) return false;
  return scope === 'subtree' || parseDn(dn).length === parseDn(base).length + 1;
}

function hasParts(value: string, filter: FilterNode): boolean {
  const initial = plain(filter.initial ?? '');
  const final = plain(filter.final ?? '');
  if (!value.startsWith(initial) || !value.endsWith(final)) return false;
  return (filter.any ?? []).every((part) => value.includes(plain(part)));
}

/** ldapjs has turned what came over the wire into an escaped text. */
function plain(text: string): string {
  const unescaped = text.replace(/(?:\\[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString(),
  );
  return unescaped.toLowerCase();
}

function change({ attributes }: StoredEntry, operation: string, { type, values }: AttributeNode): number {
  const key = type.toLowerCase();
  const current = attributes.get(key)?.values ?? [];
  const has = (value: string): boolean => current.map(comparable).includes(comparable(value));
  let next: string[];
  if (operation === 'add') {
    if (values.some(has)) return CODE.attributeOrValueExists;
    next = [...current, ...values];
  } else if (operation === 'delete') {
    if (current.length === 0 || !values.every(has)) return CODE.noSuchAttribute;
    const gone = values.map(comparable);
    next = values.length === 0 ? [] : current.filter((value) => !gone.includes(comparable(value)));
  } else {
    next = values;
  }
  if (next.length === 0) attributes.delete(key);
  else attributes.set(key, { name: type, values: next });
  return CODE.success;
}
