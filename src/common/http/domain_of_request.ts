/** The domain that a new user, group or project gets when its body names none. */
import type { Conf } from '../../conf/index.js';
import { ValidationError } from '../errors.js';
import type { ApiRequest } from './types.js';

/**
 * That of a domain-scoped token, else the default domain (deprecated since Liberty, and relied on).
 * @throws ValidationError for the admin token, which is in no domain
 */
export function domainOfRequest(request: ApiRequest, conf: Conf): string {
  const { auth, isAdmin } = request.context;
  if (auth !== null && auth.domainId !== null) return auth.domainId;
  if (isAdmin) {
    throw new ValidationError(
      'You have tried to create a resource using the admin token. As this token is not within a domain you must' +
        ' explicitly include a domain for this resource to belong to.',
    );
  }
  return conf.identity.default_domain_id;
}
