"""A service that is protected by keystonemiddleware and tells callers who they are.

Arguments: the address of the identity service, the name, the password and the project of the service's user. Prints the
port that it listens on; ends with its input.
"""

import json
import logging
import sys
import threading
from wsgiref import simple_server

from keystonemiddleware import auth_token

ENVIRONMENT = (
    'HTTP_X_IDENTITY_STATUS',
    'HTTP_X_USER_NAME',
    'HTTP_X_USER_DOMAIN_ID',
    'HTTP_X_PROJECT_NAME',
    'HTTP_X_PROJECT_DOMAIN_ID',
    'HTTP_X_ROLES',
)


def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps({name: environ.get(name) for name in ENVIRONMENT}).encode()]


class QuietHandler(simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass


url, username, password, project = sys.argv[1:]
logging.disable(logging.CRITICAL)
protected = auth_token.AuthProtocol(application, {
    'auth_type': 'password',
    'auth_url': url,
    'www_authenticate_uri': url,
    'username': username,
    'user_domain_id': 'default',
    'password': password,
    'project_name': project,
    'project_domain_id': 'default',
    # What was validated is asked again at once.
    'token_cache_time': '-1',
    'service_token_roles_required': 'true',
    'interface': 'public',
})
server = simple_server.make_server('127.0.0.1', 0, protected, handler_class=QuietHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
