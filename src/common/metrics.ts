/** Figures of one process for Prometheus: requests by route, the work of each filter, and the process itself. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds in seconds: from a token validation of some hundred microseconds to a request that waits for a database. */
const REQUEST_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const FILTER_BUCKETS = [
  0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1,
];

export interface RequestLabels {
  readonly method: string;
  /** Mount and route pattern, `/v3/users/{user_id}`; `unrouted` for all that no route answered. */
  readonly route: string;
  readonly status: string;
}

export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #requests = new Histogram({
    name: 'keystone_http_request_duration_seconds',
    help: 'Time from the metrics filter inwards until the answer stands',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS,
    registers: [this.registry],
  });
  readonly #filters = new Histogram({
    name: 'keystone_pipeline_duration_seconds',
    help: 'Time that a filter or an application of a pipeline itself worked on a request',
    labelNames: ['name', 'kind'],
    buckets: FILTER_BUCKETS,
    registers: [this.registry],
  });
  readonly #running = new Gauge({
    name: 'keystone_http_requests_in_progress',
    help: 'Requests inwards of the metrics filter at this moment',
    registers: [this.registry],
  });
  #started = false;

  /** Begin with the figures of the process (CPU, memory, event loop). They cost a timer: only where they are asked for. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    collectDefaultMetrics({ register: this.registry });
  }

  requestBegins(): void {
    this.#running.inc();
  }

  /** @param seconds wall-clock time */
  requestEnds(labels: RequestLabels, seconds: number): void {
    this.#running.dec();
    this.#requests.observe({ ...labels }, seconds);
  }

  /** Observer of the pipeline loader. */
  readonly observe = (name: string, kind: 'filter' | 'app', seconds: number): void => {
    this.#filters.observe({ name, kind }, seconds);
  };
}
