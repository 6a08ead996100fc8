/** Manifest of the subsystem `assignment`. */
import type { Subsystem } from '../subsystem.js';
import { ASSIGNMENT_DRIVER_SHAPE, type AssignmentDriver } from './driver.js';
import { AssignmentManager } from './manager.js';
import { assignmentRoutes } from './routers.js';

export const assignment: Subsystem<AssignmentDriver, AssignmentManager> = {
  name: 'assignment',
  option: { section: 'assignment', name: 'driver' },
  drivers: { ldap: () => import('./backends/ldap.js'), sql: () => import('./backends/sql.js') },
  shape: ASSIGNMENT_DRIVER_SHAPE,
  createManager: (driver, context) => new AssignmentManager(driver, context),
  routes: assignmentRoutes,
};
