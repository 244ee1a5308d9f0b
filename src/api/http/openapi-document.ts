/** The OpenAPI 3.1 document: what the routes declare, and what holds for all of them. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from './context.js';
import { problemSchema } from './problem-schemas.js';

type Document = ReturnType<OpenAPIHono<AppEnv>['getOpenAPI31Document']>;
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>;
type Answer = Exclude<NonNullable<Operation['responses']>[string], { $ref: string }>;

const DESCRIPTION = `Durable trade execution. Money and quantities are decimal strings; times are RFC 3339 in UTC.
Errors are problem documents (RFC 9457) with a stable "type". Programs authenticate with a bearer token, browsers with a
session cookie; with a cookie, unsafe methods are accepted from Arbion's own pages only. The security requirement of a route
lists what it needs: a token scope, the role "admin", or "reauthenticated", which means that the password was entered
within the last five minutes. An existing path answers other methods with 405 and an Allow header. Any request can also be
refused because of its form: with 400, 401 (repeated Authorization header), 404 (ambiguous path), 408, 414 or 431.`;

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

const HEADERS = {
  'X-Request-Id': {
    required: true,
    description: 'The id of this request, as in the logs',
    schema: { type: 'string' as const, format: 'uuid' },
  },
  'Retry-After': {
    required: true,
    description: 'Seconds to wait before the next request',
    schema: { type: 'integer' as const, minimum: 0 },
  },
  'WWW-Authenticate': {
    required: true,
    schema: { type: 'string' as const, const: 'Bearer realm="arbion"' },
  },
  'Idempotency-Replayed': {
    description: 'Present if this is the stored answer to an earlier request with the same key',
    schema: { type: 'string' as const, const: 'true' },
  },
};

/** The document of all routes. @param publicUrl the origin under which they are reached */
export function openApiDocument(app: OpenAPIHono<AppEnv>, publicUrl: string): Document {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Arbion', version: '1.0.0', description: DESCRIPTION },
    servers: [{ url: publicUrl }],
  });
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation) complete(operation, operationId(method, path));
    }
  }
  for (const answer of Object.values(document.paths?.[CALLBACK]?.get?.responses ?? {}))
    if (!('$ref' in answer)) answer.content = { ...answer.content, 'text/html': { schema: { type: 'string' } } };
  return document;
}

/** Where a browser that asks for a page gets one, whatever the answer is. */
const CALLBACK = '/api/v1/oauth/{broker}/callback';

/** The security schemes, and the headers that responses share. */
export function registerComponents(app: OpenAPIHono<AppEnv>, cookieName: string): void {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: cookieName,
    description:
      'Set by POST /api/v1/auth/login. Unsafe methods need the Origin of this server, or Sec-Fetch-Site: same-origin.',
  });
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'arb_…',
    description: 'Create one with POST /api/v1/tokens.',
  });
  registry.registerComponent('securitySchemes', 'metrics', {
    type: 'http',
    scheme: 'bearer',
    description: 'The METRICS_TOKEN of this installation.',
  });
  // No operation refers to it: it is the answer to methods that a path does not have.
  registry.register('Problem405', problemSchema(405));
  for (const [name, header] of Object.entries(HEADERS)) registry.registerComponent('headers', name, { ...header });
}

/** `getTradesByIdEvents` for `GET /api/v1/trades/{id}/events`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\/v1\//, '').split(/[^A-Za-z{]+/);
  return method.toLowerCase() + words.map((word) => capitalised(word.replace('{', 'By-'))).join('');
}

function capitalised(word: string): string {
  return word
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

function complete(operation: Operation, id: string): void {
  operation.operationId = id;
  const takesKey = operation.parameters?.some(
    (parameter) => 'name' in parameter && parameter.name === 'idempotency-key',
  );
  for (const [status, answer] of Object.entries(operation.responses ?? {})) {
    if ('$ref' in answer) continue;
    const names = headersOf(Number(status), answer, takesKey === true);
    answer.headers = { ...answer.headers, ...Object.fromEntries(names.map((name) => [name, reference(name)])) };
  }
}

/** As `problemHeaders` sets them. */
function headersOf(status: number, { content }: Answer, takesKey: boolean): (keyof typeof HEADERS)[] {
  const isProblem = content !== undefined && 'application/problem+json' in content;
  return [
    'X-Request-Id',
    ...(isProblem && (status === 429 || status === 503) ? (['Retry-After'] as const) : []),
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
    ...(takesKey && status < 300 ? (['Idempotency-Replayed'] as const) : []),
  ];
}

function reference(name: keyof typeof HEADERS): { $ref: string } {
  return { $ref: `#/components/headers/${name}` };
}
