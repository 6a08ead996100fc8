import { CommandError, EXIT, type ManageCommand } from './command.js';
import { progressLines } from './progress.js';
import { domainIdOf, withServices } from './services.js';

interface Options {
  readonly domainName?: string;
  readonly domain?: string;
}

export const mappingPopulate: ManageCommand = {
  name: 'mapping_populate',
  summary: "make the public ids of all users of a domain's directory",
  details:
    'Users of a directory get their public ids when they are first seen. This makes those of all users of a domain' +
    ' beforehand, so that no request has to: after a directory was connected, after many users were added to it, and' +
    ' after mapping_purge. It works in large steps, each of which stays: a run that was cut short goes on where it' +
    ' was when it is repeated. Services may run meanwhile.',
  examples: [
    ['mapping_populate --domain-name Staff', 'after the directory of the domain Staff was connected'],
    ['mapping_populate --domain Staff', 'the same'],
  ],
  configure(command, run) {
    command
      .option('--domain-name <name>', 'name of the domain whose directory is read')
      .option('--domain <name>', 'the same as --domain-name')
      .action((options: Options) =>
        run(async ({ loadConf, output }) => {
          const name = options.domainName ?? options.domain;
          if (name === undefined || (options.domainName ?? name) !== (options.domain ?? name)) {
            throw new CommandError('--domain-name (or --domain) is needed, with the name of one domain', {
              exitCode: EXIT.usage,
            });
          }
          await withServices(loadConf(), async (services) => {
            const domainId = await domainIdOf(services, name);
            const report = progressLines(output);
            const populated = await services.providers.identity.populateMappings(domainId, (done, total) =>
              report(() => `${done} of ${total} users have a public id`),
            );
            output.line(
              populated === null
                ? `The users of domain ${name} need no public ids of their own: nothing to do`
                : `${populated.users} users in the directory of domain ${name}, ${populated.added} of them with a new public id`,
            );
          });
        }),
      );
  },
};
