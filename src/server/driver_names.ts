/** Which drivers the configuration names, without making any of them. */
import type { Conf } from '../conf/index.js';
import { assignment } from '../subsystems/assignment/index.js';
import { catalog } from '../subsystems/catalog/index.js';
import { credential } from '../subsystems/credential/index.js';
import { identity } from '../subsystems/identity/index.js';
import { policy } from '../subsystems/policy/index.js';
import { resource } from '../subsystems/resource/index.js';
import { revoke } from '../subsystems/revoke/index.js';
import { role } from '../subsystems/role/index.js';
import { token } from '../subsystems/token/index.js';
import { trust } from '../subsystems/trust/index.js';

export interface NamedDriver {
  /** As `[section] option`. */
  readonly option: string;
  readonly name: string;
  /** Otherwise it has to come from an installed npm package. */
  readonly isBuiltIn: boolean;
}

export function namedDrivers(conf: Conf): readonly NamedDriver[] {
  const named = [
    { subsystem: assignment, name: conf.assignment.driver ?? 'sql' },
    { subsystem: catalog, name: conf.catalog.driver },
    { subsystem: credential, name: conf.credential.driver },
    { subsystem: identity, name: conf.identity.driver },
    { subsystem: policy, name: conf.policy.driver },
    { subsystem: resource, name: conf.resource.driver ?? 'sql' },
    { subsystem: revoke, name: conf.revoke.driver },
    { subsystem: role, name: conf.role.driver ?? 'sql' },
    { subsystem: token, name: conf.token.provider },
    { subsystem: trust, name: conf.trust.driver },
  ];
  return named.map(({ subsystem: { option, drivers }, name }) => ({
    option: `[${option.section}] ${option.name}`,
    name,
    isBuiltIn: Object.hasOwn(drivers, name),
  }));
}
