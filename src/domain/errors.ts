/** The one vocabulary of errors that callers see: what went wrong, what to do about it, whether to try again. */
import type { Oddity } from './trade/oddities.js';
import type { Reason } from './trade/status.js';

export type ErrorKind =
  /** the request cannot be parsed: broken JSON, duplicate keys, a path that is no UUID */
  | 'malformed-request'
  /** a header is missing, repeated or of the wrong form */
  | 'bad-header'
  /** no credential, or none that is valid */
  | 'unauthenticated'
  /** the session was valid once */
  | 'session-expired'
  /** the caller's role does not allow it */
  | 'forbidden'
  /** a browser sent it from another site */
  | 'csrf-rejected'
  /** the password must be given again first */
  | 'reauth-required'
  /** the token was not given this scope */
  | 'insufficient-scope'
  /** there is none, or it is somebody else's */
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  /** it contradicts something that exists already */
  | 'conflict'
  /** the first request with this idempotency key has not been answered yet */
  | 'idempotency-in-progress'
  /** the state of the trade, or of the broker login, does not allow it */
  | 'invalid-state'
  | 'payload-too-large'
  | 'uri-too-long'
  | 'unsupported-media-type'
  /** understood, but a value is wrong */
  | 'validation-failed'
  /** understood, but so odd that it must be confirmed */
  | 'confirmation-required'
  /** the idempotency key was used for another request */
  | 'idempotency-key-reused'
  /** a limit forbids it; the reason says which, its value and what was attempted */
  | 'risk-denied'
  | 'rate-limited'
  /** a fault of ours */
  | 'internal'
  /** the broker refused or answered what cannot be understood */
  | 'broker-error'
  /** something that Arbion needs is down */
  | 'dependency-unavailable';

const RETRYABLE: readonly ErrorKind[] = ['idempotency-in-progress', 'rate-limited', 'dependency-unavailable'];

export class ArbionError extends Error {
  override readonly name: string = 'ArbionError';

  /** `message` says what is wrong in this case; `whatToDo` how to get on. Both are shown to the caller. */
  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly whatToDo?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same request may succeed later without anything being changed. */
  get retryable(): boolean {
    return RETRYABLE.includes(this.kind);
  }
}

/** A value that is wrong, by JSON pointer (`/stopLoss/price`) or the name of a parameter. */
export interface FieldError {
  field: string;
  message: string;
}

export class ValidationFailed extends ArbionError {
  override readonly name = 'ValidationFailed';

  constructor(readonly errors: readonly FieldError[]) {
    super('validation-failed', describe(errors), 'Correct the fields named in "errors".');
  }
}

function describe(errors: readonly FieldError[]): string {
  const texts = errors.slice(0, 5).map(({ field, message }) => `${field || 'request'}: ${message}`);
  return `${texts.join('; ')}${errors.length > texts.length ? '; …' : ''}`;
}

/** A refusal with its stable code: by a limit, a state, or a broker. */
export class Refused extends ArbionError {
  override readonly name = 'Refused';

  constructor(
    kind:
      | 'risk-denied'
      | 'invalid-state'
      | 'broker-error'
      | 'validation-failed'
      | 'conflict'
      | 'forbidden'
      | 'unauthenticated'
      | 'reauth-required',
    readonly reason: Reason,
    /** the trade that stands recorded as refused */
    readonly tradeId?: string,
  ) {
    super(kind, reason.message);
  }
}

/** A request that is odd enough to be a slip. It is done when it is sent again with what is odd confirmed. */
export class ConfirmationRequired extends ArbionError {
  override readonly name = 'ConfirmationRequired';

  constructor(readonly oddities: readonly Oddity[]) {
    const codes = oddities.map(({ code }) => `"${code}"`).join(', ');
    super(
      'confirmation-required',
      oddities.map(({ message }) => message).join(' '),
      `If you mean it, send the request again with "confirm": [${codes}].`,
    );
  }
}

export class RateLimited extends ArbionError {
  override readonly name = 'RateLimited';

  constructor(
    readonly retryAfterSeconds: number,
    whatToDo = `Wait ${retryAfterSeconds} seconds.`,
  ) {
    super('rate-limited', 'Too many requests.', whatToDo);
  }
}

export class MethodNotAllowed extends ArbionError {
  override readonly name = 'MethodNotAllowed';

  constructor(
    method: string,
    /** what the path is offered with */
    readonly allowed: readonly string[],
  ) {
    super('method-not-allowed', `This path does not support ${method}.`, `Use ${allowed.join(' or ')}.`);
  }
}

export class DependencyUnavailable extends ArbionError {
  override readonly name = 'DependencyUnavailable';

  constructor(
    readonly dependency: 'database' | 'temporal' | 'broker' | 'password hashing',
    options?: ErrorOptions,
  ) {
    super('dependency-unavailable', `The ${dependency} is unreachable or overloaded.`, 'Try again shortly.', options);
  }
}

/** A stored secret cannot be opened: sealed with another key or for another row, truncated or changed. Names only the place. */
export class SealBroken extends Error {
  override readonly name: string = 'SealBroken';
}

/** A stored secret names a key that this process does not have; another process may have it. */
export class KeyMissing extends SealBroken {
  override readonly name = 'KeyMissing';
}
