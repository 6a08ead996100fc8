/** Finding the user that a payload names: `{id}` or `{name, domain: {id | name}}`. */
import type { JsonObject, JsonValue } from '../common/context.js';
import { NotFound, Unauthorized, ValidationError } from '../common/errors.js';
import { isRecord } from '../common/record.js';
import type { Providers } from '../subsystems/providers.js';
import type { Domain } from '../subsystems/resource/types.js';

export interface UserClaim {
  /** Id of the user, or null when there is no such usable user: whoever checks a secret goes on and then refuses. */
  readonly userId: string | null;
  /** The domain that the user is of, or would be of; null when the payload does not lead to one. */
  readonly domainId: string | null;
  /** Why not; for the log. */
  readonly reason: string;
}

/**
 * @param payload the object under the method's name
 * @param method name of the method, for error texts
 * @throws ValidationError when the payload does not name a user
 */
export async function lookUpUser(
  payload: JsonObject,
  method: string,
  providers: Providers,
): Promise<UserClaim> {
  const user = payload['user'];
  if (!isRecord(user)) throw new ValidationError({ attribute: 'user', target: method });
  const { id, name, domain } = user;
  if (isText(name)) {
    if (domain === undefined) throw new ValidationError({ attribute: 'domain', target: 'user' });
    const found = await lookUpDomain(domain, providers);
    if (found === null) return { userId: null, domainId: null, reason: 'unknown or disabled domain' };
    const own = await claim(async () => (await providers.identity.getUserByName(name, found.id)).id);
    return { ...own, domainId: found.id };
  }
  if (!isText(id)) throw new ValidationError({ attribute: 'id or name', target: 'user' });
  let domainId: string | null = null;
  const own = await claim(async () => {
    const known = await providers.identity.getUser(id);
    domainId = known.domain_id;
    const found = await providers.resource.domainForToken(known.domain_id);
    if (found === null || !found.enabled) throw new NotFound('Domain is disabled');
    return known.id;
  });
  return { ...own, domainId };
}

/** @returns the enabled domain that `{id | name}` names, or null. @throws ValidationError when it names none */
export async function lookUpDomain(
  value: JsonValue | undefined,
  providers: Providers,
): Promise<Domain | null> {
  if (!isRecord(value)) throw new ValidationError({ attribute: 'dict', target: 'domain' });
  const { id, name } = value;
  if (!isText(id) && !isText(name)) throw new ValidationError({ attribute: 'id or name', target: 'domain' });
  try {
    const domain = isText(name)
      ? await providers.resource.getDomainByName(name)
      : await providers.resource.getDomain(id as string);
    return domain.enabled ? domain : null;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

async function claim(find: () => Promise<string>): Promise<Omit<UserClaim, 'domainId'>> {
  try {
    return { userId: await find(), reason: '' };
  } catch (error) {
    if (error instanceof NotFound) return { userId: null, reason: error.message };
    if (error instanceof Unauthorized) return { userId: null, reason: error.detail ?? error.message };
    throw error;
  }
}

export function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
