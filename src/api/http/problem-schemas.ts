/** The problem documents that go with each status, for the OpenAPI document. */
import { z } from '@hono/zod-openapi';
import type { ErrorKind } from '../../domain/errors.js';
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
      instance: z.uuid().meta({ description: "The request's id, by which the logs find it" }),
      retryable: z.boolean().meta({ description: 'Whether the same request may succeed later' }),
      whatToDo: z.string().optional(),
      code: z.string().min(1).optional().meta({ description: 'Of a refusal: its stable code' }),
      limit: z.string().optional().meta({ description: 'The limit that forbids it, where it is one' }),
      value: z.string().optional(),
      attempted: z.string().optional(),
      tradeId: z.uuid().optional().meta({ description: 'The trade that stands recorded as refused' }),
      errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional(),
    })
    .openapi(`Problem${status}`);
}

function problemAnswer<const Description extends string>(status: number, description: Description) {
  return { description, content: { 'application/problem+json': { schema: problemSchema(status) } } };
}

/** What is answered before anybody knows which route a request is for. */
export const serverProblems = {
  400: problemAnswer(400, 'The request cannot be parsed, or a header is wrong'),
  414: problemAnswer(414, 'The URL is too long'),
  500: problemAnswer(500, 'A fault of ours'),
} as const;

/** What every route may answer. */
export const commonProblems = {
  ...serverProblems,
  403: problemAnswer(403, 'Not allowed for this caller'),
  429: problemAnswer(429, 'Too many requests; Retry-After says when'),
  503: problemAnswer(503, 'A part of Arbion is away; Retry-After says when'),
} as const;

export const unauthenticatedProblem = { 401: problemAnswer(401, 'No valid credential') } as const;
export const notFoundProblem = { 404: problemAnswer(404, 'There is none, or it is not yours') } as const;
export const conflictProblem = { 409: problemAnswer(409, 'Not possible in this state') } as const;
export const validationProblem = { 422: problemAnswer(422, 'A value is wrong, or a limit forbids it') } as const;
export const brokerProblem = { 502: problemAnswer(502, 'The broker refused') } as const;
export const bodyProblems = {
  413: problemAnswer(413, 'The body is too large'),
  415: problemAnswer(415, 'The body is not JSON in UTF-8'),
  ...validationProblem,
} as const;

export const readProblems = { ...commonProblems, ...unauthenticatedProblem } as const;
