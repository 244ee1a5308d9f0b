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

/** For load balancers and monitoring; outside of sign-in and rate limits, so that they answer when all else is down. */
export function healthRoutes(dependencies: HealthDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addReport(routes, dependencies, '/health', 'The parts that the API needs');
  addReport(routes, dependencies, '/health/ready', 'Whether requests should be sent here');
  addReport(routes, dependencies, '/health/startup', 'Whether the process has come up');
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
        200: answer('It can work', report),
        503: answer('A part that it needs is down', report),
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
      summary: 'Whether the process answers at all',
      responses: { 200: answer('It answers', alive), ...serverProblems },
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
      summary: 'Figures for Prometheus; needs METRICS_TOKEN as bearer token',
      security: [{ metrics: [] }],
      responses: {
        200: { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } },
        ...serverProblems,
        ...unauthenticatedProblem,
      },
    }),
    (context) => {
      requireToken(context.req.header('authorization'), metricsToken);
      return context.text(metrics.text(), 200);
    },
  );
}

/** Without METRICS_TOKEN no token is the right one. */
function requireToken(header: string | undefined, token: string | undefined): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const isRight = timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
  if (token !== undefined && isRight) return;
  throw new ArbionError('unauthenticated', 'Metrics need their token.', 'Send METRICS_TOKEN as bearer token.');
}
