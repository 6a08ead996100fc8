/**
 * Projects in an LDAP directory: `[resource] driver = ldap`. All of them belong to the default domain, the only one,
 * which has no entry; there is no hierarchy.
 */
import {
  Conflict,
  ForbiddenAction,
  ForbiddenNotSecurity,
  ProjectNotFound,
  ValidationError,
} from '../../../common/errors.js';
import type { Hints } from '../../../common/hints.js';
import { asBoolean } from '../../../common/http/query.js';
import {
  type Change,
  type Entry,
  LdapDirectory,
  LdapTree,
  NAMES_ONLY,
  projectTree,
} from '../../../common/ldap/index.js';
import type { Conf } from '../../../conf/index.js';
import type { DriverContext } from '../../subsystem.js';
import type { ResourceDriver } from '../driver.js';
import type { DomainSummary, Project, ProjectSummary } from '../types.js';

const OWN = ['id', 'name', 'domain_id', 'parent_id', 'is_domain', 'enabled', 'description'];
const DOMAIN_NAME = 'Default';

export function createDriver({ conf, onClose }: DriverContext): ResourceDriver {
  const directory = new LdapDirectory(conf.ldap);
  onClose?.(() => void directory.close());
  return new LdapResourceDriver(
    new LdapTree(directory, projectTree(conf.ldap)),
    conf.ldap,
    conf.identity.default_domain_id,
  );
}

class LdapResourceDriver implements ResourceDriver {
  private readonly domain: Project;

  constructor(
    private readonly tree: LdapTree,
    private readonly options: Conf['ldap'],
    private readonly domainId: string,
  ) {
    this.domain = {
      id: domainId,
      name: DOMAIN_NAME,
      domain_id: null,
      parent_id: null,
      is_domain: true,
      enabled: true,
      description: 'Projects of the directory',
    };
  }

  async createProject(project: Project): Promise<Project> {
    if (project.is_domain) throw domainsAreFixed();
    this.assertAllowed('create');
    this.assertStorable(project);
    if (project.domain_id !== this.domainId || project.parent_id !== this.domainId) {
      throw new ForbiddenNotSecurity('Projects in a directory have no other parent than the default domain.');
    }
    await this.assertFree(project.name);
    if ((await this.tree.find(project.id)) !== null) throw taken(`Duplicate ID, ${project.id}.`);
    const values = new Map<string, string[]>();
    const add = (attribute: string, value: string): void =>
      void values.set(attribute, [...(values.get(attribute) ?? []), value]);
    add(this.options.project_id_attribute, project.id);
    add(this.options.project_name_attribute, project.name);
    if (project.description) add(this.options.project_desc_attribute, project.description);
    const { project_enabled_attribute: enabled } = this.options;
    if (enabled) add(enabled, project.enabled ? 'TRUE' : 'FALSE');
    const member = this.firstMember();
    if (member !== null) add(this.options.project_member_attribute, member);
    await this.tree.add(this.tree.newDn(project.id), values);
    return this.getProject(project.id);
  }

  async getProject(id: string): Promise<Project> {
    if (id === this.domainId) return this.domain;
    return this.toProject(await this.entry(id));
  }

  async getProjectByName(name: string, domainId: string | null): Promise<Project> {
    if (domainId === null && name === DOMAIN_NAME) return this.domain;
    const entry = domainId === this.domainId ? await this.tree.findBy('name', name) : null;
    if (entry === null) throw new ProjectNotFound({ project_id: name });
    return this.toProject(entry);
  }

  async projectSummary(id: string): Promise<ProjectSummary | null> {
    const project = await this.find(id);
    if (project === null) return null;
    const { name, enabled, is_domain, domain_id } = project;
    return { id, name, enabled, is_domain, domain_id, domain: is_domain ? null : this.domain };
  }

  domainSummary(id: string): Promise<DomainSummary | null> {
    return Promise.resolve(id === this.domainId ? this.domain : null);
  }

  async updateProject(id: string, changes: Partial<Project>): Promise<Project> {
    if (id === this.domainId) throw domainsAreFixed();
    this.assertAllowed('update');
    this.assertStorable(changes);
    const entry = await this.entry(id);
    const modifications: Change[] = [];
    const replace = (attribute: string, value: string | null): void =>
      void modifications.push({ operation: 'replace', attribute, values: value ? [value] : [] });
    if (changes.name !== undefined && changes.name !== this.tree.value(entry, 'name')) {
      await this.assertFree(changes.name, id);
      replace(this.options.project_name_attribute, changes.name);
    }
    if (changes.description !== undefined) replace(this.options.project_desc_attribute, changes.description);
    if (changes.enabled !== undefined) modifications.push(...this.enabledChange(changes.enabled));
    await this.tree.modify(entry.dn, modifications);
    return this.getProject(id);
  }

  async setEnabled(ids: readonly string[], enabled: boolean): Promise<void> {
    for (const id of ids) await this.updateProject(id, { enabled });
  }

  /** The roles on a project are entries beneath it. */
  async deleteProjects(ids: readonly string[]): Promise<void> {
    this.assertAllowed('delete');
    for (const id of ids) {
      if (id === this.domainId) throw domainsAreFixed();
      await this.tree.asked('delete', async () => {
        const { dn } = await this.entry(id);
        if (this.options.allow_subtree_delete) return this.tree.directory.deleteTree(dn);
        const { directory } = this.tree;
        const beneath = await directory.searchAll({ base: dn, scope: 'one', attributes: NAMES_ONLY });
        for (const child of beneath) await directory.delete(child.dn);
        await directory.delete(dn);
      });
    }
  }

  async listProjects(hints: Hints): Promise<Project[]> {
    const isDomain = hints.exact('is_domain');
    const wanted = isDomain === undefined ? null : asBoolean(String(isDomain.value));
    if (isDomain !== undefined) isDomain.satisfied = true;
    const inDomain = hints.exact('domain_id');
    // The domain itself has none, as far as anybody is told: filters on it are left to the caller then.
    const domains = wanted === false || inDomain !== undefined ? [] : [this.domain];
    if (wanted === true) return domains;
    if (inDomain !== undefined) {
      inDomain.satisfied = true;
      if (inDomain.value !== this.domainId) return [];
    }
    // The domain is listed among the projects: all filters are for the caller to apply to both.
    const terms = domains.length === 0 ? this.tree.terms(hints) : [];
    const projects: Project[] = [];
    for await (const entry of this.tree.search(terms)) projects.push(this.toProject(entry));
    return [...domains, ...projects].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async listProjectsFromIds(ids: readonly string[]): Promise<Project[]> {
    const projects = (await this.tree.findMany(ids)).map((entry) => this.toProject(entry));
    return ids.includes(this.domainId) ? [this.domain, ...projects] : projects;
  }

  async listParents(id: string): Promise<Project[]> {
    if (id === this.domainId || (await this.find(id)) === null) return [];
    return [this.domain];
  }

  async listSubtree(id: string): Promise<Project[]> {
    if (id !== this.domainId) return [];
    const projects: Project[] = [];
    for await (const entry of this.tree.search()) projects.push(this.toProject(entry));
    return projects;
  }

  private async find(id: string): Promise<Project | null> {
    if (id === this.domainId) return this.domain;
    const entry = await this.tree.find(id);
    return entry === null || this.tree.idOf(entry) !== id ? null : this.toProject(entry);
  }

  private async entry(id: string): Promise<Entry> {
    const entry = await this.tree.find(id);
    // Directories compare without regard to case: only the very id counts.
    if (entry === null || this.tree.idOf(entry) !== id) throw new ProjectNotFound({ project_id: id });
    return entry;
  }

  /** The class of projects may demand a member (groupOfNames does): nobody, or the account of this service. */
  private firstMember(): string | null {
    const { use_dumb_member: useDumb, dumb_member: dumb, user, project_objectclass: ofClass } = this.options;
    if (useDumb) return dumb;
    return ofClass.toLowerCase() === 'groupofnames' ? (user ?? dumb) : null;
  }

  private async assertFree(name: string, except?: string): Promise<void> {
    const known = await this.tree.findBy('name', name);
    if (known !== null && this.tree.idOf(known) !== except) throw taken(`Duplicate name, ${name}.`);
  }

  private assertAllowed(action: 'create' | 'update' | 'delete'): void {
    if (!this.options[`project_allow_${action}`]) {
      throw new ForbiddenAction({ action: `LDAP project ${action}` });
    }
  }

  /** @throws ValidationError, ForbiddenNotSecurity */
  private assertStorable(project: Partial<Project>): void {
    const other = Object.keys(project).find((name) => !OWN.includes(name));
    if (other !== undefined) {
      throw new ValidationError(`The directory has no attribute "${other}" of projects that can be set`);
    }
    if (project.enabled !== undefined) this.enabledChange(project.enabled);
  }

  private enabledChange(enabled: boolean): Change[] {
    const { project_enabled_attribute: attribute } = this.options;
    if (attribute) return [{ operation: 'replace', attribute, values: [enabled ? 'TRUE' : 'FALSE'] }];
    if (enabled) return [];
    throw new ForbiddenNotSecurity(
      'Projects of this directory cannot be disabled: [ldap] project_enabled_attribute is not set.',
    );
  }

  private toProject(entry: Entry): Project {
    return {
      id: this.tree.idOf(entry) ?? '',
      name: this.tree.value(entry, 'name') ?? '',
      domain_id: this.domainId,
      parent_id: this.domainId,
      is_domain: false,
      enabled: this.tree.value(entry, 'enabled')?.toUpperCase() !== 'FALSE',
      description: this.tree.value(entry, 'description') ?? '',
    };
  }
}

function domainsAreFixed(): Error {
  return new ForbiddenNotSecurity('Domains are read-only against LDAP');
}

function taken(details: string): Error {
  return new Conflict({ type: 'project', details });
}
