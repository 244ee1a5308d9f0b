/** Every error that leaves the API is a problem document (RFC 9457); nothing of the inside is in it. */
import type { Context, ValidationTargets } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import {
  ArbionError,
  DependencyUnavailable,
  type ErrorKind,
  type FieldError,
  MethodNotAllowed,
  RateLimited,
  Refused,
  ValidationFailed,
} from '../../domain/errors.js';
import { isDatabaseUnavailable } from '../../storage/failures.js';
import type { AppEnv } from './context.js';

interface ProblemKind {
  status: ContentfulStatusCode;
  title: string;
}

/** The one table from kinds of errors to statuses. The slug is the end of the problem's `type`. */
export const PROBLEM_KINDS: Record<ErrorKind, ProblemKind> = {
  'malformed-request': { status: 400, title: 'The request cannot be parsed' },
  'bad-header': { status: 400, title: 'A header is missing or wrong' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  'session-expired': { status: 401, title: 'The session is over' },
  forbidden: { status: 403, title: 'Not allowed' },
  'csrf-rejected': { status: 403, title: 'The request came from another site' },
  'reauth-required': { status: 403, title: 'Give the password again first' },
  'insufficient-scope': { status: 403, title: 'The token was not given this scope' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Only JSON is offered' },
  conflict: { status: 409, title: 'It contradicts what exists' },
  'idempotency-in-progress': { status: 409, title: 'The first request is still running' },
  'invalid-state': { status: 409, title: 'Not possible in this state' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The URL is too long' },
  'unsupported-media-type': { status: 415, title: 'Only JSON in UTF-8 is accepted' },
  'validation-failed': { status: 422, title: 'A value is wrong' },
  'idempotency-key-reused': { status: 422, title: 'The key was used for another request' },
  'risk-denied': { status: 422, title: 'A risk limit forbids it' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'A fault of ours' },
  'broker-error': { status: 502, title: 'The broker refused' },
  'dependency-unavailable': { status: 503, title: 'A part of Arbion is away' },
};

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** the request's id, by which the logs find it */
  instance: string;
  [extension: string]: unknown;
}

export function problemType(kind: ErrorKind): string {
  return `urn:arbion:problem:${kind}`;
}

export function problemBody(error: ArbionError, requestId: string): ProblemBody {
  const { status, title } = PROBLEM_KINDS[error.kind];
  return {
    type: problemType(error.kind),
    title,
    status,
    detail: error.message,
    instance: requestId,
    retryable: error.retryable,
    ...(error.whatToDo === undefined ? {} : { whatToDo: error.whatToDo }),
    ...extensionsOf(error),
  };
}

function extensionsOf(error: ArbionError): Record<string, unknown> {
  if (error instanceof ValidationFailed) return { errors: error.errors };
  if (!(error instanceof Refused)) return {};
  const { message: _, ...reason } = error.reason;
  return { ...reason, ...(error.tradeId === undefined ? {} : { tradeId: error.tradeId }) };
}

/** Headers that belong to the kind of error. */
export function problemHeaders(error: ArbionError): Record<string, string> {
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  if (error instanceof MethodNotAllowed) headers.Allow = error.allowed.join(', ');
  if (error instanceof RateLimited) headers['Retry-After'] = String(error.retryAfterSeconds);
  if (error.kind === 'idempotency-in-progress' || error.kind === 'dependency-unavailable') headers['Retry-After'] = '1';
  if (PROBLEM_KINDS[error.kind].status === 401) headers['WWW-Authenticate'] = 'Bearer realm="arbion"';
  return headers;
}

/** A problem that is composed already: the answer that a trade's denial was, or is again for a repeat. */
export class ComposedProblem extends Error {
  override readonly name = 'ComposedProblem';

  constructor(
    readonly status: ContentfulStatusCode,
    readonly body: ProblemBody,
  ) {
    super(body.detail);
  }
}

export function problemResponse(context: Context<AppEnv>, error: ArbionError): Response {
  const body = problemBody(error, context.var.requestId);
  return context.body(JSON.stringify(body), PROBLEM_KINDS[error.kind].status, problemHeaders(error));
}

/** The last stop of every error: known ones are answered as what they are, others as a fault of ours, and logged. */
export function answerError(error: Error, context: Context<AppEnv>): Response {
  if (error instanceof ComposedProblem) {
    return context.body(JSON.stringify(error.body), error.status, { 'Content-Type': 'application/problem+json' });
  }
  const known = toArbionError(error);
  if (known.kind === 'internal') context.var.logger.error({ err: error }, 'request failed');
  if (known instanceof DependencyUnavailable) {
    context.var.logger.warn({ err: error, dependency: known.dependency }, 'dependency unavailable');
  }
  return problemResponse(context, known);
}

export function toArbionError(error: Error): ArbionError {
  if (error instanceof ArbionError) return error;
  if (isDatabaseUnavailable(error)) return new DependencyUnavailable('database', { cause: error });
  if (error instanceof HTTPException) return fromFramework(error);
  return new ArbionError('internal', 'Something went wrong here.', 'Try again; if it stays, report the instance.');
}

/** What hono and its validators throw by themselves. */
function fromFramework({ status }: HTTPException): ArbionError {
  if (status === 413) return new ArbionError('payload-too-large', 'The body is too large.');
  if (status === 415) return new ArbionError('unsupported-media-type', 'The body must be application/json.');
  if (status >= 400 && status < 500) return new ArbionError('malformed-request', 'The request cannot be parsed.');
  return new ArbionError('internal', 'Something went wrong here.', 'Try again; if it stays, report the instance.');
}

type Validated =
  | { success: true }
  | { success: false; target: keyof ValidationTargets; error: { issues: readonly z.core.$ZodIssue[] } };

/** What a request that does not fit its schema is answered: a path that names nothing cannot be parsed, a value is wrong. */
export function answerInvalid(result: Validated): void {
  if (result.success) return;
  if (result.target === 'param') throw new ArbionError('malformed-request', 'The path does not name a resource.');
  const errors = fieldErrors(result.error.issues);
  if (result.target === 'header') {
    const texts = errors.map(({ field, message }) => `${field}: ${message}`);
    throw new ArbionError('bad-header', texts.join('; '));
  }
  throw new ValidationFailed(errors);
}

function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue) => {
    const field = issue.path.map(String).join('.');
    if (issue.code !== 'unrecognized_keys') return [{ field, message: lowerFirst(issue.message) }];
    return issue.keys.map((key) => ({
      field: [...issue.path.map(String), key.slice(0, 50)].join('.'),
      message: 'is not known here',
    }));
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
