"""Works with API v2.0 through all managers of python-keystoneclient's v2_0 client, against both ports.

Arguments: URL of the public stack, URL of the admin stack, name, password and project of an administrator. Prints what
the client saw as one JSON object. (`tokens.endpoints` is left out: the client itself cannot read any server's answer.)
"""

import json
import sys
import warnings

warnings.simplefilter('ignore')

from keystoneclient import exceptions  # noqa: E402
from keystoneclient.v2_0 import client  # noqa: E402

public, admin_url, name, password, project = sys.argv[1:]


def sign_in(**login):
    return client.Client(auth_url=public + '/v2.0', **login)


def refusal(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except exceptions.HttpError as error:
        return [error.http_status, str(error)]
    return None


def names(entities):
    return sorted(entity.name for entity in entities)


saw = {}

# A cloud that is in its own catalog, so that the client finds the admin port.
token = sign_in(username=name, password=password, tenant_name=project).auth_token
first = client.Client(token=token, endpoint=admin_url + '/v2.0')
service = first.services.create('keystone', 'identity', 'Identity')
endpoint = first.endpoints.create(
    'RegionOne', service.id, public + '/v2.0', admin_url + '/v2.0', public + '/v2.0'
)
saw['services'] = [names(first.services.list()), first.services.get(service.id).description]
saw['endpoints'] = [[each.publicurl, each.adminurl] for each in first.endpoints.list()]

admin = sign_in(username=name, password=password, tenant_name=project)
saw['management'] = admin.management_url

tenant = admin.tenants.create('red', description='colour', enabled=True)
other = admin.tenants.create('blue')
saw['tenants'] = [names(admin.tenants.list()), names(admin.tenants.list(limit=1))]
saw['tenant'] = admin.tenants.get(tenant.id).description
saw['updated tenant'] = admin.tenants.update(tenant.id, description='new').description

user = admin.users.create('ann', 'secret', email='ann@example.com', tenant_id=tenant.id)
saw['users'] = [names(admin.users.list()), names(admin.users.list(tenant_id=tenant.id))]
saw['user'] = admin.users.get(user.id).email
saw['updated user'] = admin.users.update(user.id, email='new@example.com').email
saw['other tenant'] = admin.users.update_tenant(user.id, other.id).tenantId

role = admin.roles.create('painter')
saw['role'] = admin.roles.get(role.id).name
saw['roles'] = names(admin.roles.list())
admin.roles.add_user_role(user.id, role.id, tenant.id)
saw['roles of user'] = names(admin.roles.roles_for_user(user.id, tenant.id))
saw['users of tenant'] = names(admin.tenants.list_users(tenant.id))
saw['granted twice'] = refusal(admin.roles.add_user_role, user.id, role.id, tenant.id)[0]
admin.roles.remove_user_role(user.id, role.id, tenant.id)
saw['no roles of user'] = names(admin.roles.roles_for_user(user.id, tenant.id))
saw['without tenant'] = refusal(admin.roles.roles_for_user, user.id)[0]
admin.roles.add_user_role(user.id, role.id, tenant.id)

admin.users.update_password(user.id, 'newer')
saw['old password'] = refusal(sign_in, username='ann', password='secret')[0]
ann = sign_in(username='ann', password='newer', tenant_name='red')
saw['ann'] = [ann.username, ann.tenant_name, ann.auth_ref.role_names]
saw['not an administrator'] = refusal(ann.users.list)
admin.users.update_enabled(user.id, False)
saw['disabled'] = refusal(sign_in, username='ann', password='newer')[0]
admin.users.update_enabled(user.id, True)
ann = sign_in(username='ann', password='newer', tenant_name='red')
own = client.Client(token=ann.auth_token, endpoint=public + '/v2.0')
saw['own tenants'] = names(own.tenants.list())
saw['public extensions'] = sorted(each.alias for each in own.extensions.list())
saw['admin extensions'] = sorted(each.alias for each in admin.extensions.list())

credential = admin.ec2.create(user.id, tenant.id)
saw['ec2'] = [
    admin.ec2.get(user.id, credential.access).secret == credential.secret,
    len(admin.ec2.list(user.id)),
]
admin.ec2.delete(user.id, credential.access)
saw['no ec2'] = len(admin.ec2.list(user.id))

saw['validated'] = admin.tokens.validate_access_info(ann.auth_token).username
rescoped = sign_in(token=ann.auth_token, tenant_id=tenant.id)
saw['rescoped'] = rescoped.tenant_id == tenant.id
saw['certificates'] = [admin.certificates.get_ca_certificate(), admin.certificates.get_signing_certificate()]
saw['revoked'] = admin.tokens.get_revoked()
admin.tokens.delete(ann.auth_token)
saw['deleted token'] = refusal(admin.tokens.validate, ann.auth_token)[0]

admin.endpoints.delete(endpoint.id)
admin.services.delete(service.id)
admin.users.delete(user.id)
admin.roles.delete(role.id)
admin.tenants.delete(tenant.id)
saw['left'] = [
    names(admin.users.list()),
    names(admin.tenants.list()),
    len(admin.endpoints.list()),
    len(admin.services.list()),
]
print(json.dumps(saw))
