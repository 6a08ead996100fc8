/** Reading the body of POST /v3/auth/tokens. Source: Identity API v3, "Authentication and token management". */
import { isText } from '../../auth/user_lookup.js';
import type { JsonObject, JsonValue } from '../../common/context.js';
import { ValidationError } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { AuthRequest, ScopeRequest } from './types.js';

/** @throws ValidationError naming what is missing */
export function readAuthRequest(body: JsonObject): AuthRequest {
  const { auth } = body;
  if (!isRecord(auth) || Object.keys(auth).length === 0) {
    throw new ValidationError({ attribute: 'auth', target: 'request body' });
  }
  const other = Object.keys(body).find((key) => key !== 'auth');
  if (other !== undefined) {
    throw new ValidationError(`Unexpected key '${other}' in request body beside 'auth'`);
  }
  return { methods: readMethods(auth['identity']), scope: readScope(auth['scope']) };
}

function readMethods(identity: JsonValue | undefined): AuthRequest['methods'] {
  if (!isRecord(identity)) throw new ValidationError({ attribute: 'identity', target: 'auth' });
  const { methods } = identity;
  if (!Array.isArray(methods)) throw new ValidationError({ attribute: 'methods', target: 'identity' });
  return [...new Set(methods)].map((name) => {
    const payload = isText(name) && Object.hasOwn(identity, name) ? identity[name] : undefined;
    if (!isText(name) || !isRecord(payload)) {
      throw new ValidationError({ attribute: isText(name) ? name : 'method name', target: 'identity' });
    }
    return { name, payload };
  });
}

const SCOPES = ['project', 'domain', 'unscoped', 'OS-TRUST:trust'] as const;

function readScope(scope: JsonValue | undefined): ScopeRequest {
  if (scope === undefined) return { kind: 'default' };
  // As keystoneauth writes it.
  if (scope === 'unscoped') return { kind: 'unscoped' };
  const named = isRecord(scope) ? SCOPES.filter((name) => Object.hasOwn(scope, name)) : [];
  const [kind] = named;
  if (!isRecord(scope) || kind === undefined || named.length > 1) {
    throw new ValidationError({ attribute: 'project, domain, OS-TRUST:trust or unscoped', target: 'scope' });
  }
  if (kind === 'unscoped') return { kind: 'unscoped' };
  const value = scope[kind];
  if (!isRecord(value)) throw new ValidationError({ attribute: 'dict', target: kind });
  if (kind === 'OS-TRUST:trust') {
    if (!isText(value['id'])) throw new ValidationError({ attribute: 'trust_id', target: 'trust' });
    return { kind: 'trust', trustId: value['id'] };
  }
  return kind === 'project' ? { kind, project: value } : { kind, domain: value };
}
