"""Make a database as the releases before Yoga left it, with Keystone's own migrations.

Arguments: SQLAlchemy URL, version from 73, the oldest that Keystone 22 still has, to 79, the last before alembic.
"""

import sys

import sqlalchemy
from keystone.common.sql import upgrades
from migrate.versioning import api

engine = sqlalchemy.create_engine(sys.argv[1])
for branch in ("expand", "data_migration", "contract"):
    repository = upgrades._find_migrate_repo(branch)
    api.version_control(engine, repository, upgrades.MIGRATE_INIT_VERSION)
    api.upgrade(engine, repository, int(sys.argv[2]))
