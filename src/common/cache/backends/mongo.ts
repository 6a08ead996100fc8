/** A MongoDB server or replica set. Source: oslo_cache.mongo; the npm package `mongodb`. */
import type { MongoClientOptions, ReadPreferenceMode } from 'mongodb';
import type { Arguments } from '../arguments.js';

import { optionalPackage } from '../optional_package.js';
import type { CacheBackend } from '../types.js';
import { type Connection, guarded } from './guarded.js';

/** Milliseconds after which a connection is given up; no request waits for it that long. */
const CONNECT = 1000;

interface Document {
  readonly _id: string;
  readonly value: string;
  readonly expires: Date;
}

const READ_PREFERENCES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

/** @throws Error naming the package when it is not installed, or the argument that is missing or cannot be used */
export async function createBackend(args: Arguments): Promise<CacheBackend> {
  const { MongoClient } = await optionalPackage('mongodb', 'oslo_cache.mongo', () => import('mongodb'));
  const hosts = args.required('db_hosts').replace(/^mongodb:\/\//, '');
  const database = args.required('db_name');
  const collection = args.required('cache_collection');
  const options = clientOptions(args);
  const connect = async (): Promise<Connection> => {
    const client = new MongoClient(`mongodb://${hosts}/`, options);
    const end = (): void => void client.close(true).catch(() => undefined);
    try {
      await client.connect();
      const documents = client.db(database).collection<Document>(collection);
      await documents.createIndex({ expires: 1 }, { expireAfterSeconds: 0 });
      return {
        async get(key) {
          const found = await documents.findOne({ _id: key });
          return found !== null && found.expires.getTime() > Date.now() ? found.value : undefined;
        },
        async set(key, value, seconds) {
          const expires = new Date(Date.now() + seconds * 1000);
          await documents.replaceOne({ _id: key }, { value, expires }, { upsert: true });
        },
        async delete(key) {
          await documents.deleteOne({ _id: key });
        },
        ping: () => client.db(database).command({ ping: 1 }),
        end,
      };
    } catch (error) {
      end();
      throw error;
    }
  };
  return guarded(hosts.replace(/^.*@/, ''), connect);
}

function clientOptions(args: Arguments): MongoClientOptions {
  const username = args.text('username');
  const password = args.text('password');
  const size = args.number('max_pool_size') ?? 10;
  const acknowledgements = args.text('w');
  const useReplica = args.flag('use_replica');
  const replicaSet = useReplica ? args.required('replicaset_name') : args.text('replicaset_name');
  const preference = args.text('read_preference');
  const ca = args.text('ssl_ca_certs');
  const certificate = args.text('ssl_certfile');
  args.ignore('mongo_ttl_seconds', 'son_manipulator', 'ssl_keyfile', 'ssl_cert_reqs');
  if (preference !== undefined && !READ_PREFERENCES.includes(preference)) {
    throw new Error(
      `[cache] backend_argument = read_preference:${preference}: one of ${READ_PREFERENCES.join(', ')} is needed`,
    );
  }
  return {
    connectTimeoutMS: CONNECT,
    serverSelectionTimeoutMS: CONNECT,
    socketTimeoutMS: CONNECT,
    maxPoolSize: size,
    ...(username !== undefined && { auth: { username, ...(password !== undefined && { password }) } }),
    ...(acknowledgements !== undefined &&
      Number(acknowledgements) >= 0 && { writeConcern: { w: Number(acknowledgements) } }),
    ...(replicaSet !== undefined && { replicaSet }),
    ...(preference !== undefined && { readPreference: preference as ReadPreferenceMode }),
    ...(args.flag('ssl') && {
      tls: true,
      ...(ca !== undefined && { tlsCAFile: ca }),
      ...(certificate !== undefined && { tlsCertificateKeyFile: certificate }),
    }),
  };
}
