import type { ValidationTargets } from 'hono';
import type { z } from 'zod';
import { ArbionError, type FieldError, ValidationFailed } from '../../domain/errors.js';

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
