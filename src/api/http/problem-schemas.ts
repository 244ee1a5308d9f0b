/** The problem documents that go with each status, for the OpenAPI document. */
import { z } from '@hono/zod-openapi';
import type { ErrorKind } from '../../domain/errors.js';
import { ODDITY_CODES } from '../../domain/trade/oddities.js';
import { PROBLEM_KINDS, problemType } from './problems.js';

/** @param status one of `PROBLEM_KINDS` */
export function problemSchema(status: number) {
  const slugs = Object.keys(PROBLEM_KINDS) as ErrorKind[];
  const kinds = slugs.filter((slug) => PROBLEM_KINDS[slug].status === status);
  return z
    .strictObject({
      type: z.enum(kinds.map(problemType)),
      title: z.enum(kinds.map((slug) => PROBLEM_KINDS[slug].title)),
      status: z.literal(status),
      detail: z.string(),
      instance: z.uuid().meta({ description: 'The id of this request, as in the logs' }),
      retryable: z.boolean().meta({ description: 'Whether the same request may succeed later' }),
      whatToDo: z.string().optional(),
      code: z.string().min(1).optional().meta({ description: 'Stable code of the refusal' }),
      limit: z
        .string()
        .optional()
        .meta({ description: 'The limit that was exceeded, if the refusal is about a limit' }),
      value: z.string().optional(),
      attempted: z.string().optional(),
      tradeId: z.uuid().optional().meta({ description: 'The trade that was recorded as rejected' }),
      errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
      oddities: z
        .array(z.strictObject({ code: z.enum(ODDITY_CODES), message: z.string() }))
        .optional()
        .meta({ description: 'What is odd about the request; send it again with these codes in "confirm"' }),
    })
    .openapi(`Problem${status}`);
}

function problemAnswer<const Description extends string>(status: number, description: Description) {
  return { description, content: { 'application/problem+json': { schema: problemSchema(status) } } };
}

/** Problems that can occur before the route of a request is known. */
export const serverProblems = {
  400: problemAnswer(400, 'Malformed request, or a missing or invalid header'),
  414: problemAnswer(414, 'URL too long'),
  500: problemAnswer(500, 'Internal error'),
} as const;

/** Problems that every route may answer with. */
export const commonProblems = {
  ...serverProblems,
  403: problemAnswer(403, 'The caller is not allowed to do this'),
  429: problemAnswer(429, 'Too many requests; retry after the time in Retry-After'),
  503: problemAnswer(503, 'Arbion or something it depends on is unavailable; retry after the time in Retry-After'),
} as const;

export const unauthenticatedProblem = { 401: problemAnswer(401, 'Missing or invalid credentials') } as const;
export const notFoundProblem = { 404: problemAnswer(404, 'It does not exist or belongs to another user') } as const;
export const conflictProblem = { 409: problemAnswer(409, 'Not possible in the current state') } as const;
export const validationProblem = {
  422: problemAnswer(422, 'A value is invalid, or a limit does not allow it'),
} as const;
export const brokerProblem = { 502: problemAnswer(502, 'The broker refused the request') } as const;
export const bodyProblems = {
  413: problemAnswer(413, 'Request body too large'),
  415: problemAnswer(415, 'The body is not JSON in UTF-8'),
  ...validationProblem,
} as const;

export const readProblems = { ...commonProblems, ...unauthenticatedProblem } as const;
