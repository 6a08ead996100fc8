"""What the real Keystone's LDAP driver finds in a directory.

Reads from standard input: {"options": {name: value of [ldap]}, "passwords": {user id: password}}; writes what was found.
"""

import json
import sys

import keystone.conf
from keystone.common import driver_hints
from keystone.identity.backends.ldap import core

asked = json.load(sys.stdin)
conf = keystone.conf.CONF
keystone.conf.configure(conf)
conf([], project="keystone", default_config_files=[], default_config_dirs=[])
for name, value in asked["options"].items():
    conf.set_override(name, value, group="ldap")
driver = core.Identity(conf=conf)


def authenticated(user_id, password):
    try:
        driver.authenticate(user_id, password)
        return True
    except AssertionError:
        return False


def ids(entities):
    return sorted(entity["id"] for entity in entities)


hints = driver_hints.Hints
groups = driver.list_groups(hints())
users = driver.list_users(hints())
json.dump(
    {
        "users": users,
        "groups": groups,
        "members": {g["id"]: ids(driver.list_users_in_group(g["id"], hints())) for g in groups},
        "groups_of": {u["id"]: ids(driver.list_groups_for_user(u["id"], hints())) for u in users},
        "by_name": {u["name"]: driver.get_user_by_name(u["name"], None)["id"] for u in users},
        "authenticated": {i: authenticated(i, p) for i, p in asked["passwords"].items()},
    },
    sys.stdout,
)
