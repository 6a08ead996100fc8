import type { Symptom } from './symptom.js';

export const everybodyIsATrustedProxy: Symptom = {
  name: 'everybody_is_a_trusted_proxy',
  what: 'Headers are believed whoever sends them.',
  why: 'Everybody can say that a web server has signed them in as anybody.',
  advice: 'Name the addresses of your proxies in [keystone_koa] trusted_proxies.',
  look: ({
    conf: {
      keystone_koa: { trusted_proxies: proxies },
    },
  }) =>
    proxies
      .filter((proxy) => /\/0+$/.test(proxy))
      .map((proxy) => `[keystone_koa] trusted_proxies has ${proxy}`),
};
