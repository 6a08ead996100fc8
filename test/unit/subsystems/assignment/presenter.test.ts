import { expect } from 'chai';
import { Links } from '../../../../src/common/http/links.js';
import { presentAssignment } from '../../../../src/subsystems/assignment/presenter.js';
import type { AssignmentNames, RoleAssignment, Source } from '../../../../src/subsystems/assignment/types.js';
import { grantOf } from '../../../conformance/assignment.js';

const links = new Links('http://cloud/identity', '/role_assignments', '');
const V3 = 'http://cloud/identity/v3';
const source = (part: Partial<Source>): { source: Source } => ({
  source: { groupId: null, projectId: null, domainId: null, roleId: null, ...part },
});
const present = (assignment: RoleAssignment, names: AssignmentNames | null = null): object =>
  presentAssignment(links, assignment, names);

describe('a role assignment as answered', () => {
  const INHERITED = { 'OS-INHERIT:inherited_to': 'projects' };

  it('names role, actor and scope, and links to the grant', () => {
    expect(present(grantOf({ roleId: 'r', userId: 'u', projectId: 'p' }))).to.deep.equal({
      role: { id: 'r' },
      user: { id: 'u' },
      scope: { project: { id: 'p' } },
      links: { assignment: `${V3}/projects/p/users/u/roles/r` },
    });
    expect(present(grantOf({ roleId: 'r', groupId: 'g', domainId: 'd' }))).to.deep.equal({
      role: { id: 'r' },
      group: { id: 'g' },
      scope: { domain: { id: 'd' } },
      links: { assignment: `${V3}/domains/d/groups/g/roles/r` },
    });
  });

  it('says that it is inherited, on its target or from above', () => {
    expect(present(grantOf({ roleId: 'r', groupId: 'g', domainId: 'd', inherited: true }))).to.deep.equal({
      role: { id: 'r' },
      group: { id: 'g' },
      scope: { domain: { id: 'd' }, ...INHERITED },
      links: { assignment: `${V3}/OS-INHERIT/domains/d/groups/g/roles/r/inherited_to_projects` },
    });
    const grant = grantOf({ roleId: 'r', userId: 'u', projectId: 'p' });
    expect(present({ ...grant, ...source({ domainId: 'd' }) })).to.deep.include({
      scope: { project: { id: 'p' }, ...INHERITED },
      links: { assignment: `${V3}/OS-INHERIT/domains/d/users/u/roles/r/inherited_to_projects` },
    });
    expect(present({ ...grant, ...source({ projectId: 'above' }) })).to.deep.include({
      scope: { project: { id: 'p' }, ...INHERITED },
      links: { assignment: `${V3}/OS-INHERIT/projects/above/users/u/roles/r/inherited_to_projects` },
    });
  });

  it('links to the membership and to the rule that it comes from', () => {
    const assignment = {
      ...grantOf({ roleId: 'implied', userId: 'u', domainId: 'd' }),
      ...source({ groupId: 'g', roleId: 'prior' }),
    };
    expect(present(assignment)).to.deep.equal({
      role: { id: 'implied' },
      user: { id: 'u' },
      scope: { domain: { id: 'd' } },
      links: {
        assignment: `${V3}/domains/d/groups/g/roles/prior`,
        membership: `${V3}/groups/g/users/u`,
        prior_role: `${V3}/prior_role/implied/implies/prior`,
      },
    });
  });

  it('has names where they are asked for, empty ones for what is gone', () => {
    const domain = { id: 'd', name: 'D' };
    const names: AssignmentNames = {
      users: new Map([['u', { name: 'U', domain }]]),
      groups: new Map([['g', { name: 'G', domain }]]),
      projects: new Map([['p', { name: 'P', domain }]]),
      domains: new Map([['d', 'D']]),
      roles: new Map([['r', 'R']]),
    };
    expect(present(grantOf({ roleId: 'r', userId: 'u', projectId: 'p' }), names)).to.deep.include({
      role: { id: 'r', name: 'R' },
      user: { id: 'u', name: 'U', domain },
      scope: { project: { id: 'p', name: 'P', domain } },
    });
    expect(present(grantOf({ roleId: 'gone', groupId: 'g', domainId: 'd' }), names)).to.deep.include({
      role: { id: 'gone', name: '' },
      group: { id: 'g', name: 'G', domain },
      scope: { domain },
    });
    expect(present(grantOf({ roleId: 'r', userId: 'gone', domainId: 'gone' }), names)).to.deep.include({
      user: { id: 'gone', name: '', domain: { id: '', name: '' } },
      scope: { domain: { id: 'gone', name: '' } },
    });
  });
});
