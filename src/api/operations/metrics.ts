/** Metrics of this process for Prometheus. */
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AppEnv } from '../http/context.js';

export interface Metrics {
  /** Counts each request and observes its duration, by method, route and status. */
  readonly measure: MiddlewareHandler<AppEnv>;
  /** of the text format that `text` answers in */
  readonly contentType: string;
  text(): Promise<string>;
}

const LABELS = ['method', 'route', 'status'] as const;
/** Reads take milliseconds; the start of a trade waits up to five seconds for its verdict. */
const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Each app has a registry of its own: two in one process, as in tests, do not share their counts. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'arbion_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: LABELS,
    registers,
  });
  const seconds = new Counter({
    name: 'arbion_http_request_seconds_total',
    help: 'Time spent on HTTP requests',
    labelNames: LABELS,
    registers,
  });
  const durations = new Histogram({
    name: 'arbion_http_request_duration_seconds',
    help: 'Duration of HTTP requests until the response begins',
    labelNames: LABELS,
    buckets: DURATION_BUCKETS_S,
    registers,
  });
  addProcessMetrics(registry);

  return {
    measure: async (context, next) => {
      const startedAt = performance.now();
      await next();
      // The route, not the path: there are as many paths as trades.
      const labels = { method: context.req.method, route: routePath(context, -1), status: context.res.status };
      const duration = (performance.now() - startedAt) / 1000;
      requests.inc(labels);
      seconds.inc(labels, duration);
      durations.observe(labels, duration);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

/** Memory, CPU, event loop lag and garbage collection as prom-client reports them, and two names of our own. */
function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'nodejs_heap_used_bytes',
    help: 'Used heap',
    registers: [registry],
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  new Gauge({
    name: 'process_uptime_seconds',
    help: 'Time since the process started',
    registers: [registry],
    collect() {
      this.set(process.uptime());
    },
  });
}
