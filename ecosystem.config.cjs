/**
 * Processes of keystone-koa for PM2:
 *
 *     pm2 start ecosystem.config.cjs
 *     keystone-manage reload           # new code or configuration: looks first, loses no request
 *     pm2 sendSignal SIGHUP keystone-public    # a new paste file or log settings: no process ends
 *
 * What differs between machines comes from the environment, at the time of `pm2 start`:
 *
 * | variable | default |
 * |---|---|
 * | KEYSTONE_CONFIG_FILE | the standard places of keystone.conf |
 * | KEYSTONE_PUBLIC | main@127.0.0.1:5001 (as keystone-serve takes it; main@unix:/run/keystone/public.sock) |
 * | KEYSTONE_ADMIN | admin@127.0.0.1:35358 |
 * | KEYSTONE_PUBLIC_INSTANCES | 2 |
 * | KEYSTONE_ADMIN_INSTANCES | 1 |
 * | KEYSTONE_MAX_MEMORY | 700M: a process that grows beyond it is reloaded |
 * | KEYSTONE_DRAIN_TIMEOUT | 30: [keystone_koa] drain_timeout |
 * | KEYSTONE_LOG_DIR | PM2's own folder; for what the log options of keystone.conf leave to stdout and stderr |
 */
const { join } = require('node:path');

const env = process.env;
const configuration = env.KEYSTONE_CONFIG_FILE ? ['--config-file', env.KEYSTONE_CONFIG_FILE] : [];
const drain = Number(env.KEYSTONE_DRAIN_TIMEOUT || 30);

function app(name, target, instances) {
  return {
    name,
    script: join(__dirname, 'bin/keystone-serve'),
    args: [...configuration, target],
    interpreter: 'node',
    // As in the first line of the script: young objects need no more, and the process stays small. What the script says
    // of MALLOC_ARENA_MAX has to be in the environment of PM2's daemon: its workers get theirs from there.
    node_args: ['--max-semi-space-size=2'],
    exec_mode: 'cluster',
    instances: Number(instances),
    // A worker counts when it has answered its own question, and the old one goes only then.
    wait_ready: true,
    // PM2 takes the old worker away after this time even if the new one never became ready: rather too long.
    listen_timeout: 120_000,
    // After the order to stop: the drain time, and what filters and database may take after it.
    kill_timeout: (drain + 10) * 1000,
    // A worker that ends at once is tried again, at first after 0.2 s, then ever more slowly, and not given up.
    exp_backoff_restart_delay: 200,
    max_memory_restart: env.KEYSTONE_MAX_MEMORY || '700M',
    merge_logs: true,
    ...(env.KEYSTONE_LOG_DIR && {
      out_file: join(env.KEYSTONE_LOG_DIR, `${name}.out.log`),
      error_file: join(env.KEYSTONE_LOG_DIR, `${name}.err.log`),
    }),
    // Nothing of PM2 in the process but the process itself.
    pmx: false,
    vizion: false,
    watch: false,
  };
}

module.exports = {
  apps: [
    app('keystone-public', env.KEYSTONE_PUBLIC || 'main@127.0.0.1:5001', env.KEYSTONE_PUBLIC_INSTANCES || 2),
    app('keystone-admin', env.KEYSTONE_ADMIN || 'admin@127.0.0.1:35358', env.KEYSTONE_ADMIN_INSTANCES || 1),
  ],
};
