/** The files that configure domains, for the command that takes them into the database. */
export { type DomainConfigFile, domainConfigFiles } from '../subsystems/identity/domains/config_files.js';
