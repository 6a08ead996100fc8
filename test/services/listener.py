"""Listens to notifications as Ceilometer and audit collectors do: with oslo.messaging.

Arguments: transport URL, file of the authority for TLS or "". Prints "ready", then each notification as one line of
JSON; ends with its input.
"""

import json
import logging
import os
import sys

from oslo_config import cfg
import oslo_messaging

transport_url, ca = sys.argv[1:]
logging.disable(logging.CRITICAL)


class Endpoint:
    def info(self, context, publisher_id, event_type, payload, metadata):
        print(
            json.dumps({
                'context': context,
                'publisher_id': publisher_id,
                'event_type': event_type,
                'payload': payload,
                'metadata': metadata,
            }),
            flush=True,
        )


conf = cfg.ConfigOpts()
conf([])
transport = oslo_messaging.get_notification_transport(conf, url=transport_url)
conf.set_override('amqp_durable_queues', True, 'oslo_messaging_rabbit')
conf.set_override('rabbit_retry_interval', 1, 'oslo_messaging_rabbit')
conf.set_override('rabbit_retry_backoff', 0, 'oslo_messaging_rabbit')
if ca:
    conf.set_override('ssl', True, 'oslo_messaging_rabbit')
    conf.set_override('ssl_ca_file', ca, 'oslo_messaging_rabbit')
listener = oslo_messaging.get_notification_listener(
    transport,
    [oslo_messaging.Target(topic='notifications', exchange='keystone')],
    [Endpoint()],
    executor='threading',
)
listener.start()
print('ready', flush=True)
sys.stdin.read()
os._exit(0)
