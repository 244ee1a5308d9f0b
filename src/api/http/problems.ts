/** Every error leaves the API as a problem document (RFC 9457) that shows no internals. */
import type { Context, ValidationTargets } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import {
  ArbionError,
  ConfirmationRequired,
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
  'malformed-request': { status: 400, title: 'Malformed request' },
  'bad-header': { status: 400, title: 'Missing or invalid header' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  'session-expired': { status: 401, title: 'Session expired' },
  forbidden: { status: 403, title: 'Not allowed' },
  'csrf-rejected': { status: 403, title: 'Cross-site request rejected' },
  'reauth-required': { status: 403, title: 'Password required again' },
  'insufficient-scope': { status: 403, title: 'Token lacks the required scope' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Only JSON is available' },
  conflict: { status: 409, title: 'Conflict with existing data' },
  'idempotency-in-progress': { status: 409, title: 'The first request is still in progress' },
  'invalid-state': { status: 409, title: 'Not possible in the current state' },
  'payload-too-large': { status: 413, title: 'Request body too large' },
  'uri-too-long': { status: 414, title: 'URL too long' },
  'unsupported-media-type': { status: 415, title: 'Only JSON in UTF-8 is accepted' },
  'validation-failed': { status: 422, title: 'Invalid value' },
  'confirmation-required': { status: 422, title: 'Confirmation required' },
  'idempotency-key-reused': { status: 422, title: 'Idempotency key already used' },
  'risk-denied': { status: 422, title: 'Refused by the risk check' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  'broker-error': { status: 502, title: 'The broker refused the request' },
  'dependency-unavailable': { status: 503, title: 'Service temporarily unavailable' },
};

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** the id of the request, as in the logs */
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
  if (error instanceof ConfirmationRequired) return { oddities: error.oddities };
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

/** A problem document that is ready to send: a refused trade's first answer, or its repetition. */
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

/** Answers every error: a known one as what it is, any other as an internal error, which is logged. */
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
  return new ArbionError(
    'internal',
    'Something went wrong on our side.',
    'Try again. If the error persists, report the instance id.',
  );
}

/** Errors that hono and its validators throw. */
function fromFramework({ status }: HTTPException): ArbionError {
  if (status === 413) return new ArbionError('payload-too-large', 'The request body is too large.');
  if (status === 415) return new ArbionError('unsupported-media-type', 'The body must be application/json.');
  if (status >= 400 && status < 500) return new ArbionError('malformed-request', 'The request cannot be parsed.');
  return new ArbionError(
    'internal',
    'Something went wrong on our side.',
    'Try again. If the error persists, report the instance id.',
  );
}

type Validated =
  | { success: true }
  | { success: false; target: keyof ValidationTargets; error: { issues: readonly z.core.$ZodIssue[] } };

/** Rejects a request that does not fit its schema: 400 for its path or headers, 422 for any other value. */
export function answerInvalid(result: Validated): void {
  if (result.success) return;
  if (result.target === 'param') throw new ArbionError('malformed-request', 'An id in the path is malformed.');
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
      message: 'is not a known field',
    }));
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
