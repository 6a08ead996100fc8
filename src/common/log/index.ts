/** Hierarchical loggers by dotted name, as in Python's logging (`keystone.token.provider`). */
export { checkLogging, configureLogging, shutdownLogging } from './configure.js';
export { getLogger } from './logger.js';
export { maskSecrets, rememberSecrets } from './mask.js';
export { LoggingError, type LoggingOptions, type LoggingSurroundings, logFileOf } from './options.js';
export { runBriefly, runInRequest } from './subject.js';
export { ACCESS_LOGGER, type Logger } from './types.js';
