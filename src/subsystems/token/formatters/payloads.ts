/**
 * The payloads of Fernet tokens: what each version holds, in which order, and when it is chosen.
 *
 * A payload is a flat array `[version, field, …]`. An id that may be anything is a pair `[true, 16 bytes]` when it is
 * a UUID and `[false, text]` when not. Versions 0 to 7 are Newton's, 8 and 9 came later; elements behind the last
 * field are ignored, as all releases do.
 */
import {
  packAuditId,
  packDomain,
  packId,
  packTime,
  packUuid,
  readArray,
  readAuditId,
  readDomain,
  readId,
  readInteger,
  readOptionalId,
  readText,
  readTime,
  readUuid,
} from './elements.js';
import { InvalidTokenError } from './errors.js';
import type { MethodBits } from './methods.js';
import type { PackValue, UnpackedValue, Wire } from './msgpack.js';

export interface FederatedInfo {
  readonly groupIds: readonly string[];
  readonly idpId: string;
  readonly protocolId: string;
}

/** The facts that a token carries, apart from the time of its issue. */
export interface TokenPayload {
  readonly userId: string;
  readonly methods: readonly string[];
  /** The token's own audit id and, for a rescoped one, that of the first of its chain. */
  readonly auditIds: readonly string[];
  /** `2037-12-31T23:59:59.000000Z` */
  readonly expiresAt: string;
  readonly domainId: string | null;
  readonly projectId: string | null;
  readonly trustId: string | null;
  readonly federatedInfo: FederatedInfo | null;
  readonly accessTokenId: string | null;
  /** `all` for a token of system scope. */
  readonly system: string | null;
  readonly appCredId: string | null;
}

/** What payloads depend on besides their content. */
export interface PayloadContext {
  readonly methods: MethodBits;
  /** `[identity] default_domain_id`: the only domain whose id need not be a UUID in version 1. */
  readonly defaultDomainId: string;
  /** How new payloads are spelled. */
  readonly wire: Wire;
}

/** A payload while it is being read. */
type Draft = { -readonly [Key in keyof TokenPayload]: TokenPayload[Key] };

/** One element of a payload. */
interface Field {
  write(payload: TokenPayload, context: PayloadContext): PackValue;
  read(value: UnpackedValue, draft: Draft, context: PayloadContext): void;
}

const user: Field = {
  write: ({ userId }) => packId(userId),
  read: (value, draft) => {
    draft.userId = readId(value);
  },
};
const methods: Field = {
  write: (payload, context) => context.methods.toInteger(payload.methods),
  read: (value, draft, context) => {
    draft.methods = context.methods.toMethods(readInteger(value));
  },
};
const expires: Field = {
  write: ({ expiresAt }) => packTime(expiresAt),
  read: (value, draft) => {
    draft.expiresAt = readTime(value);
  },
};
const audits: Field = {
  write: ({ auditIds }) => auditIds.map(packAuditId),
  read: (value, draft) => {
    draft.auditIds = readArray(value).map(readAuditId);
  },
};
const domain: Field = {
  write: ({ domainId }, { defaultDomainId }) => packDomain(required(domainId, 'domain'), defaultDomainId),
  read: (value, draft, { defaultDomainId }) => {
    draft.domainId = readDomain(value, defaultDomainId);
  },
};
const pairedDomain: Field = {
  write: ({ domainId }) => packId(required(domainId, 'domain')),
  read: (value, draft) => {
    draft.domainId = readId(value);
  },
};
const project: Field = {
  write: ({ projectId }) => packId(required(projectId, 'project')),
  read: (value, draft) => {
    draft.projectId = readId(value);
  },
};
const projectOfTrust: Field = {
  // Later releases can say that a trust has no project; Newton has no token for such a trust.
  write: (payload, context) =>
    payload.projectId === null && context.wire === 'zed' ? [false, null] : project.write(payload, context),
  read: (value, draft) => {
    draft.projectId = readOptionalId(value);
  },
};
const trust: Field = {
  write: ({ trustId }) => packUuid(required(trustId, 'trust')),
  read: (value, draft) => {
    draft.trustId = readUuid(value);
  },
};
const groups: Field = {
  write: ({ federatedInfo }) => required(federatedInfo, 'federation').groupIds.map(packId),
  read: (value, draft) => {
    draft.federatedInfo = { groupIds: readArray(value).map(readId), idpId: '', protocolId: '' };
  },
};
const idp: Field = {
  write: ({ federatedInfo }) => packId(required(federatedInfo, 'federation').idpId),
  read: (value, draft) => {
    draft.federatedInfo = { ...required(draft.federatedInfo, 'federation'), idpId: readId(value) };
  },
};
const protocol: Field = {
  write: ({ federatedInfo }) => required(federatedInfo, 'federation').protocolId,
  read: (value, draft) => {
    draft.federatedInfo = { ...required(draft.federatedInfo, 'federation'), protocolId: readText(value) };
  },
};
const accessToken: Field = {
  write: ({ accessTokenId }) => packId(required(accessTokenId, 'access token')),
  read: (value, draft) => {
    draft.accessTokenId = readId(value);
  },
};
const system: Field = {
  write: (payload) => required(payload.system, 'system scope'),
  read: (value, draft) => {
    draft.system = readText(value);
  },
};
const appCred: Field = {
  write: ({ appCredId }) => packId(required(appCredId, 'application credential')),
  read: (value, draft) => {
    draft.appCredId = readId(value);
  },
};

/** The fields behind the version, by version. */
const LAYOUTS: readonly (readonly Field[])[] = [
  [user, methods, expires, audits],
  [user, methods, domain, expires, audits],
  [user, methods, project, expires, audits],
  [user, methods, projectOfTrust, expires, audits, trust],
  [user, methods, groups, idp, protocol, expires, audits],
  [user, methods, project, groups, idp, protocol, expires, audits],
  [user, methods, pairedDomain, groups, idp, protocol, expires, audits],
  [user, methods, project, accessToken, expires, audits],
  [user, methods, system, expires, audits],
  [user, methods, project, expires, audits, appCred],
];

/** The version that the facts of a token ask for: the first that fits. */
export function chooseVersion(payload: TokenPayload): number {
  if (payload.accessTokenId !== null) return 7;
  if (payload.trustId !== null) return 3;
  if (payload.federatedInfo !== null) {
    if (payload.projectId !== null) return 5;
    return payload.domainId === null ? 4 : 6;
  }
  if (payload.appCredId !== null) return 9;
  if (payload.projectId !== null) return 2;
  if (payload.domainId !== null) return 1;
  return payload.system === null ? 0 : 8;
}

/**
 * The array to be serialised.
 *
 * @throws InvalidTokenError when a fact does not fit into the payload
 */
export function assemble(payload: TokenPayload, context: PayloadContext): PackValue {
  const version = chooseVersion(payload);
  return [version, ...(LAYOUTS[version] ?? []).map((field) => field.write(payload, context))];
}

/**
 * The facts of an unserialised payload, in either spelling.
 *
 * @throws InvalidTokenError when it is none
 */
export function disassemble(elements: readonly UnpackedValue[], context: PayloadContext): TokenPayload {
  const version = elements[0];
  const layout = typeof version === 'number' ? LAYOUTS[version] : undefined;
  if (layout === undefined) throw new InvalidTokenError('unknown payload version');
  if (elements.length <= layout.length) throw new InvalidTokenError('the payload lacks fields');
  const draft: Draft = {
    userId: '',
    methods: [],
    auditIds: [],
    expiresAt: '',
    domainId: null,
    projectId: null,
    trustId: null,
    federatedInfo: null,
    accessTokenId: null,
    system: null,
    appCredId: null,
  };
  layout.forEach((field, index) => {
    field.read(elements[index + 1], draft, context);
  });
  return draft;
}

function required<T>(value: T | null, what: string): T {
  if (value === null) throw new InvalidTokenError(`this kind of token needs: ${what}`);
  return value;
}
