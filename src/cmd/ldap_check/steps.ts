/** What works of a directory, step by step, and which option to change for what does not. */
import {
  actorTree,
  type Entry,
  equals,
  isDn,
  LdapDirectory,
  LdapOptionError,
  LdapTree,
  NAMES_ONLY,
  operatorFilter,
  type ProbeStep,
} from '../../common/ldap/index.js';
import type { Conf } from '../../conf/index.js';

type Options = Conf['ldap'];

export interface CheckStep {
  readonly step: 'options' | ProbeStep['step'] | 'user search' | 'attributes' | 'group search' | 'membership';
  readonly result: 'works' | 'fails' | 'unknown';
  readonly detail: string;
  /** What to change; null where nothing fails. */
  readonly advice: string | null;
}

/** How many members of a group are looked at. */
const MEMBERS_LOOKED_AT = 20;

const USER_ATTRIBUTES = [
  ['name', 'user_name_attribute'],
  ['description', 'user_description_attribute'],
  ['email', 'user_mail_attribute'],
  ['enabled', 'user_enabled_attribute'],
  ['default_project_id', 'user_default_project_id_attribute'],
] as const;

/** The steps in their order, up to the first that leaves nothing for those after it. */
export async function* checkSteps(options: Options): AsyncGenerator<CheckStep, void, undefined> {
  let directory: LdapDirectory;
  let users: LdapTree;
  let groups: LdapTree;
  try {
    directory = new LdapDirectory(options);
    users = treeOf('user', options, directory);
    groups = treeOf('group', options, directory);
  } catch (error) {
    if (!(error instanceof LdapOptionError)) throw error;
    yield { step: 'options', result: 'fails', detail: error.message, advice: 'correct this option' };
    return;
  }
  try {
    const probed = (await directory.probe()).map(probeStep(options));
    yield* probed;
    if (!probed.some(({ step, result }) => step === 'bind' && result === 'works')) return;
    const user = yield* searchStep(users, 'user', options);
    if (user !== null) yield attributeStep(users, user, options);
    const group = yield* searchStep(groups, 'group', options);
    if (group !== null) yield await membershipStep(users, groups, group, options);
  } finally {
    await directory.close();
  }
}

function treeOf(kind: 'user' | 'group', options: Options, directory: LdapDirectory): LdapTree {
  const mapped = USER_ATTRIBUTES.flatMap(([name, option]) => {
    const attribute = options[option];
    return attribute === null || attribute === '' ? [] : ([[name, attribute]] as const);
  });
  return new LdapTree(directory, {
    ...actorTree(kind, options),
    filter: operatorFilter(`${kind}_filter`, options[`${kind}_filter`]),
    attributes: new Map(kind === 'user' ? mapped : [['name', options.group_name_attribute]]),
  });
}

function probeStep(options: Options): (probed: ProbeStep) => CheckStep {
  return ({ url, step, error, detail }) => ({
    step,
    result: error === null ? 'works' : 'fails',
    detail: `${url}: ${detail}${error === null ? '' : `: ${error.message}`}`,
    advice: error === null ? null : probeAdvice(step, error.message, options),
  });
}

function probeAdvice(step: ProbeStep['step'], message: string, options: Options): string {
  if (step === 'connect')
    return '[ldap] url: is this the host and port of the directory, and is it reachable?';
  if (step === 'bind') {
    const { user, password } = options;
    return user && password
      ? '[ldap] user (a whole distinguished name) and password'
      : '[ldap] user and password: without both, searches are anonymous, which the server may refuse';
  }
  if (/altname|hostname/i.test(message)) {
    return '[ldap] url: name the server as its certificate does';
  }
  if (/certificate|self.signed|issuer|expired/i.test(message)) {
    return (
      '[ldap] tls_cacertfile or tls_cacertdir: the authority that signed the certificate of the server;' +
      ' tls_req_cert = never would trust anybody'
    );
  }
  return '[ldap] use_tls (StartTLS on an ldap:// URL) or an ldaps:// URL: does the server offer it?';
}

async function* searchStep(
  tree: LdapTree,
  kind: 'user' | 'group',
  options: Options,
): AsyncGenerator<CheckStep, Entry | null, undefined> {
  const { base, scope, objectClass } = tree.options;
  const step = `${kind} search` as const;
  const where = `${base} (${scope})`;
  try {
    for await (const entry of tree.search([], 1)) {
      yield { step, result: 'works', detail: `${where}: found ${entry.dn}`, advice: null };
      return entry;
    }
    const there = await tree.directory.get(base, NAMES_ONLY);
    const filter = options[`${kind}_filter`] ? `, ${kind}_filter` : '';
    const deeper = scope === 'one' ? ', query_scope = sub where they lie deeper' : '';
    const advice =
      there === null
        ? `[ldap] ${kind}_tree_dn: there is no ${base}, or the account may not see it`
        : `[ldap] ${kind}_objectclass (${objectClass}), ${kind}_id_attribute (${tree.options.idAttribute})${filter}${deeper}`;
    // A directory may well have no groups.
    const result = kind === 'group' && there !== null ? 'unknown' : 'fails';
    yield { step, result, detail: `${where}: nothing was found`, advice };
  } catch (error) {
    const advice = `[ldap] ${kind}_tree_dn, ${kind}_filter, page_size`;
    yield { step, result: 'fails', detail: `${where}: ${textOf(error)}`, advice };
  }
  return null;
}

function attributeStep(tree: LdapTree, user: Entry, options: Options): CheckStep {
  const ignored = new Set(options.user_attribute_ignore);
  const parts = [`id <- ${tree.options.idAttribute} = ${tree.idOf(user) ?? ''}`];
  for (const [name, option] of USER_ATTRIBUTES) {
    const attribute = options[option];
    if (attribute === null || attribute === '') continue;
    if (ignored.has(name)) parts.push(`${name} is ignored`);
    else parts.push(`${name} <- ${attribute} = ${tree.value(user, name) ?? '(nothing)'}`);
  }
  const problems = [
    ...(tree.value(user, 'name') === undefined && !ignored.has('name') ? ['user_name_attribute'] : []),
    ...(enabledIsStrange(tree, user, options)
      ? ['user_enabled_attribute with user_enabled_mask or user_enabled_invert, or user_enabled_emulation']
      : []),
  ];
  return {
    step: 'attributes',
    result: problems.length === 0 ? 'works' : 'fails',
    detail: parts.join('; '),
    advice: problems.length === 0 ? null : `[ldap] ${problems.join('; ')}`,
  };
}

/** A value of the attribute that says neither yes nor no, as it is used. */
function enabledIsStrange(tree: LdapTree, user: Entry, options: Options): boolean {
  const value = tree.value(user, 'enabled');
  if (
    value === undefined ||
    options.user_enabled_emulation ||
    options.user_attribute_ignore.includes('enabled')
  ) {
    return false;
  }
  return options.user_enabled_mask === 0 ? !/^(?:true|false)$/i.test(value) : !/^\d+$/.test(value);
}

async function membershipStep(
  users: LdapTree,
  groups: LdapTree,
  group: Entry,
  options: Options,
): Promise<CheckStep> {
  const attribute = options.group_member_attribute || 'member';
  const step = 'membership';
  try {
    const values = await groups.directory.values(group.dn, attribute);
    const members = (values ?? [])
      .filter((value) => value !== options.dumb_member)
      .slice(0, MEMBERS_LOOKED_AT);
    if (members.length === 0) {
      const detail = `${group.dn} has no ${attribute}`;
      return {
        step,
        result: 'unknown',
        detail,
        advice: '[ldap] group_member_attribute, unless the group is empty',
      };
    }
    let found = 0;
    if (options.group_members_are_ids) found = (await users.findMany(members)).length;
    else for await (const _user of users.findByDns(members.filter(isDn))) found += 1;
    const detail = `${group.dn}: ${found} of ${members.length} values of ${attribute} are users`;
    if (found > 0) return { step, result: 'works', detail, advice: null };
    const other = options.group_members_are_ids ? 'False, if they are names' : 'True, if they are ids';
    const advice = `[ldap] group_member_attribute; group_members_are_ids = ${other}; user_tree_dn, if they lie elsewhere`;
    return { step, result: 'fails', detail, advice };
  } catch (error) {
    return { step, result: 'fails', detail: textOf(error), advice: '[ldap] group_member_attribute' };
  }
}

/** Checks a password as the service does. */
export async function checkSignIn(options: Options, name: string, password: string): Promise<CheckStep> {
  const directory = new LdapDirectory(options);
  const step = 'bind';
  try {
    const users = treeOf('user', options, directory);
    const attribute = options.user_name_attribute || 'sn';
    for await (const user of users.search([equals(attribute, name)], 1)) {
      const right = await directory.checkBind(user.dn, password);
      const detail = `${user.dn} with the given password`;
      return right
        ? { step, result: 'works', detail, advice: null }
        : { step, result: 'fails', detail, advice: 'the password, or whether this entry may bind at all' };
    }
    const advice = `[ldap] user_name_attribute (${attribute}), user_filter`;
    return { step, result: 'fails', detail: `no user has the name ${name}`, advice };
  } catch (error) {
    return { step, result: 'fails', detail: textOf(error), advice: '[ldap] use_auth_pool, url' };
  } finally {
    await directory.close();
  }
}

function textOf(error: unknown): string {
  const { detail } = error as { readonly detail?: unknown };
  if (typeof detail === 'string') return detail;
  return error instanceof Error ? error.message : String(error);
}
