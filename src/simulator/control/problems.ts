/** Errors of the control interface, as problem details (RFC 9457). */
import type { Context } from 'hono';
import type { z } from 'zod';

const TITLES = {
  400: ['malformed-request', 'The request is malformed'],
  404: ['not-found', 'Not found'],
  409: ['conflict', 'Not possible in the current state'],
  422: ['validation-failed', 'Invalid input'],
} as const;

export interface FieldProblem {
  field: string;
  message: string;
}

export function problem(status: keyof typeof TITLES, detail: string, errors?: FieldProblem[]): Response {
  const [slug, title] = TITLES[status];
  const body = { type: `urn:arbion:problem:${slug}`, title, status, detail, ...(errors && { errors }) };
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } });
}

/** The parsed body, or the answer that says what is wrong with it. */
export async function readBody<Value>(
  context: Context,
  schema: z.ZodType<Value>,
): Promise<{ value: Value } | Response> {
  let json: unknown;
  try {
    json = await context.req.json();
  } catch {
    return problem(400, 'The body is not JSON.');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const errors = parsed.error.issues.map(({ path, message }) => ({ field: `/${path.join('/')}`, message }));
  return problem(422, errors.map(({ field, message }) => `${field}: ${message}`).join('; '), errors);
}
