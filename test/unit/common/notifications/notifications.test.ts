/** Events: who hears of them, when, and in which form. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { requestContext } from '../../../../src/common/context.js';
import type {
  AuthenticateEvent,
  Initiator,
  Notifications,
  RoleAssignmentEvent,
} from '../../../../src/common/notifications/index.js';
import { createNotifications, initiatorOf } from '../../../../src/common/notifications/index.js';
import { authRequest } from '../../subsystems/auth/request.js';

interface Sent {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

const UUID = /^[0-9a-f]{32}$/;
const INITIATOR: Initiator = {
  userId: 'a'.repeat(32),
  projectId: 'p1',
  domainId: 'd1',
  address: '192.0.2.7',
  agent: 'curl/7',
  requestId: 'req-1',
};
const ROLE_ASSIGNMENT: RoleAssignmentEvent = {
  operation: 'created',
  roleId: 'r1',
  userId: 'u1',
  groupId: null,
  projectId: 'p1',
  domainId: null,
  inheritedToProjects: false,
  initiator: INITIATOR,
};
const AUTHENTICATE: AuthenticateEvent = { outcome: 'success', userId: 'b'.repeat(32), initiator: INITIATOR };

function bus(
  format: 'basic' | 'cadf',
  optOut: readonly string[] = [],
  afterCommit: (action: () => void) => void = (action) => action(),
): { notifications: Notifications; sent: Sent[] } {
  const sent: Sent[] = [];
  const notifications = createNotifications({
    format,
    optOut,
    afterCommit,
    drivers: [
      {
        send: (type, payload) => void sent.push({ type, payload: payload as Sent['payload'] }),
        close: () => Promise.resolve(),
      },
    ],
  });
  return { notifications, sent };
}

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('events that leave the service', () => {
  it('in the basic form are the id, and who came to or left a group', async () => {
    const { notifications, sent } = bus('basic');
    await notifications.created('user', 'u1', INITIATOR);
    await notifications.deleted('OS-TRUST:trust', 't1', null);
    const actor = { id: 'u1', type: 'user', operation: 'added' } as const;
    await notifications.updated('group', 'g1', INITIATOR, actor);
    await settled();
    expect(sent).to.deep.equal([
      { type: 'identity.user.created', payload: { resource_info: 'u1' } },
      { type: 'identity.OS-TRUST:trust.deleted', payload: { resource_info: 't1' } },
      {
        type: 'identity.group.updated',
        payload: { resource_info: 'g1', actor_id: 'u1', actor_type: 'user', actor_operation: 'added' },
      },
    ]);
  });

  it('in the form of CADF tell who did what to what, and how it went', async () => {
    const { notifications, sent } = bus('cadf');
    await notifications.updated('project', 'p9', INITIATOR);
    await settled();
    const [event] = sent;
    expect(event?.type).to.equal('identity.project.updated');
    const { id, eventTime, observer, ...rest } = event?.payload ?? {};
    expect(id).to.match(UUID);
    expect(eventTime).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$/);
    expect(observer).to.have.property('typeURI', 'service/security');
    expect(rest).to.deep.equal({
      typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
      eventType: 'activity',
      action: 'updated.project',
      outcome: 'success',
      initiator: {
        typeURI: 'service/security/account/user',
        id: INITIATOR.userId,
        user_id: INITIATOR.userId,
        project_id: 'p1',
        domain_id: 'd1',
        host: { address: '192.0.2.7', agent: 'curl/7' },
      },
      target: { typeURI: 'data/security/project', id: 'p9' },
      resource_info: 'p9',
    });
  });

  it('name what each kind of resource is to CADF', async () => {
    const { notifications, sent } = bus('cadf');
    const kinds: [resource: string, type: string][] = [
      ['user', 'data/security/account/user'],
      ['group', 'data/security/group'],
      ['domain', 'data/security/domain'],
      ['project', 'data/security/project'],
      ['role', 'data/security/role'],
      ['service', 'data/security/service'],
      ['endpoint', 'data/security/endpoint'],
      ['region', 'data/security/region'],
      ['policy', 'data/security/policy'],
      ['OS-TRUST:trust', 'data/security/trust'],
      ['OS-OAUTH1:consumer', 'data/security/account'],
      ['OS-OAUTH1:access_token', 'data/security/credential'],
      ['OS-OAUTH1:request_token', 'data/security/credential'],
      ['credential', 'unknown'],
    ];
    for (const [resource] of kinds) await notifications.created(resource, 'x', null);
    await settled();
    expect(sent.map(({ payload }) => (payload['target'] as { typeURI: string }).typeURI)).to.deep.equal(
      kinds.map(([, type]) => type),
    );
    for (const { payload } of sent) expect(payload).not.to.have.property('initiator');
  });

  it('name initiators by UUIDs, derived where the user has none', async () => {
    const { notifications, sent } = bus('cadf');
    const as = async (userId: string | null): Promise<Record<string, unknown>> => {
      await notifications.created('user', 'x', { ...INITIATOR, userId });
      await settled();
      return sent.at(-1)?.payload['initiator'] as Record<string, unknown>;
    };
    const dashed = '01234567-89ab-cdef-0123-456789abcdef';
    expect((await as(dashed))['id']).to.equal(dashed);
    // uuid.uuid5(uuid.UUID('4332ecab-770b-4288-a680-b9aca3b1b153'), 'alice').hex of Python
    expect(await as('alice')).to.include({ id: 'da7710322a2a56fc96b9e96a8ba30c73', user_id: 'alice' });
    const nobody = await as(null);
    expect(nobody['id']).to.match(UUID);
    expect(nobody).not.to.have.property('user_id');
  });

  for (const format of ['basic', 'cadf'] as const) {
    it(`are CADF for grants and sign-ins, also where the form is ${format}`, async () => {
      const { notifications, sent } = bus(format);
      await notifications.roleAssignment(ROLE_ASSIGNMENT);
      const group = {
        userId: null,
        groupId: 'g1',
        projectId: null,
        domainId: 'd1',
        inheritedToProjects: true,
      };
      await notifications.roleAssignment({ ...ROLE_ASSIGNMENT, ...group, operation: 'deleted' });
      await notifications.authenticate(AUTHENTICATE);
      await notifications.authenticate({ ...AUTHENTICATE, outcome: 'failure', initiator: null });
      await settled();
      const [created, deleted, success, failure] = sent;
      expect(created?.type).to.equal('identity.role_assignment.created');
      expect(created?.payload).to.deep.include({
        action: 'created.role_assignment',
        role: 'r1',
        user: 'u1',
        project: 'p1',
        inherited_to_projects: false,
      });
      expect(created?.payload).not.to.have.any.keys('group', 'domain', 'resource_info');
      expect(deleted?.type).to.equal('identity.role_assignment.deleted');
      expect(deleted?.payload).to.deep.include({ group: 'g1', domain: 'd1', inherited_to_projects: true });
      expect(deleted?.payload).not.to.have.any.keys('user', 'project');
      expect(success?.type).to.equal('identity.authenticate');
      expect(success?.payload).to.deep.include({ action: 'authenticate', outcome: 'success' });
      expect(success?.payload['initiator']).to.deep.include({ id: 'b'.repeat(32), user_id: 'b'.repeat(32) });
      expect(failure?.payload).to.deep.include({ outcome: 'failure' });
      expect(failure?.payload['initiator']).to.deep.include({ user_id: 'b'.repeat(32) });
    });
  }

  it('have the keys that the table gives', async () => {
    const table = readFileSync(join(import.meta.dirname, '../../../fixtures/notifications.tsv'), 'utf8');
    const rows = table
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
    const checked: string[] = [];
    for (const format of ['basic', 'cadf'] as const) {
      for (const [type = '', emission = '', basicKeys = '', cadfKeys = ''] of rows) {
        if (emission.startsWith('never')) continue;
        const { notifications, sent } = bus(format);
        const match = /^identity\.(.+)\.(created|updated|deleted)$/.exec(type);
        const [, resource = '', operation = ''] = match ?? [];
        if (type === 'identity.authenticate') await notifications.authenticate(AUTHENTICATE);
        else if (resource === 'role_assignment') {
          await notifications.roleAssignment({ ...ROLE_ASSIGNMENT, operation: operation as 'created' });
        } else {
          // No request makes the events of domains that are made on their own.
          const initiator = cadfKeys.includes('initiator') ? INITIATOR : null;
          await notifications[operation as 'created'](resource, 'x', initiator);
        }
        await settled();
        const wanted = format === 'basic' ? (basicKeys.split(' | ').at(-1) as string) : cadfKeys;
        expect(sent.map((event) => event.type)).to.deep.equal([type]);
        expect(Object.keys(sent[0]?.payload ?? {}), `${type} ${format}`).to.have.members(wanted.split(','));
        checked.push(type);
      }
    }
    expect(checked.length).to.be.above(60);
  });

  it('are not sent where the deployer does not want them, and are heard inside all the same', async () => {
    const optOut = [
      'identity.user.created',
      'identity.authenticate.success',
      'identity.role_assignment.created',
    ];
    const { notifications, sent } = bus('basic', optOut);
    const heard: string[] = [];
    notifications.on('user', 'created', ({ id }) => void heard.push(id));
    await notifications.created('user', 'u1', null);
    await notifications.deleted('user', 'u1', null);
    await notifications.authenticate(AUTHENTICATE);
    await notifications.authenticate({ ...AUTHENTICATE, outcome: 'failure' });
    await notifications.roleAssignment(ROLE_ASSIGNMENT);
    await notifications.roleAssignment({ ...ROLE_ASSIGNMENT, operation: 'deleted' });
    await settled();
    expect(sent.map(({ type }) => type)).to.deep.equal([
      'identity.user.deleted',
      'identity.authenticate',
      'identity.role_assignment.deleted',
    ]);
    expect(heard).to.deep.equal(['u1']);
  });

  it('never are what is for listeners inside', async () => {
    const { notifications, sent } = bus('cadf');
    const heard: string[] = [];
    for (const resource of ['project', 'domain']) {
      notifications.on(resource, 'disabled', (event) => void heard.push(`${resource} ${event.id}`));
    }
    notifications.on('invalidate_user_tokens', 'internal', ({ id }) => void heard.push(id));
    await notifications.disabled('project', 'p');
    await notifications.disabled('domain', 'd');
    await notifications.internal('invalidate_user_tokens', 'u');
    await settled();
    expect(heard).to.deep.equal(['project p', 'domain d', 'u']);
    expect(sent).to.deep.equal([]);
  });

  it('wait for the commit, and are forgotten without one', async () => {
    const pending: (() => void)[] = [];
    const { notifications, sent } = bus('basic', [], (action) => void pending.push(action));
    await notifications.created('user', 'u1', null);
    await settled();
    expect(sent).to.deep.equal([]);
    for (const action of pending) action();
    await settled();
    expect(sent).to.have.length(1);
  });

  it('reach every driver, whatever happens to the others, and harm no request', async () => {
    const got: string[] = [];
    const notifications = createNotifications({
      format: 'basic',
      optOut: [],
      afterCommit: (action) => action(),
      drivers: [
        {
          send: () => {
            throw new Error('broken');
          },
          close: () => Promise.resolve(),
        },
        { send: () => Promise.reject(new Error('away')), close: () => Promise.resolve() },
        { send: (type) => void got.push(type), close: () => Promise.resolve() },
      ],
    });
    await notifications.created('user', 'u', null);
    await settled();
    expect(got).to.deep.equal(['identity.user.created']);
  });
});

describe('listeners', () => {
  it('are asked one after the other, in the order in which they came', async () => {
    const { notifications } = bus('basic');
    const heard: number[] = [];
    notifications.on('role', 'deleted', async () => {
      await settled();
      heard.push(1);
    });
    notifications.on('role', 'deleted', () => void heard.push(2));
    notifications.on('role', 'created', () => void heard.push(3));
    await notifications.deleted('role', 'r', null);
    expect(heard).to.deep.equal([1, 2]);
  });

  it('can refuse: then nothing is sent', async () => {
    const { notifications, sent } = bus('basic');
    notifications.on('role', 'deleted', () => Promise.reject(new Error('no')));
    let refused = '';
    await notifications.deleted('role', 'r', null).catch((error: Error) => {
      refused = error.message;
    });
    await settled();
    expect({ refused, sent }).to.deep.equal({ refused: 'no', sent: [] });
  });
});

describe('the initiator of a request', () => {
  it('is the caller, as far as there is one', () => {
    const request = authRequest({});
    expect(initiatorOf(request)).to.deep.equal({
      userId: null,
      projectId: null,
      domainId: null,
      address: '192.0.2.1',
      agent: null,
      requestId: null,
    });
    const context = requestContext({ state: {} });
    context.requestId = 'req-1';
    context.auth = {
      token: null,
      credentials: {},
      userId: 'u',
      projectId: 'p',
      domainId: null,
      isDelegated: false,
    };
    const known = { ...request, context, remoteAddress: '', header: () => 'curl' };
    expect(initiatorOf(known)).to.deep.equal({
      userId: 'u',
      projectId: 'p',
      domainId: null,
      address: null,
      agent: 'curl',
      requestId: 'req-1',
    });
  });
});
