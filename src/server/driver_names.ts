/** Which drivers the configuration names, without making any of them. */
import type { Conf } from '../conf/index.js';
import { assignment } from '../subsystems/assignment/index.js';
import { catalog } from '../subsystems/catalog/index.js';
import { credential } from '../subsystems/credential/index.js';
import { domainConfig } from '../subsystems/domain_config/index.js';
import { endpointPolicy } from '../subsystems/endpoint_policy/index.js';
import { idMapping } from '../subsystems/id_mapping/index.js';
import { identity } from '../subsystems/identity/index.js';
import { oauth1 } from '../subsystems/oauth1/index.js';
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

const SUBSYSTEMS = [
  assignment,
  catalog,
  credential,
  domainConfig,
  endpointPolicy,
  idMapping,
  identity,
  oauth1,
  policy,
  resource,
  revoke,
  role,
  token,
  trust,
];

export function namedDrivers(conf: Conf): readonly NamedDriver[] {
  const sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = conf;
  return SUBSYSTEMS.map(({ option: { section, name: option }, drivers }) => {
    // Options that are not set mean the database, as in `providers.ts`.
    const given = sections[section]?.[option];
    const name = typeof given === 'string' ? given : 'sql';
    return { option: `[${section}] ${option}`, name, isBuiltIn: Object.hasOwn(drivers, name) };
  });
}
