/**
 * Options that every filter of oslo.middleware understands: they say which configuration file to read. Here that is
 * always keystone's own, so they are accepted and change nothing.
 */
export const OSLO_OPTIONS = {
  oslo_config_project: { type: 'str', help: 'Accepted; the configuration is always that of keystone.' },
  oslo_config_program: { type: 'str', help: 'Accepted; the configuration is always that of keystone.' },
  oslo_config_file: { type: 'str', help: 'Accepted; the configuration is always that of keystone.' },
} as const;
