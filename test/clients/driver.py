"""Runs commands of python-openstackclient, each in a process of its own, without the second that a start costs.

Reads one JSON object per line, {"args": [...], "env": {...}}, and answers each with one line,
{"status": 0, "out": "...", "err": "..."}. Everything is imported once; a command runs in a fork of that.
"""

import json
import logging
import os
import sys
import tempfile
import traceback

from keystoneclient.v3 import client  # noqa: F401 (imported for the forks)
from openstackclient import shell

shell.OpenStackShell().run(['--quiet', 'module', 'list', '-f', 'json'])
print(flush=True)
logging.getLogger().handlers.clear()


def run(args, env):
    """In the fork: never returns."""
    status = 1
    try:
        os.environ.update(env)
        status = shell.main(args)
    except SystemExit as error:
        status = error.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


def answer(request):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            run(request['args'], request['env'])
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {
            'status': os.waitstatus_to_exitcode(status),
            'out': out.read().decode(),
            'err': err.read().decode(),
        }


print('ready', flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
