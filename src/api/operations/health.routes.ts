import { createHash, timingSafeEqual } from 'node:crypto';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ArbionError } from '../../domain/errors.js';
import type { Routes } from '../http/context.js';
import { answer, serverProblems, unauthenticatedProblem } from '../http/openapi.js';
import type { HealthCheck } from './health.js';
import type { Metrics } from './metrics.js';

const tags = ['Health'];
const componentState = z.enum(['up', 'down']);
const report = z
  .strictObject({ status: z.enum(['up', 'degraded', 'down']), components: z.record(z.string(), componentState) })
  .openapi('Health');
const alive = z.strictObject({ status: z.literal('up') });

interface HealthDependencies {
  check: HealthCheck;
  metrics: Metrics;
  metricsToken?: string;
}

/** For load balancers and monitoring. Without sign-in and rate limits, so that they answer when everything else is down. */
export function healthRoutes(dependencies: HealthDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addReport(routes, dependencies, '/health', 'State of the components that the API uses');
  addReport(routes, dependencies, '/health/ready', 'Whether this process can take requests');
  addReport(routes, dependencies, '/health/startup', 'Whether this process has started');
  addLive(routes);
  addMetrics(routes, dependencies);
  return routes;
}

function addReport(routes: Routes, { check }: HealthDependencies, path: string, summary: string): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path,
      tags,
      summary,
      responses: {
        200: answer('Ready', report),
        503: answer('A component that the API needs is down', report),
        ...serverProblems,
      },
    }),
    async (context) => {
      const now = await check();
      return context.json(now, now.status === 'down' ? 503 : 200);
    },
  );
}

function addLive(routes: Routes): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/health/live',
      tags,
      summary: 'Whether this process answers',
      responses: { 200: answer('Alive', alive), ...serverProblems },
    }),
    (context) => context.json({ status: 'up' as const }, 200),
  );
}

function addMetrics(routes: Routes, { metrics, metricsToken }: HealthDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/health/metrics',
      tags,
      summary: 'Metrics for Prometheus; needs METRICS_TOKEN as bearer token',
      security: [{ metrics: [] }],
      responses: {
        200: {
          description: 'Metrics in the text format of Prometheus',
          content: { 'text/plain': { schema: z.string() } },
        },
        ...serverProblems,
        ...unauthenticatedProblem,
      },
    }),
    async (context) => {
      requireToken(context.req.header('authorization'), metricsToken);
      return context.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
    },
  );
}

/** Without METRICS_TOKEN in the configuration, no token is accepted. */
function requireToken(header: string | undefined, token: string | undefined): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const isRight = timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
  if (token !== undefined && isRight) return;
  throw new ArbionError(
    'unauthenticated',
    'The metrics token is missing or wrong.',
    'Send METRICS_TOKEN as bearer token.',
  );
}
