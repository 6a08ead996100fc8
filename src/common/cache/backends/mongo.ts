/** A MongoDB server, a replica set or several mongos. Source: oslo_cache.mongo; the npm package `mongodb`. */
import type { Collection, MongoClient } from 'mongodb';
import { RefusedError } from '../../breaker.js';
import type { Arguments } from '../arguments.js';
import { optionalPackage } from '../optional_package.js';
import type { CacheBackend } from '../types.js';
import { type Connection, guarded } from './guarded.js';
import { mongoSettings } from './mongo_settings.js';

interface Document {
  readonly _id: string;
  readonly value: string;
  readonly expires: Date;
}

/** MongoDB's number for a document that is there already. */
const DUPLICATE_KEY = 11_000;

/** @throws Error naming the package when it is not installed, or the argument that is missing or cannot be used */
export async function createBackend(args: Arguments): Promise<CacheBackend> {
  const mongodb = await optionalPackage('mongodb', 'oslo_cache.mongo', () => import('mongodb'));
  const { uri, database, collection, options, writing, connections, longest } = mongoSettings(args);
  const open = (): MongoClient => new mongodb.MongoClient(uri, options);
  const documentsOf = (client: MongoClient): Collection<Document> =>
    client.db(database).collection<Document>(collection);
  const ping = (client: MongoClient): Promise<unknown> => client.db(database).command({ ping: 1 });
  const connect = async (): Promise<Connection> => {
    const client = open();
    const end = (): void => void client.close(true).catch(() => undefined);
    try {
      await client.connect();
      // One each, so that no request has to wait until it is made.
      await Promise.all(Array.from({ length: connections }, () => ping(client)));
      const documents = documentsOf(client);
      await documents.createIndex({ expires: 1 }, { expireAfterSeconds: 0 });
      return {
        async get(key) {
          const found = await documents.findOne({ _id: key });
          return found !== null && found.expires.getTime() > Date.now() ? found.value : undefined;
        },
        async set(key, value, seconds) {
          const expires = new Date(Date.now() + Math.min(seconds, longest) * 1000);
          try {
            await documents.replaceOne({ _id: key }, { value, expires }, { upsert: true, ...writing });
          } catch (error) {
            if (!(error instanceof mongodb.MongoServerError)) throw error;
            // Another process has written the same at the same moment.
            if (error.code === DUPLICATE_KEY) return;
            // A server that is full, or a user who may only read: it answers all the same.
            throw new RefusedError(error.message, { cause: error });
          }
        },
        async delete(key) {
          await documents.deleteOne({ _id: key }, writing);
        },
        ping: () => ping(client),
        end,
      };
    } catch (error) {
      end();
      throw error;
    }
  };
  const client = attempt(open);
  if (client instanceof Error) {
    // The library quotes the address, which may hold a password.
    throw new Error(
      `[cache] backend_argument = db_hosts cannot be used${uri.includes('@') ? '' : `: ${client.message}`}`,
    );
  }
  const documents = attempt(() => documentsOf(client));
  if (documents instanceof Error) {
    throw new Error(`[cache] backend_argument = db_name:${database} cannot be used: ${documents.message}`);
  }
  return guarded(client.options.srvHost ?? client.options.hosts.join(','), connect);
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
