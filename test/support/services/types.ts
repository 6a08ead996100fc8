/** Real servers for tests: private instances in temporary folders, on free ports of 127.0.0.1. */

export interface RunningService {
  /** What tests connect to: a SQLAlchemy URL of a server's maintenance database, or `host:port`. */
  readonly address: string;
  /** Stops the server; its folder may be removed afterwards. */
  readonly stop: () => Promise<void>;
  /**
   * Stops the server and starts it again with its data at the same address: after so many milliseconds, or when what
   * is to happen in between has happened.
   */
  readonly restart: (pause: number | (() => Promise<unknown>)) => Promise<void>;
}

export interface ServiceDefinition {
  readonly name: string;
  /** Environment variable that carries the address of an instance that runs already. */
  readonly variable: string;
  /** Null when everything that the service needs is installed; otherwise what is missing, in words. */
  missing(): string | null;
  /** @param folder an empty folder of its own, which the service's account may write to */
  start(folder: string): Promise<RunningService>;
}
