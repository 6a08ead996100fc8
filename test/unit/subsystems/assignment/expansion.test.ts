import { expect } from 'chai';
import { type ExpansionRules, expand, Inference } from '../../../../src/subsystems/assignment/expansion.js';
import type { Grant } from '../../../../src/subsystems/assignment/types.js';
import { grantOf } from '../../../conformance/assignment.js';

const inference = (...pairs: [prior: string, implied: string][]): Inference =>
  new Inference(pairs.map(([prior, implied]) => ({ prior_role_id: prior, implied_role_id: implied })));

describe('inference', () => {
  it('follows rules over any number of steps, each rule once', () => {
    const rules = inference(['a', 'b'], ['b', 'c'], ['a', 'c'], ['c', 'd'], ['x', 'a']);
    const found = rules
      .rulesFrom('a')
      .map(({ prior_role_id: prior, implied_role_id: to }) => `${prior}>${to}`);
    expect(found).to.have.members(['a>b', 'a>c', 'b>c', 'c>d']);
    expect(rules.rulesFrom('d')).to.deep.equal([]);
  });

  it('knows what implies a role, the role itself included', () => {
    const rules = inference(['a', 'b'], ['b', 'c'], ['x', 'c'], ['c', 'd']);
    expect([...rules.priorsOf('c')]).to.have.members(['c', 'b', 'x', 'a']);
    expect([...rules.priorsOf('unknown')]).to.deep.equal(['unknown']);
  });

  it('ends where rules go in circles', () => {
    const rules = inference(['a', 'b'], ['b', 'a']);
    expect(rules.rulesFrom('a')).to.have.length(2);
    expect([...rules.priorsOf('a')]).to.have.members(['a', 'b']);
  });
});

describe('expansion of grants', () => {
  const rules = (changes: Partial<ExpansionRules> = {}): ExpansionRules => ({
    usersOf: (groupId) => (groupId === 'empty' ? [] : [`${groupId}-1`, `${groupId}-2`]),
    projectsOf: ({ projectId, domainId }: Grant) => [
      `${projectId ?? domainId}-a`,
      `${projectId ?? domainId}-b`,
    ],
    inference: inference(['prior', 'implied'], ['implied', 'last']),
    lists: () => true,
    ...changes,
  });

  it('leaves a direct grant as it is', () => {
    const grants = [
      grantOf({ roleId: 'r', userId: 'u', projectId: 'p' }),
      grantOf({ roleId: 'r', userId: 'u', domainId: 'd' }),
    ];
    expect(expand(grants, rules())).to.deep.equal(grants);
  });

  it('gives members what their group has, and nobody what an empty group has', () => {
    const grants = ['g', 'empty'].map((groupId) => grantOf({ roleId: 'r', groupId, domainId: 'd' }));
    const source = { groupId: 'g', projectId: null, domainId: null, roleId: null };
    expect(expand(grants, rules())).to.deep.equal(
      ['g-1', 'g-2'].map((userId) => ({ ...grantOf({ roleId: 'r', userId, domainId: 'd' }), source })),
    );
  });

  it('puts inherited grants where they count, and says from where they come', () => {
    const grants = [
      grantOf({ roleId: 'r', userId: 'u', domainId: 'd', inherited: true }),
      grantOf({ roleId: 'r', userId: 'u', projectId: 'p', inherited: true }),
    ];
    const found = expand(grants, rules()).map(({ projectId, domainId, inherited, source }) => [
      projectId,
      domainId,
      inherited,
      source?.projectId,
      source?.domainId,
    ]);
    expect(found).to.deep.equal([
      ['d-a', null, false, null, 'd'],
      ['d-b', null, false, null, 'd'],
      ['p-a', null, false, 'p', null],
      ['p-b', null, false, 'p', null],
    ]);
  });

  it('adds implied roles, each with the role that implies it directly', () => {
    const grants = [grantOf({ roleId: 'prior', groupId: 'g', domainId: 'd', inherited: true })];
    const found = expand(grants, rules());
    expect(found).to.have.length(12);
    expect(found.filter(({ userId, projectId }) => userId === 'g-1' && projectId === 'd-a')).to.deep.equal(
      [
        ['prior', null],
        ['implied', 'prior'],
        ['last', 'implied'],
      ].map(([roleId, by]) => ({
        ...grantOf({ roleId: roleId as string, userId: 'g-1', projectId: 'd-a' }),
        source: { groupId: 'g', projectId: null, domainId: 'd', roleId: by },
      })),
    );
  });

  it('lists only the roles that are asked for, wherever they come from', () => {
    const grants = ['prior', 'implied', 'other'].map((roleId) =>
      grantOf({ roleId, userId: 'u', projectId: 'p' }),
    );
    const found = expand(grants, rules({ lists: (roleId) => roleId === 'implied' }));
    expect(found.map(({ roleId, source }) => [roleId, source?.roleId])).to.deep.equal([
      ['implied', 'prior'],
      ['implied', undefined],
    ]);
  });
});
