/** Figures for Prometheus, in its text format. */
import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { AppEnv } from '../http/context.js';

export interface Metrics {
  /** Counts every request by method, route and status, and sums its time. */
  readonly measure: MiddlewareHandler<AppEnv>;
  text(): string;
}

interface Tally {
  count: number;
  seconds: number;
}

export function createMetrics(): Metrics {
  const requests = new Map<string, Tally>();
  return {
    measure: async (context, next) => {
      const startedAt = performance.now();
      await next();
      // The route, not the path: paths are as many as trades.
      const labels = `method="${context.req.method}",route="${routePath(context, -1)}",status="${context.res.status}"`;
      const tally = requests.get(labels) ?? { count: 0, seconds: 0 };
      tally.count += 1;
      tally.seconds += (performance.now() - startedAt) / 1000;
      requests.set(labels, tally);
    },
    text: () => {
      const tallies = [...requests];
      const memory = process.memoryUsage();
      return [
        ...family(
          'arbion_http_requests_total',
          'counter',
          tallies.map(([labels, { count }]) => [labels, count]),
        ),
        ...family(
          'arbion_http_request_seconds_total',
          'counter',
          tallies.map(([labels, { seconds }]) => [labels, seconds]),
        ),
        ...family('process_resident_memory_bytes', 'gauge', [['', memory.rss]]),
        ...family('nodejs_heap_used_bytes', 'gauge', [['', memory.heapUsed]]),
        ...family('process_uptime_seconds', 'gauge', [['', process.uptime()]]),
        '',
      ].join('\n');
    },
  };
}

function family(name: string, type: 'counter' | 'gauge', samples: readonly (readonly [string, number])[]): string[] {
  return [`# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}`)];
}
