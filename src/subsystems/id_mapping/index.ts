/** Manifest of the subsystem `id_mapping`: it works for identity and has no routes. */
import type { Subsystem } from '../subsystem.js';
import { ID_MAPPING_DRIVER_SHAPE, type IdMappingDriver } from './driver.js';
import { IdMappingManager } from './manager.js';

export const idMapping: Subsystem<IdMappingDriver, IdMappingManager> = {
  name: 'id_mapping',
  option: { section: 'identity_mapping', name: 'driver' },
  drivers: { sql: () => import('./backends/sql.js') },
  shape: ID_MAPPING_DRIVER_SHAPE,
  createManager: (driver, context) => new IdMappingManager(driver, context),
  routes: () => [],
};
