/** The whole of the services, for commands that work with what they manage. */
import { NotFound } from '../common/errors.js';
import type { LoadedConf } from '../conf/index.js';
import { requireSchema } from '../server/schema.js';
import type { Services } from '../server/services.js';
import { CommandError } from './command.js';

/** Do something with the services, and close them. */
export async function withServices<T>(
  loaded: LoadedConf,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  const { createServices } = await import('../server/services.js');
  const services = await createServices(loaded, { cached: false });
  try {
    await requireSchema(services.database);
    return await work(services);
  } finally {
    await services.close();
  }
}

/** @throws CommandError when there is no domain of the name */
export async function domainIdOf({ providers }: Services, name: string): Promise<string> {
  try {
    return (await providers.resource.getDomainByName(name)).id;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw new CommandError(`there is no domain of the name "${name}"`, { cause: error });
  }
}
