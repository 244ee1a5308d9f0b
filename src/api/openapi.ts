/** The pieces that route definitions are made of, so that each route documents every status it can answer. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.js';
import { type Access, isForTokens, requireAccess } from './middleware/access.js';
import { jsonBody } from './middleware/json-body.js';

const problem = z
  .looseObject({
    type: z.string().meta({ example: 'urn:arbion:problem:validation-failed' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: "The request's id, by which the logs find it" }),
    retryable: z.boolean().meta({ description: 'Whether the same request may succeed later' }),
    whatToDo: z.string().optional(),
    code: z.string().optional().meta({ description: 'Of a refusal: its stable code' }),
    limit: z.string().optional(),
    value: z.string().optional(),
    attempted: z.string().optional(),
    tradeId: z.string().optional().meta({ description: 'The trade that stands recorded as refused' }),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

function problemAnswer<const Description extends string>(description: Description) {
  return { description, content: { 'application/problem+json': { schema: problem } } };
}

/** What every route may answer. */
export const commonProblems = {
  400: problemAnswer('The request cannot be parsed, or a header is wrong'),
  403: problemAnswer('Not allowed for this caller'),
  429: problemAnswer('Too many requests; Retry-After says when'),
  500: problemAnswer('A fault of ours'),
  503: problemAnswer('A part of Arbion is away; Retry-After says when'),
} as const;

export const unauthenticatedProblem = { 401: problemAnswer('No valid credential') } as const;
export const notFoundProblem = { 404: problemAnswer('There is none, or it is not yours') } as const;
export const conflictProblem = { 409: problemAnswer('Not possible in this state') } as const;
export const validationProblem = { 422: problemAnswer('A value is wrong, or a limit forbids it') } as const;
export const brokerProblem = { 502: problemAnswer('The broker refused') } as const;
export const bodyProblems = {
  413: problemAnswer('The body is too large'),
  415: problemAnswer('The body is not JSON in UTF-8'),
  ...validationProblem,
} as const;

export const readProblems = { ...commonProblems, ...unauthenticatedProblem } as const;

/** A route for signed-in callers and tokens. */
export function secured(access: Access) {
  return { security: securityOf(access), middleware: [requireAccess(access)] };
}

/** The same for a route with a body; `more` runs before the body is read. */
export function securedWithBody(access: Access, ...more: MiddlewareHandler<AppEnv>[]) {
  return { security: securityOf(access), middleware: [requireAccess(access), ...more, jsonBody] };
}

function securityOf(access: Access): Record<string, string[]>[] {
  return isForTokens(access) ? [{ session: [] }, { bearer: [] }] : [{ session: [] }];
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** An id in a path; what is no UUID cannot be anybody's. */
export const idParameter = z.object({ id: z.uuid() });

const limit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/)
  .transform(Number)
  .refine((count) => count <= 200, 'must be from 1 to 200')
  .default(50)
  .openapi({ type: 'integer', minimum: 1, maximum: 200, default: 50 });

/** How much of a list, and from where: `cursor` is the `nextCursor` of the page before. */
export const pageQuery = {
  limit,
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/)
    .optional(),
};
/** The same for lists that are numbered. */
export const numberedPageQuery = {
  limit,
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
};

export const nextCursor = z.string().optional().openapi({ description: 'Absent on the last page' });

const DESCRIPTION = `Durable trade execution. Money and quantities are decimal strings; times are RFC 3339 in UTC.
Errors are problem documents (RFC 9457) whose "type" is stable. Programs send a bearer token; browsers a session cookie.`;

/** The OpenAPI 3.1 document of all routes. */
export function openApiDocument(app: OpenAPIHono<AppEnv>, publicUrl: string) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Arbion', version: '1.0.0', description: DESCRIPTION },
    servers: [{ url: publicUrl }],
  });
}

/** How callers say who they are, for the document. */
export function registerSecurity(app: OpenAPIHono<AppEnv>, cookieName: string): void {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: cookieName });
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
}
