/** Manifest of the subsystem `catalog`. */
import type { Subsystem } from '../subsystem.js';
import { CATALOG_DRIVER_SHAPE, type CatalogDriver } from './driver.js';
import { CatalogManager } from './manager.js';
import { catalogRoutes } from './routers.js';

export const catalog: Subsystem<CatalogDriver, CatalogManager> = {
  name: 'catalog',
  option: { section: 'catalog', name: 'driver' },
  drivers: {
    sql: () => import('./backends/sql.js'),
    templated: () => import('./backends/templated.js'),
    'endpoint_filter.sql': () => import('./backends/endpoint_filter_sql.js'),
  },
  shape: CATALOG_DRIVER_SHAPE,
  createManager: (driver, context) => new CatalogManager(driver, context),
  routes: (providers) => catalogRoutes(providers.catalog),
};
