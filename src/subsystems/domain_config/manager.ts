/** Domain configurations: the rules of the business. Source: Identity API v3, Domain configuration. */
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../common/context.js';
import { DomainConfigNotFound, InvalidDomainConfig } from '../../common/errors.js';
import { isRecord } from '../../common/record.js';
import type { ManagerContext } from '../subsystem.js';
import type { DomainConfigDriver } from './driver.js';
import { type ConfigGroup, GROUPS, isGroup, isSensitive, isSupported, whitelisted } from './options.js';
import { substitute } from './substitution.js';
import type { ConfigOption, DomainConfig } from './types.js';

export class DomainConfigManager {
  constructor(
    private readonly driver: DomainConfigDriver,
    private readonly context: ManagerContext,
  ) {}

  /**
   * Replace the configuration of a domain.
   * @returns what it is now, and whether there was one before
   * @throws InvalidDomainConfig
   */
  async createConfig(
    domainId: string,
    config: JsonValue | undefined,
  ): Promise<{ config: DomainConfig; existed: boolean }> {
    const options = readConfig(config);
    return this.context.transaction(async () => {
      const existed = (await this.driver.listOptions(domainId)).length > 0;
      await this.driver.replaceOptions(domainId, options);
      return { config: asConfig(await this.visible(domainId)), existed };
    });
  }

  /**
   * The configuration, a group of it (`{group: {...}}`) or one option (`{option: value}`).
   * @throws InvalidDomainConfig, DomainConfigNotFound
   */
  async getConfig(domainId: string, group?: string, option?: string): Promise<JsonObject> {
    assertSupported(group, option);
    const options = (await this.visible(domainId)).filter(selects(group, option));
    if (options.length === 0) throw notFound(domainId, group, option);
    const [first] = options;
    return option === undefined || first === undefined ? asConfig(options) : { [option]: first.value };
  }

  /**
   * Merge options into the configuration. With a group or an option, exactly that must be given and must exist.
   * @throws InvalidDomainConfig, DomainConfigNotFound
   */
  async updateConfig(
    domainId: string,
    config: JsonValue | undefined,
    group?: string,
    option?: string,
  ): Promise<JsonObject> {
    assertSupported(group, option);
    const options = readConfig(
      group !== undefined && option !== undefined ? { [group]: config ?? null } : config,
    );
    assertOnly(options, group, option);
    return this.context.transaction(async () => {
      const known = await this.driver.listOptions(domainId);
      if (group !== undefined && !known.some(selects(group, option))) throw notFound(domainId, group, option);
      await this.driver.mergeOptions(domainId, options);
      return asConfig(await this.visible(domainId));
    });
  }

  /** @throws InvalidDomainConfig; DomainConfigNotFound when a named group or option does not exist */
  async deleteConfig(domainId: string, group?: string, option?: string): Promise<void> {
    assertSupported(group, option);
    await this.context.transaction(async () => {
      const known = await this.driver.listOptions(domainId);
      if (group !== undefined && !known.some(selects(group, option))) {
        // What is missed is the group, where there is none.
        throw notFound(domainId, group, known.some(selects(group)) ? option : undefined);
      }
      await this.driver.deleteOptions(domainId, group, option);
    });
  }

  /** Defaults: the main configuration's values of the options. @throws InvalidDomainConfig */
  getDefault(group?: string, option?: string): JsonObject {
    assertSupported(group, option);
    if (group !== undefined && option !== undefined && isGroup(group) && isSensitive(group, option)) {
      throw new InvalidDomainConfig({
        reason: `Reading the default for option ${option} in group ${group} is not supported`,
      });
    }
    const groups = group === undefined ? GROUPS : [group as ConfigGroup];
    const config = Object.fromEntries(groups.map((name) => [name, this.defaults(name)]));
    if (group === undefined || option === undefined) return config;
    return { [option]: config[group]?.[option] ?? null };
  }

  /** The configuration with its secrets, references filled in: for the identity drivers. Empty when there is none. */
  async getConfigWithSecrets(domainId: string): Promise<DomainConfig> {
    return asConfig(substitute(domainId, await this.driver.listOptions(domainId)));
  }

  /**
   * A fingerprint of the configuration, secrets included, which differs whenever something in it does; null when there
   * is none.
   */
  async revision(domainId: string): Promise<string | null> {
    const options = await this.driver.listOptions(domainId);
    if (options.length === 0) return null;
    return createHash('sha256').update(JSON.stringify(options)).digest('base64');
  }

  /** Domains that have a configuration in the database. */
  configuredDomainIds(): Promise<string[]> {
    return this.driver.domainIds();
  }

  obtainRegistration(domainId: string, type: string): Promise<boolean> {
    return this.driver.obtainRegistration(domainId, type);
  }

  readRegistration(type: string): Promise<string | null> {
    return this.driver.readRegistration(type);
  }

  releaseRegistration(domainId: string, type?: string): Promise<void> {
    return this.driver.releaseRegistration(domainId, type);
  }

  /** Forget all about a domain that is being deleted. */
  async deleteDomain(domainId: string): Promise<void> {
    await this.driver.deleteOptions(domainId);
    await this.driver.releaseRegistration(domainId);
  }

  private async visible(domainId: string): Promise<ConfigOption[]> {
    return (await this.driver.listOptions(domainId)).filter((option) => !option.sensitive);
  }

  private defaults(group: ConfigGroup): JsonObject {
    const values: Readonly<Record<string, unknown>> = this.context.conf[group];
    return Object.fromEntries(
      whitelisted(group).map((option) => [option, (values[option] ?? null) as JsonValue]),
    );
  }
}

/** @throws InvalidDomainConfig */
function readConfig(config: JsonValue | undefined): ConfigOption[] {
  if (!isRecord(config) || Object.keys(config).length === 0) {
    throw new InvalidDomainConfig({ reason: 'No options specified' });
  }
  return Object.entries(config).flatMap(([group, options]) => {
    if (!isRecord(options) || Object.keys(options).length === 0) {
      throw new InvalidDomainConfig({
        reason: `The value of group ${group} specified in the config should be a dictionary of options`,
      });
    }
    return Object.entries(options).map(([option, value]) => {
      assertSupported(group, option);
      return { group, option, value: value ?? null, sensitive: isSensitive(group as ConfigGroup, option) };
    });
  });
}

function assertSupported(group?: string, option?: string): void {
  if (group === undefined) return;
  if (!isGroup(group)) {
    throw new InvalidDomainConfig({
      reason: `Group ${group} is not supported for domain specific configurations`,
    });
  }
  if (option !== undefined && !isSupported(group, option)) {
    throw new InvalidDomainConfig({
      reason: `Option ${option} in group ${group} is not supported for domain specific configurations`,
    });
  }
}

function selects(group?: string, option?: string): (candidate: ConfigOption) => boolean {
  return (candidate) =>
    (group === undefined || candidate.group === group) &&
    (option === undefined || candidate.option === option);
}

function asConfig(options: readonly ConfigOption[]): Record<string, JsonObject> {
  const config: Record<string, JsonObject> = {};
  for (const { group, option, value } of options) config[group] = { ...config[group], [option]: value };
  return config;
}

function described(group?: string, option?: string): string {
  if (option !== undefined) return `option ${option} in group ${String(group)}`;
  return group === undefined ? 'any options' : `group ${group}`;
}

/** @throws InvalidDomainConfig when there is anything beside, or instead of, what the path names */
function assertOnly(options: readonly ConfigOption[], group?: string, option?: string): void {
  const stray = options.find((given) => !selects(group, option)(given));
  if (stray === undefined) return;
  const kind = option === undefined ? 'group' : 'option';
  const other = stray[kind];
  const isOne = options.every((given) => given[kind] === other);
  const what = described(group, option);
  const reason = isOne
    ? `${kind === 'group' ? 'request' : 'Trying'} to update ${what}, but config provided contains ${kind} ${other} instead`
    : `Trying to update ${what}, so that, and only that, ${kind} must be specified in the config`;
  throw new InvalidDomainConfig({ reason });
}

function notFound(domainId: string, group?: string, option?: string): Error {
  return new DomainConfigNotFound({ domain_id: domainId, group_or_option: described(group, option) });
}
