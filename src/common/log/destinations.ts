/** Where lines end up. */
import { checkLogFile, FileSink } from './file_sink.js';
import type { Destination } from './plan.js';
import { SyslogSink } from './syslog.js';
import type { Sink } from './types.js';

function streamSink(name: 'stdout' | 'stderr'): Sink {
  return { write: (line) => void process[name].write(`${line}\n`), close: () => undefined };
}

const NOWHERE: Sink = { write: () => undefined, close: () => undefined };

/** @throws LoggingError when the destination cannot be opened */
export function openSink(destination: Destination): Sink {
  switch (destination.kind) {
    case 'file':
      return new FileSink(destination);
    case 'syslog':
      return new SyslogSink(destination);
    case 'nowhere':
      return NOWHERE;
    default:
      return streamSink(destination.kind);
  }
}

/** Whether a destination could be opened. Files are neither made nor changed. @throws LoggingError when not */
export function checkSink(destination: Destination): void {
  if (destination.kind === 'file') checkLogFile(destination.path);
  else openSink(destination).close();
}
