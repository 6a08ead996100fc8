/** Where notifications go, from the configuration. Source: `[oslo_messaging_notifications]`, `[oslo_messaging_rabbit]`. */
import { hostname } from 'node:os';
import type { AmqpOptions } from '../common/notifications/drivers/amqp.js';
import { createNotificationDrivers } from '../common/notifications/drivers/index.js';
import {
  hostAndPort,
  parseTransportUrl,
  type Transport,
} from '../common/notifications/drivers/transport_url.js';
import type { NotificationDriver } from '../common/notifications/types.js';
import type { Conf } from '../conf/index.js';

/** @throws Error naming an unknown driver and the valid names */
export function notificationDrivers(conf: Conf): Promise<NotificationDriver[]> {
  const { driver, topics, retry } = conf.oslo_messaging_notifications;
  return createNotificationDrivers({
    names: driver,
    publisherId: publisherId(conf),
    topics,
    retry,
    longestPause: conf.oslo_messaging_rabbit.rabbit_interval_max,
    bus: () => amqpOptions(conf),
  });
}

/** As consumers know this service: `identity.<host>`. */
export function publisherId({ DEFAULT }: Conf): string {
  return DEFAULT.default_publisher_id ?? `identity.${hostname()}`;
}

/** @throws Error when the transport URL cannot be used; it does not hold the URL */
export function amqpOptions(conf: Conf): AmqpOptions {
  const rabbit = conf.oslo_messaging_rabbit;
  const url = conf.oslo_messaging_notifications.transport_url ?? conf.DEFAULT.transport_url;
  const transport = url === null ? rabbitOptions(rabbit) : parseTransportUrl(url);
  return {
    hosts: transport.hosts,
    virtualHost: transport.virtualHost || rabbit.rabbit_virtual_host,
    exchange: conf.DEFAULT.control_exchange,
    durable: rabbit.amqp_durable_queues,
    autoDelete: rabbit.amqp_auto_delete,
    heartbeat: rabbit.heartbeat_timeout_threshold,
    tls:
      (rabbit.ssl ?? rabbit.rabbit_use_ssl)
        ? {
            ca: rabbit.kombu_ssl_ca_certs || null,
            cert: rabbit.kombu_ssl_certfile || null,
            key: rabbit.kombu_ssl_keyfile || null,
            verifyName: rabbit.ssl_enforce_hostname_verification,
          }
        : null,
  };
}

function rabbitOptions(rabbit: Conf['oslo_messaging_rabbit']): Transport {
  const { rabbit_hosts: hosts, rabbit_userid: user, rabbit_password: password } = rabbit;
  return { hosts: hosts.map((host) => ({ ...hostAndPort(host), user, password })), virtualHost: null };
}
