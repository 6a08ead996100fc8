"""Works with API v3 through the managers of python-keystoneclient's v3 client.

Arguments: URL of the service, name, password and project of an administrator (of the default domain). Prints what the
client saw as one JSON object. Left out are the managers of what came after Newton (limits, application credentials,
systems, access rules, tags of projects) and those of federation.
"""

import json
import sys
import warnings

warnings.simplefilter('ignore')

from keystoneauth1 import session  # noqa: E402
from keystoneauth1.identity import v3  # noqa: E402
from keystoneclient import exceptions  # noqa: E402
from keystoneclient.v3 import client  # noqa: E402
from keystoneclient.v3.contrib.oauth1 import auth as oauth1_auth  # noqa: E402

url, name, password, project = sys.argv[1:]


def connect(auth, **options):
    return client.Client(session=session.Session(auth=auth), **options)


def sign_in(username=name, secret=password, **scope):
    return v3.Password(url + '/v3', username=username, password=secret, user_domain_id='default', **scope)


def refusal(call, *args, **kwargs):
    """The status with which a call is refused, None when it is not."""
    try:
        call(*args, **kwargs)
    except exceptions.HttpError as error:
        return error.http_status
    return None


def names(entities):
    return sorted(entity.name for entity in entities)


def ids(entities):
    return sorted(entity.id for entity in entities)


saw = {}

# A cloud that is in its own catalog: from then on the client finds the service there.
by_name = {'project_name': project, 'project_domain_id': 'default'}
first = connect(sign_in(**by_name), endpoint_override=url + '/v3')
region = first.regions.create('RegionOne', description='first')
identity = first.services.create('keystone', 'identity', description='Identity')
for face in ('public', 'internal', 'admin'):
    first.endpoints.create(identity, url + '/v3', interface=face, region='RegionOne')
admin = connect(sign_in(**by_name), interface='public', region_name='RegionOne')
me = admin.session.auth.get_user_id(admin.session)


def catalog():
    part = admin.regions.create('part', parent_region=region)
    saw['regions'] = [ids(admin.regions.list()), ids(admin.regions.list(parent_region_id='RegionOne'))]
    saw['region'] = admin.regions.get(part).parent_region_id
    saw['updated region'] = admin.regions.update(part, description='new').description
    saw['parent in use'] = refusal(admin.regions.delete, region)
    admin.regions.delete(part)

    volume = admin.services.create('cinder', type='volume', enabled=False)
    saw['services'] = [names(admin.services.list()), names(admin.services.list(type='volume'))]
    saw['service'] = admin.services.get(volume).enabled
    saw['updated service'] = admin.services.update(volume, description='disks', enabled=True).description
    endpoint = admin.endpoints.create(volume, 'http://volume/$(tenant_id)s', interface='public', region='RegionOne')
    saw['endpoints'] = [
        len(admin.endpoints.list()),
        [each.url for each in admin.endpoints.list(service=volume, interface='public')],
    ]
    saw['endpoint'] = admin.endpoints.get(endpoint).region_id
    saw['updated endpoint'] = admin.endpoints.update(endpoint, url='http://volume/v3').url
    filters_and_policies(volume, endpoint)
    admin.endpoints.delete(endpoint)
    admin.services.delete(volume)
    saw['catalog left'] = [len(admin.endpoints.list()), names(admin.services.list())]


def filters_and_policies(service, endpoint):
    home = admin.projects.create('shop', 'default')
    filters = admin.endpoint_filter
    filters.add_endpoint_to_project(home, endpoint)
    filters.check_endpoint_in_project(home, endpoint)
    saw['endpoints of project'] = [each.url for each in filters.list_endpoints_for_project(home)]
    saw['projects of endpoint'] = names(filters.list_projects_for_endpoint(endpoint))
    filters.delete_endpoint_from_project(home, endpoint)
    saw['endpoint taken away'] = refusal(filters.check_endpoint_in_project, home, endpoint)

    group = admin.endpoint_groups.create('disks', filters={'service_id': service.id}, description='all')
    saw['endpoint groups'] = names(admin.endpoint_groups.list())
    saw['endpoint group'] = admin.endpoint_groups.get(group).filters == {'service_id': service.id}
    admin.endpoint_groups.check(group)
    saw['updated endpoint group'] = admin.endpoint_groups.update(group, description='some').description
    filters.add_endpoint_group_to_project(group, home)
    filters.check_endpoint_group_in_project(group, home)
    saw['endpoint groups of project'] = names(filters.list_endpoint_groups_for_project(home))
    saw['projects of endpoint group'] = names(filters.list_projects_for_endpoint_group(group))
    saw['endpoints by group'] = [each.url for each in filters.list_endpoints_for_project(home)]
    filters.delete_endpoint_group_from_project(group, home)
    saw['group taken away'] = refusal(filters.check_endpoint_group_in_project, group, home)
    admin.endpoint_groups.delete(group)
    saw['no endpoint group'] = refusal(admin.endpoint_groups.check, group)
    admin.projects.delete(home)

    policy = admin.policies.create('{"default": ""}', type='application/json')
    saw['policies'] = [each.blob for each in admin.policies.list()]
    saw['policy'] = admin.policies.get(policy).type
    saw['updated policy'] = admin.policies.update(policy, blob='{}').blob
    links = admin.endpoint_policy
    for kind, target in {
        'endpoint': (endpoint,),
        'service': (service,),
        'region_and_service': (region, service),
    }.items():
        getattr(links, 'create_policy_association_for_' + kind)(policy, *target)
        getattr(links, 'check_policy_association_for_' + kind)(policy, *target)
        saw['policy by ' + kind] = [
            links.get_policy_for_endpoint(endpoint).id == policy.id,
            ids(links.list_endpoints_for_policy(policy)) == [endpoint.id],
        ]
        getattr(links, 'delete_policy_association_for_' + kind)(policy, *target)
        saw['no policy by ' + kind] = refusal(
            getattr(links, 'check_policy_association_for_' + kind), policy, *target
        )
    admin.policies.delete(policy)
    saw['no policy'] = refusal(admin.policies.get, policy)


def people():
    domain = admin.domains.create('acme', description='a shop', enabled=True)
    saw['domains'] = [names(admin.domains.list()), names(admin.domains.list(name='acme'))]
    saw['domain'] = admin.domains.get(domain).description
    saw['enabled domain kept'] = refusal(admin.domains.delete, domain)

    top = admin.projects.create('top', domain, description='all of it')
    part = admin.projects.create('part', domain, parent=top)
    saw['projects'] = [names(admin.projects.list(domain=domain)), names(admin.projects.list(parent=top))]
    saw['subtree'] = [each['project']['name'] for each in admin.projects.get(top, subtree_as_list=True).subtree]
    saw['parents'] = list(admin.projects.get(part, parents_as_ids=True).parents) == [top.id]
    saw['updated project'] = admin.projects.update(part, description='new').description
    saw['parent kept'] = refusal(admin.projects.delete, top)

    ann = admin.users.create('ann', domain=domain, password='secret', email='ann@acme', default_project=top)
    saw['users'] = [names(admin.users.list(domain=domain)), admin.users.get(ann).email]
    saw['updated user'] = admin.users.update(ann, email='new@acme', enabled=True).email
    group = admin.groups.create('staff', domain=domain, description='who works')
    admin.users.add_to_group(ann, group)
    admin.users.check_in_group(ann, group)
    saw['groups'] = [names(admin.groups.list(domain=domain)), names(admin.groups.list(user=ann))]
    saw['members'] = names(admin.users.list(group=group))
    saw['updated group'] = admin.groups.update(group, description='new').description
    roles(domain, top, part, ann, group)

    admin.users.remove_from_group(ann, group)
    saw['no member'] = refusal(admin.users.check_in_group, ann, group)
    admin.groups.delete(group)
    saw['no group'] = refusal(admin.groups.get, group)
    configure(domain)
    credentials(ann, top)

    own = v3.Password(url + '/v3', user_id=ann.id, password='secret')
    connect(own, endpoint_override=url + '/v3').users.update_password('secret', 'Newer-secret')
    stale = v3.Password(url + '/v3', user_id=ann.id, password='secret')
    saw['old password'] = refusal(session.Session(auth=stale).get_token)
    admin.users.delete(ann)
    admin.projects.delete(part)
    admin.projects.delete(top)
    saw['disabled domain'] = admin.domains.update(domain, enabled=False).enabled
    admin.domains.delete(domain)
    saw['people left'] = [names(admin.domains.list()), names(admin.users.list()), names(admin.projects.list())]


def roles(domain, top, part, ann, group):
    painter = admin.roles.create('painter')
    helper = admin.roles.create('helper')
    local = admin.roles.create('local', domain=domain)
    saw['roles'] = [names(admin.roles.list()), names(admin.roles.list(domain_id=domain.id))]
    saw['role'] = admin.roles.get(local).domain_id == domain.id
    saw['updated role'] = admin.roles.update(helper, name='assistant').name

    for where in ({'project': top}, {'domain': domain}):
        for who in ({'user': ann}, {'group': group}):
            for inherited in (False, True):
                grant = {**who, **where, 'os_inherit_extension_inherited': inherited}
                admin.roles.grant(painter, **grant)
                admin.roles.check(painter, **grant)
                key = '-'.join(['grants', *who, *where] + ['inherited'] * inherited)
                if not (inherited and 'project' in where):  # which no server lists
                    saw[key] = names(admin.roles.list(**grant))
                admin.roles.revoke(painter, **grant)
                saw['no ' + key] = refusal(admin.roles.check, painter, **grant)

    rules = admin.inference_rules
    rules.create(painter, helper)
    rules.check(painter, helper)
    saw['implied'] = [rules.get(painter, helper).implies['name'], [each['name'] for each in rules.list(painter).implies]]
    saw['inferences'] = [each.prior_role['name'] for each in rules.list_inference_roles()]

    admin.roles.grant(painter, user=ann, project=top)
    admin.roles.grant(painter, group=group, domain=domain, os_inherit_extension_inherited=True)
    assignments = admin.role_assignments
    saw['assignments'] = sorted(
        (each.role['name'], sorted(each.scope)) for each in assignments.list(role=painter, include_names=True)
    )
    saw['assignments of user'] = len(assignments.list(user=ann, project=top))
    saw['assignments of group'] = len(assignments.list(group=group, os_inherit_extension_inherited_to='projects'))
    saw['assignments of domain'] = len(assignments.list(domain=domain))
    effective = assignments.list(user=ann, effective=True, include_names=True)
    saw['effective'] = sorted((each.role['name'], each.scope['project']['name']) for each in effective)
    saw['assignments below'] = len(assignments.list(project=top, include_subtree=True))

    delegate(ann, top, painter)
    rules.delete(painter, helper)
    saw['no rule'] = refusal(rules.check, painter, helper)
    for role in (painter, helper, local):
        admin.roles.delete(role)
    saw['no role'] = refusal(admin.roles.get, painter)


def delegate(ann, top, painter):
    """Trusts and OAuth: what a user lets others do."""
    scope = {'user_id': ann.id, 'password': 'secret', 'project_id': top.id}
    trustor = connect(v3.Password(url + '/v3', **scope), endpoint_override=url + '/v3')
    saw['own projects'] = [names(trustor.auth.projects()), names(trustor.auth.domains())]

    trust = trustor.trusts.create(me, ann, role_names=['painter'], project=top, impersonation=True, remaining_uses=1)
    saw['trusts'] = [
        len(trustor.trusts.list(trustor_user=ann)),
        len(admin.trusts.list(trustee_user=me)),
        trustor.trusts.get(trust).remaining_uses,
    ]
    used = session.Session(auth=sign_in(trust_id=trust.id))
    saw['trusted'] = used.auth.get_user_id(used) == ann.id
    saw['used up'] = refusal(session.Session(auth=sign_in(trust_id=trust.id)).get_token)
    again = trustor.trusts.create(me, ann, role_ids=[painter.id], project=top)
    trustor.trusts.delete(again)
    saw['no trust'] = refusal(trustor.trusts.get, again)

    consumers = admin.oauth1.consumers
    consumer = consumers.create(description='a tool')
    saw['consumers'] = [consumers.get(consumer).description, len(consumers.list())]
    saw['updated consumer'] = consumers.update(consumer, description='the tool').description
    tool = connect(None, endpoint_override=url + '/v3')
    home = admin.session.get_project_id()
    role = admin.roles.list(name='admin')[0]
    request = tool.oauth1.request_tokens.create(consumer.id, consumer.secret, home)
    verifier = admin.oauth1.request_tokens.authorize(request.key, [role.id]).oauth_verifier
    access = tool.oauth1.access_tokens.create(consumer.id, consumer.secret, request.key, request.secret, verifier)
    signed = connect(
        oauth1_auth.OAuth(
            url + '/v3',
            consumer_key=consumer.id,
            consumer_secret=consumer.secret,
            access_key=access.key,
            access_secret=access.secret,
        ),
        endpoint_override=url + '/v3',
    )
    saw['signed'] = signed.session.auth.get_access(signed.session).project_name
    consumers.delete(consumer)
    saw['consumer gone'] = refusal(tool.oauth1.request_tokens.create, consumer.id, consumer.secret, home)


def configure(domain):
    config = {'identity': {'driver': 'sql'}, 'ldap': {'url': 'ldap://directory'}}
    created = admin.domain_configs.create(domain, config)
    saw['config'] = [created.ldap, admin.domain_configs.get(domain).identity]
    saw['updated config'] = admin.domain_configs.update(domain, {'ldap': {'url': 'ldap://other'}}).ldap
    admin.domain_configs.delete(domain)
    saw['no config'] = refusal(admin.domain_configs.get, domain)


def credentials(ann, top):
    stored = admin.credentials.create(ann, 'cert', 'a blob', project=top)
    saw['credentials'] = [len(admin.credentials.list(user_id=ann.id)), admin.credentials.get(stored).blob]
    saw['updated credential'] = admin.credentials.update(stored, ann, blob='another').blob
    admin.credentials.delete(stored)
    saw['no credential'] = refusal(admin.credentials.get, stored)

    key = admin.ec2.create(ann.id, top.id)
    saw['ec2'] = [admin.ec2.get(ann.id, key.access).secret == key.secret, len(admin.ec2.list(ann.id))]
    admin.ec2.delete(ann.id, key.access)
    saw['no ec2'] = [len(admin.ec2.list(ann.id)), refusal(admin.ec2.get, ann.id, key.access)]


def tokens():
    other = connect(sign_in(**by_name)).session.get_token()
    token = admin.tokens.validate(other)
    saw['validated'] = [token.username, token.project_name, token.has_service_catalog()]
    saw['token data'] = sorted(admin.tokens.get_token_data(other, include_catalog=False)['token'])
    admin.tokens.revoke_token(other)
    saw['revoked'] = refusal(admin.tokens.validate, other)
    saw['revoked list'] = [admin.tokens.get_revoked(), admin.tokens.get_revoked(audit_id_only=True)]
    saw['certificates'] = [admin.simple_cert.get_ca_certificates(), admin.simple_cert.get_certificates()]


catalog()
people()
tokens()
print(json.dumps(saw))
