/** Every action that ends tokens, asked of one server, holds for the next request to another one on the same database. */
import { expect } from 'chai';
import { dbSync, openDatabase } from '../../src/common/sql/index.js';
import type { Answer, Cloud } from '../api/cloud.js';
import type { Entity, People, Person } from '../api/people.js';
import type { Json } from '../api/tenancy.js';
import { createDelegation, type Delegation } from '../security/delegation.js';
import { type EmptyDatabase, emptyDatabase, IMPATIENT, KINDS } from '../unit/common/sql/support.js';

/** A user of a domain with a role on a project there, and a token for it. */
interface Holder {
  readonly domain: Entity;
  readonly project: Entity;
  readonly role: Entity;
  readonly user: Person;
  readonly group: Entity;
  readonly token: string;
}

interface Trigger {
  readonly what: string;
  /** What the token is scoped to, and by whom the user has the role. */
  readonly on?: 'project' | 'domain';
  readonly by?: 'user' | 'group';
  readonly end: (people: People, holder: Holder, audit: string) => Promise<unknown>;
  /** What the event names. */
  readonly event: (holder: Holder, audit: string) => Json;
}

const patch = (path: (holder: Holder) => string, kind: string, changes: Json): Trigger['end'] => {
  return (people, holder) => people.must(people.admin, 'PATCH', `/v3/${path(holder)}`, { [kind]: changes });
};
const remove = (path: (holder: Holder) => string): Trigger['end'] => {
  return (people, holder) => people.must(people.admin, 'DELETE', `/v3/${path(holder)}`);
};
const userPath = ({ user }: Holder): string => `users/${user.id}`;
const projectPath = ({ project }: Holder): string => `projects/${project.id}`;
const ofUser = ({ user }: Holder): Json => ({ user_id: user.id });
const ofGrant = ({ user, role, project }: Holder): Json => ({
  user_id: user.id,
  role_id: role.id,
  project_id: project.id,
});

const TRIGGERS: readonly Trigger[] = [
  {
    what: 'a token is revoked',
    end: (people, { token }) =>
      people.cloud.request('DELETE', '/v3/auth/tokens', people.admin, undefined, {
        'X-Subject-Token': token,
      }),
    event: (_holder, audit) => ({ audit_id: audit }),
  },
  { what: 'a user is disabled', end: patch(userPath, 'user', { enabled: false }), event: ofUser },
  { what: 'a user is deleted', end: remove(userPath), event: ofUser },
  {
    what: 'an administrator changes a password',
    end: patch(userPath, 'user', { password: 'newer' }),
    event: ofUser,
  },
  {
    what: 'a user changes the own password',
    end: (people, { token, user }) =>
      people.must(token, 'POST', `/v3/users/${user.id}/password`, {
        user: { original_password: user.password, password: 'newer' },
      }),
    event: ofUser,
  },
  {
    what: 'a project is disabled',
    end: patch(projectPath, 'project', { enabled: false }),
    event: ({ project }) => ({ project_id: project.id }),
  },
  {
    what: 'a project is deleted',
    end: remove(projectPath),
    event: ({ project }) => ({ project_id: project.id }),
  },
  {
    what: 'a domain is disabled',
    end: patch(({ domain }) => `domains/${domain.id}`, 'domain', { enabled: false }),
    event: ({ domain }) => ({ domain_id: domain.id }),
  },
  {
    what: 'a role is deleted',
    end: remove(({ role }) => `roles/${role.id}`),
    event: ({ role }) => ({ role_id: role.id }),
  },
  {
    what: 'a user loses a role on a project',
    end: remove(({ project, user, role }) => `projects/${project.id}/users/${user.id}/roles/${role.id}`),
    event: ofGrant,
  },
  {
    what: 'a user loses a role on a domain',
    on: 'domain',
    end: remove(({ domain, user, role }) => `domains/${domain.id}/users/${user.id}/roles/${role.id}`),
    event: ({ user, role, domain }) => ({ user_id: user.id, role_id: role.id, domain_id: domain.id }),
  },
  {
    what: 'a group loses a role on a project',
    by: 'group',
    end: remove(({ project, group, role }) => `projects/${project.id}/groups/${group.id}/roles/${role.id}`),
    event: ofGrant,
  },
  {
    what: 'a user leaves a group',
    by: 'group',
    end: remove(({ group, user }) => `groups/${group.id}/users/${user.id}`),
    event: ofUser,
  },
  {
    what: 'a group is deleted',
    by: 'group',
    end: remove(({ group }) => `groups/${group.id}`),
    event: ofUser,
  },
];

for (const kind of KINDS) {
  describe(`what ends tokens, for two servers on ${kind}`, function revocation() {
    this.timeout(120_000);
    let place: EmptyDatabase | undefined;
    let scene: Delegation;
    let other: Cloud;

    before(async function start() {
      place = await emptyDatabase(this, kind);
      const database = await openDatabase({ url: place.url, options: IMPATIENT });
      await dbSync(database);
      await database.close();
      scene = await createDelegation({ database: [`connection = ${place.url}`] });
      other = await scene.cloud.twin();
    });
    after(async () => {
      await scene?.stop();
      await place?.remove();
    });

    const make = (kindOf: string, attributes: Json): Promise<Entity> => {
      const { people } = scene;
      const entity = { name: people.unique(kindOf), ...attributes };
      return people.must(people.admin, 'POST', `/v3/${kindOf}s`, { [kindOf]: entity }, kindOf);
    };
    const put = (path: string): Promise<Entity> =>
      scene.people.must(scene.people.admin, 'PUT', `/v3/${path}`);
    async function newHolder({ on = 'project', by = 'user' }: Trigger): Promise<Holder> {
      const { people } = scene;
      const domain = await make('domain', {});
      const within = { domain_id: domain.id };
      const [project, group] = [await make('project', within), await make('group', within)];
      const [user, role] = [await people.user(within), await people.role()];
      await put(`groups/${group.id}/users/${user.id}`);
      const [target, actor] = [{ project, domain }[on], { user, group }[by]];
      await put(`${on}s/${target.id}/${by}s/${actor.id}/roles/${role.id}`);
      const token = await people.token(user, { [on]: { id: target.id } });
      return { domain, project, group, user, role, token };
    }

    const validate = (cloud: Cloud, token: string): Promise<Answer> =>
      cloud.request('GET', '/v3/auth/tokens', scene.people.admin, undefined, { 'X-Subject-Token': token });
    /** The body of a token that is good, for both servers, which may keep it from then on. */
    async function seenByBoth(token: string): Promise<Json> {
      const answers = [await validate(other, token), await validate(scene.cloud, token)];
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200]);
      return answers[0]?.body['token'] as Json;
    }
    async function expectEnded(token: string, event: Json): Promise<void> {
      expect((await validate(other, token)).status).to.equal(404);
      expect((await other.request('GET', '/v3/auth/projects', token)).status).to.equal(401);
      const { body } = await other.request('GET', '/v3/OS-REVOKE/events', scene.people.admin);
      const events = (body['events'] as Json[]).map(
        ({ issued_before: _before, revoked_at: _at, ...named }) => named,
      );
      expect(events).to.deep.include(event);
    }

    for (const trigger of TRIGGERS) {
      it(trigger.what, async () => {
        const holder = await newHolder(trigger);
        const body = await seenByBoth(holder.token);
        const audit = String((body['audit_ids'] as string[])[0]);
        await trigger.end(scene.people, holder, audit);
        await expectEnded(holder.token, trigger.event(holder, audit));
      });
    }

    it('a trust is deleted', async () => {
      const token = await scene.trustToken();
      const { id } = (await seenByBoth(token))['OS-TRUST:trust'] as Entity;
      await scene.people.must(scene.ownerToken, 'DELETE', `/v3/OS-TRUST/trusts/${id}`);
      await expectEnded(token, { 'OS-TRUST:trust_id': id });
    });

    it('an access token, or the consumer itself, is deleted', async () => {
      const { people, owner, ownerToken } = scene;
      const token = await scene.oauthToken();
      const { access_token_id: key } = (await seenByBoth(token))['OS-OAUTH1'] as Record<string, string>;
      await people.must(ownerToken, 'DELETE', `/v3/users/${owner.id}/OS-OAUTH1/access_tokens/${key}`);
      await expectEnded(token, { 'OS-OAUTH1:access_token_id': key });

      const second = await scene.oauthToken();
      const { consumer_id: id } = (await seenByBoth(second))['OS-OAUTH1'] as Record<string, string>;
      await people.must(people.admin, 'DELETE', `/v3/OS-OAUTH1/consumers/${id}`);
      await expectEnded(second, { 'OS-OAUTH1:consumer_id': id });
    });
  });
}
