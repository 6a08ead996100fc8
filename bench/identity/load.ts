/** A load of requests over kept connections, and what it costs the process that answers. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Anything else is an error. */
  readonly status: number;
}

export interface Cost {
  /** Microseconds of CPU of the process, user and system, per request. */
  readonly cpu: number;
  /** Requests per second. */
  readonly rate: number;
}

const CONNECTIONS = 8;
const MICROSECONDS_PER_TICK = 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Microseconds of CPU time of all threads of a process so far. @throws Error when it has ended */
async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc(5): the name in parentheses may hold blanks; utime and stime are fields 14 and 15, counted from 1.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

function send(agent: Agent, url: URL, sent: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: url.hostname,
        port: url.port,
        method: sent.method,
        path: sent.path,
        headers: sent.headers,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === sent.status) resolve();
          else reject(new Error(`${sent.method} ${sent.path}: status ${response.statusCode}\n${text}`));
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}

/**
 * Sends so many requests, eight at a time, taking turns among the given ones. The cost is that of the process and of the
 * others that are named.
 * @throws Error at the first answer with another status
 */
export async function load(
  server: { readonly url: string; readonly pid: number; readonly otherPids?: readonly number[] },
  requests: readonly Request[],
  count: number,
): Promise<Cost> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const url = new URL(server.url);
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < count) {
      const sent = requests[next % requests.length];
      next += 1;
      if (sent !== undefined) await send(agent, url, sent);
    }
  };
  const all = async (): Promise<number> => {
    const times = await Promise.all([server.pid, ...(server.otherPids ?? [])].map(cpuTime));
    return times.reduce((sum, time) => sum + time, 0);
  };
  const [cpu, start] = [await all(), performance.now()];
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - start) / 1000;
  return { cpu: ((await all()) - cpu) / count, rate: count / seconds };
}
