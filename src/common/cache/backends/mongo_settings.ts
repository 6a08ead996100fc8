/** What operators' files say of a MongoDB server, as its client library takes it. Source: oslo_cache.mongo. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { MongoClientOptions, ReadPreferenceMode } from 'mongodb';
import type { Arguments } from '../arguments.js';

export interface MongoSettings {
  /** `mongodb://…` or `mongodb+srv://…`; may hold a password. */
  readonly uri: string;
  readonly database: string;
  readonly collection: string;
  readonly options: MongoClientOptions;
  /** What writes of documents take besides. */
  readonly writing: { readonly writeConcern?: { readonly w: number } };
  /** Connections to a server. */
  readonly connections: number;
  /** Seconds that anything is kept at most. */
  readonly longest: number;
}

/** Milliseconds after which a connection is given up; no request waits for it that long. */
const CONNECT = 1000;

/** Milliseconds to find a server: less than a try in the background takes, which so learns why there is none. */
const FIND = 800;

/** Connections to a server, and no more: whoever meets one being made waits for that, not for the next that is free. */
const CONNECTIONS = 10;

const READ_PREFERENCES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];
const CERTIFICATE_CHECKS = ['NONE', 'OPTIONAL', 'REQUIRED'];

/** @throws Error naming the argument that is missing or cannot be used */
export function mongoSettings(args: Arguments): MongoSettings {
  const uri = address(args.required('db_hosts'));
  const database = args.required('db_name');
  const collection = args.required('cache_collection');
  const connections = Math.ceil(Math.min(args.number('max_pool_size') || CONNECTIONS, CONNECTIONS));
  const acknowledgements = wholeNumber(args, 'w') ?? -1;
  const longest = wholeNumber(args, 'mongo_ttl_seconds') ?? -1;
  const useReplica = args.flag('use_replica');
  const replicaSet = useReplica ? args.required('replicaset_name') : args.text('replicaset_name');
  const preference = oneOf(args.text('read_preference'), 'read_preference', READ_PREFERENCES);
  args.ignore('son_manipulator');
  return {
    uri,
    database,
    collection,
    options: {
      connectTimeoutMS: CONNECT,
      serverSelectionTimeoutMS: FIND,
      socketTimeoutMS: CONNECT,
      minPoolSize: connections,
      maxPoolSize: connections,
      maxConnecting: connections,
      ...credentials(args, database, uri),
      ...(replicaSet !== undefined && { replicaSet }),
      ...(preference !== undefined && { readPreference: preference as ReadPreferenceMode }),
      ...tls(args),
    },
    writing: acknowledgements >= 0 ? { writeConcern: { w: acknowledgements } } : {},
    connections,
    longest: longest > 0 ? longest : Number.POSITIVE_INFINITY,
  };
}

/** `HOST:PORT,HOST:PORT` or a URI, as pymongo takes both. */
function address(hosts: string): string {
  const text = hosts.replace(/\s*,\s*/g, ',');
  const uri = /^mongodb(?:\+srv)?:\/\//.test(text) ? text : `mongodb://${text}`;
  // What comes after a password that is not percent-encoded would be taken for the host, and shown.
  if (!/@.*@|\/\/[^?]*\/.*@/.test(uri)) return uri;
  throw new Error(
    '[cache] backend_argument = db_hosts: the characters "@" and "/" of a password are written %40 and %2F',
  );
}

/** The user is one of the database of the cache, as in oslo.cache, unless the URI says how users are known. */
function credentials(args: Arguments, database: string, uri: string): MongoClientOptions {
  const username = args.text('username');
  if (username === undefined) {
    args.ignore('password');
    return {};
  }
  return {
    auth: { username, password: args.required('password') },
    ...(!/[?&]auth(?:Source|Mechanism)=/i.test(uri) && { authSource: database }),
  };
}

function tls(args: Arguments): MongoClientOptions {
  const checks = oneOf(args.text('ssl_cert_reqs')?.toUpperCase(), 'ssl_cert_reqs', CERTIFICATE_CHECKS);
  const names = ['ssl_ca_certs', 'ssl_certfile', 'ssl_keyfile'] as const;
  args.ignore(...names);
  if (!args.flag('ssl')) return {};
  const [ca, cert, ownKey] = names.map((name) => {
    const path = args.text(name);
    try {
      return path === undefined ? undefined : readFileSync(path, 'utf8');
    } catch (error) {
      throw new Error(`[cache] backend_argument = ${name}:${path}: ${text(error)}`, { cause: error });
    }
  });
  const key = ownKey ?? cert;
  const files = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  try {
    createSecureContext(files);
  } catch (error) {
    throw new Error(`[cache] backend_argument = ${names.join(', ')}: ${text(error)}`, { cause: error });
  }
  return { tls: true, ...files, ...(checks === 'NONE' && { tlsInsecure: true }) };
}

function oneOf(value: string | undefined, name: string, values: readonly string[]): string | undefined {
  if (value === undefined || values.includes(value)) return value;
  throw new Error(`[cache] backend_argument = ${name}:${value}: one of ${values.join(', ')} is needed`);
}

function wholeNumber(args: Arguments, name: string): number | undefined {
  const value = args.text(name);
  if (value === undefined || /^-?\d+$/.test(value)) return value === undefined ? undefined : Number(value);
  throw new Error(`[cache] backend_argument = ${name}:${value}: a whole number is needed`);
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
