/** Building blocks of route definitions, so that each route documents every status it can answer with. */
import { z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Scope } from '../../auth/caller.js';
import { type Access, isForTokens, requireAccess } from './access.js';
import type { AppEnv } from './context.js';
import { jsonBody } from './json-body.js';

export * from './problem-schemas.js';

/** A route for signed-in callers and tokens. */
export function secured(access: Access) {
  return { security: securityOf(access), middleware: [requireAccess(access)] };
}

/** The same for a route with a body; `more` runs before the body is read. */
export function securedWithBody(access: Access, ...more: MiddlewareHandler<AppEnv>[]) {
  return { security: securityOf(access), middleware: [requireAccess(access), jsonBody, ...more] };
}

/** What each scheme must come with; the description of the document explains the terms. */
function securityOf(access: Access): Record<string, string[]>[] {
  if (isForTokens(access)) return [{ session: access === 'admin' ? ['admin'] : [] }, { bearer: [access] }];
  return [{ session: SESSION_NEEDS[access] }];
}

const SESSION_NEEDS: Record<Exclude<Access, Scope>, string[]> = {
  session: [],
  'fresh-session': ['reauthenticated'],
  'fresh-admin': ['reauthenticated', 'admin'],
};

export function body<Schema extends z.ZodType>(schema: Schema, example?: z.input<Schema>) {
  const shown = example === undefined ? {} : { example };
  return { required: true, content: { 'application/json': { schema, ...shown } } } as const;
}

/** A JSON response. */
export function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** An id in a path. */
export const idParameter = z.object({ id: z.uuid() });

/** The number of what is numbered, in a path. */
export const numberParameter = z.object({ id: z.string().regex(/^\d{1,18}$/) });

/** How many items a page has. */
export const pageLimit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/)
  .transform(Number)
  .refine((count) => count <= 200, 'must be from 1 to 200')
  .default(50)
  .openapi({ type: 'integer', minimum: 1, maximum: 200, default: 50 });

/** The page of a numbered list: `cursor` is the `nextCursor` of the previous page. */
export const numberedPageQuery = {
  limit: pageLimit,
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
};

export const nextCursor = z.string().optional().openapi({ description: 'Absent on the last page' });
