/**
 * What is used of ldapjs: the messages that are sent. Its published types leave them out, so they are named here.
 *
 * Not used are its client (operations queue for ever while disconnected, a bind is lost when it reconnects, a StartTLS
 * that fails goes on in plain text, a malformed reply throws where nobody can catch it), its parser of names, which
 * loses backslashes, and with it its decoding of entries: `connection.ts`, `dn.ts` and `ber.ts` do that.
 */
import ldapjs from 'ldapjs';

/** Anything that ldapjs can write. */
export interface Encodable {
  toBer(): { readonly buffer: Buffer };
}
export type EncodableFilter = Encodable;
export type EncodableControl = object;

/** Written as its text says. ldapjs's own class would change it. */
export interface EncodableDn {
  toString(): string;
  readonly [Symbol.toStringTag]: 'LdapDn';
}

interface MessageOptions {
  readonly messageId: number;
  readonly controls?: readonly EncodableControl[];
}
type Message<Options> = new (options: Options & MessageOptions) => Encodable;
type FilterClass<Options> = new (options: Options) => EncodableFilter;

interface Library {
  readonly BindRequest: Message<{ name: string; authentication: 'Simple'; credentials: string }>;
  readonly UnbindRequest: Message<object>;
  readonly AbandonRequest: Message<{ abandonId: number }>;
  readonly ExtendedRequest: Message<{ requestName: string }>;
  readonly SearchRequest: Message<{
    baseObject: EncodableDn;
    scope: 'base' | 'one' | 'sub';
    derefAliases: number;
    sizeLimit: number;
    timeLimit: number;
    typesOnly: boolean;
    filter: EncodableFilter;
    attributes: readonly string[];
  }>;
  readonly AddRequest: Message<{ entry: EncodableDn; attributes: readonly object[] }>;
  readonly ModifyRequest: Message<{ object: EncodableDn; changes: readonly object[] }>;
  readonly DeleteRequest: Message<{ entry: EncodableDn }>;

  readonly Attribute: new (options: { type: string; values: readonly (string | Buffer)[] }) => object;
  readonly Change: new (options: { operation: 'add' | 'delete' | 'replace'; modification: object }) => object;
  readonly Control: new (options: { type: string; criticality: boolean }) => EncodableControl;
  readonly PagedResultsControl: new (options: {
    criticality: boolean;
    value: { size: number; cookie: Buffer };
  }) => EncodableControl;

  readonly AndFilter: FilterClass<{ filters: EncodableFilter[] }>;
  readonly OrFilter: FilterClass<{ filters: EncodableFilter[] }>;
  readonly NotFilter: FilterClass<{ filter: EncodableFilter }>;
  readonly PresenceFilter: FilterClass<{ attribute: string }>;
  readonly EqualityFilter: FilterClass<{ attribute: string; raw: Buffer }>;
  readonly GreaterThanEqualsFilter: FilterClass<{ attribute: string; value: string }>;
  readonly LessThanEqualsFilter: FilterClass<{ attribute: string; value: string }>;
  readonly ApproximateFilter: FilterClass<{ attribute: string; value: string }>;
  readonly SubstringFilter: FilterClass<{
    attribute: string;
    initial: string;
    any: string[];
    final: string;
  }>;
  readonly ExtensibleFilter: FilterClass<{
    attribute: string;
    rule: string;
    value: string;
    dnAttributes: boolean;
  }>;
}

export const library = ldapjs as unknown as Library;
