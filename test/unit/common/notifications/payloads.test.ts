/** What events look like in both formats; the table of fixtures holds the keys that Newton sends. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createNotifications, Observer } from '../../../../src/common/notifications/index.js';
import type { Initiator, NotificationDriver } from '../../../../src/common/notifications/types.js';

interface Sent {
  readonly eventType: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const initiator: Initiator = {
  userId: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  projectId: 'p1',
  domainId: null,
  address: '192.0.2.7',
  agent: 'openstacksdk',
  requestId: 'req-1',
};
const HEX = /^[0-9a-f]{32}$/;

class Recorder implements NotificationDriver {
  readonly sent: Sent[] = [];
  send(eventType: string, payload: object): void {
    // As it arrives at a consumer.
    this.sent.push({ eventType, payload: JSON.parse(JSON.stringify(payload)) as Sent['payload'] });
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

function bus(format: 'basic' | 'cadf', optOut: readonly string[] = [], observer?: Observer) {
  const recorder = new Recorder();
  const effects: (() => void)[] = [];
  const notifications = createNotifications({
    format,
    optOut,
    drivers: [recorder],
    afterCommit: (effect) => void effects.push(effect),
    ...(observer && { observer }),
  });
  const commit = async (): Promise<readonly Sent[]> => {
    for (const effect of effects.splice(0)) effect();
    await new Promise(setImmediate);
    return recorder.sent;
  };
  return { notifications, recorder, commit };
}

/** Rows of the table by event type, for events that leave the process. */
const rows = readFileSync(new URL('../../../fixtures/notifications.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'))
  .map(([eventType = '', emission = '', basic = '', cadf = '', typeUri = '', action = '']) => ({
    eventType,
    emission,
    basic: (basic.split(' | ').at(-1) ?? '').split(','),
    cadf: cadf.split(','),
    typeUri,
    action,
  }));
const resourceRows = rows.filter(({ emission }) => emission === 'per notification_format');

/** `identity.OS-TRUST:trust.created` → resource and operation */
function parts(eventType: string): [resource: string, operation: 'created' | 'updated' | 'deleted'] {
  const [, resource = '', operation = ''] = /^identity\.(.+)\.(\w+)$/.exec(eventType) ?? [];
  return [resource, operation as 'created' | 'updated' | 'deleted'];
}

describe('payloads of notifications', () => {
  it('have the keys of the basic format for every event', async () => {
    const { notifications, commit } = bus('basic');
    for (const { eventType } of resourceRows) {
      const [resource, operation] = parts(eventType);
      await notifications[operation](resource, 'id-1', initiator);
    }
    const sent = await commit();
    expect(sent.map(({ eventType }) => eventType)).to.deep.equal(
      resourceRows.map(({ eventType }) => eventType),
    );
    for (const [index, { payload }] of sent.entries()) {
      expect(payload).to.have.all.keys(resourceRows[index]?.basic ?? []);
      expect(payload['resource_info']).to.equal('id-1');
    }
  });

  it('have the keys, action and target type of CADF for every event', async () => {
    const { notifications, commit } = bus('cadf');
    for (const { eventType, cadf } of resourceRows) {
      const [resource, operation] = parts(eventType);
      await notifications[operation](resource, 'id-1', cadf.includes('initiator') ? initiator : null);
    }
    const sent = await commit();
    expect(sent).to.have.length(resourceRows.length).and.length.above(30);
    for (const [index, { eventType, payload }] of sent.entries()) {
      const row = resourceRows[index];
      expect(payload, eventType).to.have.all.keys(row?.cadf ?? []);
      expect(payload, eventType).to.include({
        typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
        eventType: 'activity',
        outcome: 'success',
        action: row?.action,
        resource_info: 'id-1',
      });
      expect(payload['target'], eventType).to.deep.equal({ typeURI: row?.typeUri, id: 'id-1' });
      expect(payload['id']).to.match(HEX);
      expect(payload['eventTime']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$/);
    }
  });

  it('name the member of a group in the basic format alone', async () => {
    const actor = { id: 'u1', type: 'user', operation: 'added' } as const;
    const basic = bus('basic');
    await basic.notifications.updated('group', 'g1', initiator, actor);
    expect((await basic.commit())[0]?.payload).to.deep.equal({
      resource_info: 'g1',
      actor_id: 'u1',
      actor_type: 'user',
      actor_operation: 'added',
    });
    const cadf = bus('cadf');
    await cadf.notifications.updated('group', 'g1', initiator, actor);
    expect((await cadf.commit())[0]?.payload).not.to.have.any.keys(
      'actor_id',
      'actor_type',
      'actor_operation',
    );
  });

  for (const format of ['basic', 'cadf'] as const) {
    it(`tell of grants and of signing in by CADF, also where the format is ${format}`, async () => {
      const { notifications, commit } = bus(format);
      await notifications.roleAssignment({
        operation: 'created',
        roleId: 'r1',
        userId: null,
        groupId: 'g1',
        projectId: null,
        domainId: 'd1',
        inheritedToProjects: true,
        initiator,
      });
      await notifications.authenticate({ outcome: 'failure', userId: 'u1', initiator: null });
      const [grant, signIn] = await commit();
      expect(grant?.eventType).to.equal('identity.role_assignment.created');
      expect(grant?.payload).to.include({
        action: 'created.role_assignment',
        role: 'r1',
        group: 'g1',
        domain: 'd1',
        inherited_to_projects: true,
      });
      expect(grant?.payload).not.to.have.any.keys('user', 'project', 'resource_info');
      expect(signIn?.eventType).to.equal('identity.authenticate');
      const row = rows.find(({ eventType }) => eventType === 'identity.authenticate');
      expect(signIn?.payload).to.have.all.keys(row?.cadf ?? []);
      expect(signIn?.payload).to.include({ action: 'authenticate', outcome: 'failure' });
      expect(signIn?.payload['initiator']).to.include({ user_id: 'u1' });
    });
  }

  it('have an initiator that is a UUID, whatever the id of the user is', async () => {
    const { notifications, commit } = bus('cadf');
    await notifications.created('user', 'u2', initiator);
    await notifications.created('user', 'u2', { ...initiator, userId: 'uid=ann,ou=people' });
    const [one, other] = (await commit()).map(
      ({ payload }) => payload['initiator'] as Record<string, unknown>,
    );
    expect(one).to.deep.include({
      typeURI: 'service/security/account/user',
      id: initiator.userId,
      user_id: initiator.userId,
      project_id: 'p1',
      host: { address: '192.0.2.7', agent: 'openstacksdk' },
    });
    // uuid5(UUID('4332ecab-770b-4288-a680-b9aca3b1b153'), 'uid=ann,ou=people') of Python.
    expect(other?.['id']).to.equal('d3f1136b160a5afbb2954d7cc8910c53');
  });

  it('are made after the commit only, and never of events inside the process', async () => {
    const { notifications, recorder, commit } = bus('basic');
    await notifications.created('user', 'u1', initiator);
    await notifications.disabled('project', 'p1');
    await notifications.internal('invalidate_user_tokens', 'u1');
    await new Promise(setImmediate);
    expect(recorder.sent).to.deep.equal([]);
    expect((await commit()).map(({ eventType }) => eventType)).to.deep.equal(['identity.user.created']);
  });

  it('are not sent for events that are opted out of, which listeners hear all the same', async () => {
    const { notifications, commit } = bus('basic', [
      'identity.user.created',
      'identity.authenticate.success',
    ]);
    const heard: string[] = [];
    notifications.on('user', 'created', ({ id }) => void heard.push(id));
    await notifications.created('user', 'u1', null);
    await notifications.deleted('user', 'u1', null);
    await notifications.authenticate({ outcome: 'success', userId: 'u1', initiator: null });
    await notifications.authenticate({ outcome: 'failure', userId: 'u1', initiator: null });
    const sent = (await commit()).map(({ eventType, payload }) => [eventType, payload['outcome']]);
    expect(sent).to.deep.equal([
      ['identity.user.deleted', undefined],
      ['identity.authenticate', 'failure'],
    ]);
    expect(heard).to.deep.equal(['u1']);
  });

  it('are observed by the identity service of the catalog, which may change', async () => {
    let asked = 0;
    let service: string | null = null;
    const observer = new Observer(async () => {
      asked += 1;
      return service;
    });
    const { notifications, commit } = bus('cadf', [], observer);
    const observed = async (work: Promise<void>): Promise<unknown> => {
      await work;
      const { observer: seen } = (await commit()).at(-1)?.payload ?? {};
      return (seen as { id: string }).id;
    };
    const nameless = await observed(notifications.created('user', 'u1', null));
    expect(nameless).to.match(HEX);
    expect(await observed(notifications.created('user', 'u2', null))).to.equal(nameless);
    expect(asked).to.equal(1);

    service = 'keystone';
    expect(await observed(notifications.created('service', 'keystone', null))).to.equal('keystone');
    expect(await observed(notifications.created('user', 'u3', null))).to.equal('keystone');
    expect(asked).to.equal(2);
  });

  it('are sent in their order, also while the catalog cannot be asked', async () => {
    const observer = new Observer(() => Promise.reject(new Error('the database is away')));
    const { notifications, commit } = bus('cadf', [], observer);
    for (const id of ['u1', 'u2', 'u3']) await notifications.created('user', id, null);
    const sent = await commit();
    expect(sent.map(({ payload }) => payload['resource_info'])).to.deep.equal(['u1', 'u2', 'u3']);
  });

  it('that cannot be sent fail nobody', async () => {
    const effects: (() => void)[] = [];
    const recorder = new Recorder();
    const broken: NotificationDriver = {
      send: () => {
        throw new Error('broken');
      },
      close: () => Promise.resolve(),
    };
    const notifications = createNotifications({
      format: 'basic',
      optOut: [],
      drivers: [broken, recorder],
      afterCommit: (effect) => void effects.push(effect),
    });
    await notifications.created('user', 'u1', null);
    for (const effect of effects) effect();
    await new Promise(setImmediate);
    expect(recorder.sent).to.have.length(1);
  });
});
