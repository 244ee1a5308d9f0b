/** Coinbase's errors: HTTP errors, and refusals inside a 200 (docs/brokers/coinbase.md, sections 6.1 and 11). */
import type { Json } from '../exchange/journal.js';
import type { FaultAnswers } from '../faults/handle-call.js';

export function failure(status: number, error: string, message: string): Response {
  return Response.json({ error, error_details: message, message }, { status });
}

export function unauthorized(): Response {
  return new Response('Unauthorized', { status: 401, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
}

export function rateLimited(): Response {
  const body = { errors: [{ id: 'rate_limit_exceeded', message: 'Too many requests' }] };
  return Response.json(body, { status: 429 });
}

export function orderNotFound(): Response {
  return failure(404, 'NOT_FOUND', 'order with this orderID was not found');
}

export function missingScopes(): Response {
  return failure(403, 'PERMISSION_DENIED', 'Missing required scopes');
}

export const faultAnswers: FaultAnswers = {
  broker: 'coinbase',
  serverError: () => failure(503, 'UNAVAILABLE', 'service unavailable'),
  rateLimited,
  unauthorized,
};

/** Why an order is refused: `error`, and the preview's name for it if there is one. */
export interface Failure {
  error: string;
  message: string;
  preview?: string;
}

export function orderRefused({ error, message, preview }: Failure, configuration: Json): Response {
  return Response.json({
    success: false,
    ...{ failure_reason: 'UNKNOWN_FAILURE_REASON', order_id: '' },
    error_response: {
      ...{ error, message, error_details: '' },
      preview_failure_reason: preview ?? 'UNKNOWN_PREVIEW_FAILURE_REASON',
      new_order_failure_reason: 'UNKNOWN_FAILURE_REASON',
    },
    order_configuration: configuration,
  });
}
