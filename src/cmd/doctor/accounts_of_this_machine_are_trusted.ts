import type { Symptom } from './symptom.js';

const BY_WEB_SERVER = ['external', 'kerberos'];

export const accountsOfThisMachineAreTrusted: Symptom = {
  name: 'accounts_of_this_machine_are_trusted',
  what: 'Every account on this machine can say that a web server has signed it in as anybody.',
  why: 'Whoever has one, or makes a program that runs here send a request, gets a token of an administrator.',
  advice:
    'Take external and kerberos out of [auth] methods, or serve at UNIX sockets with [keystone_koa] trusted_proxies = unix;' +
    ' leave it where the machine has no accounts but those of the service and the web server.',
  look({
    conf: {
      auth: { methods },
      keystone_koa: { trusted_proxies: proxies },
    },
  }) {
    const used = methods.filter((method) => BY_WEB_SERVER.includes(method));
    const own = proxies.filter((proxy) => proxy.startsWith('127.') || proxy === '::1');
    if (used.length === 0 || own.length === 0) return [];
    return [
      `[auth] methods has ${used.join(', ')}, and [keystone_koa] trusted_proxies has ${own.join(', ')}`,
    ];
  },
};
