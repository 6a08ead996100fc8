/** Where drivers of packages come from, and where the options stand that name them. */
import { dirname } from 'node:path';
import type { LoadedConf } from '../conf/index.js';
import type { DriverContext } from '../subsystems/subsystem.js';

export type DriverPlaces = Required<Pick<DriverContext, 'packageFolders' | 'placeOf'>>;

/** Packages are installed beside the configuration files, or where the process runs; a place is that of an option's value. */
export function driverPlaces({ files, settings }: LoadedConf): DriverPlaces {
  return {
    packageFolders: [...files.map((file) => dirname(file)), process.cwd()],
    placeOf(section, option) {
      const origin = settings.find((each) => each.section === section && each.name === option)?.origin;
      return typeof origin === 'object' ? `${origin.file}:${origin.line}` : '';
    },
  };
}
