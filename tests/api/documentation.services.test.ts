import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectProblem, openApi } from './harness.js';

interface Operation {
  summary?: string;
  security?: Record<string, string[]>[];
  requestBody?: object;
  responses: Record<string, object>;
}

let api: Awaited<ReturnType<typeof openApi>>;
let document: {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object };
};
beforeAll(async () => {
  api = await openApi();
  const { text } = await api.call('GET', '/openapi.json');
  document = JSON.parse(text);
});
afterAll(() => api.close());

function operations(): [name: string, method: string, path: string, operation: Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      method.toUpperCase(),
      path,
      operation,
    ]),
  );
}

test('the document is OpenAPI 3.1 and describes every route', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.components.securitySchemes)).toEqual(['session', 'bearer', 'metrics']);
  const undocumented = [
    'GET /',
    'GET /openapi.json',
    'GET /reset-password',
    'GET /reset-password.js',
    'GET /confirm-email',
    'GET /confirm-email.js',
  ];
  const routes = api.app.routes
    // The pages of the documentation, and Temporal's console with its own interface.
    .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/docs') && !path.startsWith('/temporal'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    .filter((route) => !undocumented.includes(route));
  expect(new Set(routes)).toEqual(new Set(operations().map(([name]) => name)));
});

test('no schema extends another: with both strict, nothing would fit them', () => {
  const extending = operations().filter(([, , , operation]) => JSON.stringify(operation).includes('"allOf"'));
  expect(extending.map(([name]) => name)).toEqual([]);
  expect(JSON.stringify(document.components)).not.toContain('"allOf"');
});

test('every operation has a summary and lists its problems', () => {
  for (const [name, , path, { summary, security, requestBody, responses }] of operations()) {
    const statuses = Object.keys(responses);
    expect(summary, name).toMatch(/^[A-Z]/);
    expect(statuses, name).toContain('500');
    if (!path.startsWith('/api')) continue;
    expect(statuses, name).toEqual(expect.arrayContaining(['400', '403', '429', '503']));
    if (security) expect(statuses, name).toContain('401');
    if (requestBody) expect(statuses, name).toEqual(expect.arrayContaining(['413', '415', '422']));
  }
});

test('what is secured refuses whoever is nobody, before it looks at anything else', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  for (const [name, method, path, { security }] of operations()) {
    if (!security || !path.startsWith('/api/v1')) continue;
    const answer = await api.call(method, path.replace('/api/v1', '').replace('{id}', id), {
      rawBody: method === 'GET' ? undefined : '{',
    } as object);
    expect(answer.status, name).toBe(401);
    expectProblem(answer, 401, 'unauthenticated');
  }
});

test('the page works without any other site', async () => {
  const page = await api.call('GET', '/docs');
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.text).not.toMatch(/https?:\/\/|<script>|onload=/);
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const answer = await api.app.request(file);
    expect(answer.status, file).toBe(200);
    expect((await answer.arrayBuffer()).byteLength, file).toBeGreaterThan(50);
  }
});

test('B82 metrics need their token', async () => {
  expectProblem(await api.call('GET', '/health/metrics', { token: 'undefined' }), 401, 'unauthenticated');
  const guarded = await openApi({ metricsToken: 'a token for metrics' });
  expectProblem(await guarded.call('GET', '/health/metrics'), 401, 'unauthenticated');
  expectProblem(await guarded.call('GET', '/health/metrics', { token: 'another' }), 401, 'unauthenticated');
  await guarded.call('GET', '/trades');
  const headers = { authorization: 'Bearer a token for metrics' };
  const metrics = await guarded.call('GET', '/health/metrics', { headers });
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(metrics.text).toMatch(
    /^arbion_http_requests_total\{method="GET",route="\/api\/v1\/trades",status="401"\} 1$/m,
  );
  for (const name of ['arbion_http_request_seconds_total', 'arbion_http_request_duration_seconds_sum']) {
    expect(metrics.text).toMatch(
      new RegExp(`^${name}\\{method="GET",route="/api/v1/trades",status="401"\\} 0\\.`, 'm'),
    );
  }
  expect(metrics.text).toMatch(/^arbion_http_request_duration_seconds_bucket\{le="\+Inf",.*status="401"\} 1$/m);
  for (const name of ['process_resident_memory_bytes', 'nodejs_heap_used_bytes', 'process_uptime_seconds']) {
    expect(metrics.text).toMatch(new RegExp(`^${name} [1-9]`, 'm'));
  }
  await guarded.close();
});
