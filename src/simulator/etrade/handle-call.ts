/** Handles API calls with fault answers in the format, JSON or XML, that the caller asked for. */
import { createHandleCall, type FaultAnswers, type HandleCall } from '../faults/handle-call.js';
import type { Simulator } from '../protocol.js';
import { ETRADE_CODES, errorAnswer, type Format, formatOf, problemAnswer, throttledAnswer } from './answers.js';

/** For the calls of the API. */
export function createApiHandleCall(simulator: Simulator): HandleCall {
  const byFormat: Record<Format, HandleCall> = {
    json: createHandleCall(simulator, answersIn('json')),
    xml: createHandleCall(simulator, answersIn('xml')),
  };
  return (context, facts, handle) => byFormat[formatOf(context.req.raw)](context, facts, handle);
}

function answersIn(format: Format): FaultAnswers {
  const unavailable = { code: ETRADE_CODES.serviceUnavailable, message: 'The service is not currently available.' };
  return {
    broker: 'etrade',
    serverError: () => errorAnswer(format, unavailable, 500),
    rateLimited: throttledAnswer,
    unauthorized: () => problemAnswer(format, 'token_rejected'),
    clockSkew: () => problemAnswer(format, 'timestamp_refused'),
  };
}

/** For the OAuth endpoints, which answer in plain text. */
export const SIGN_IN_ANSWERS: FaultAnswers = {
  broker: 'etrade',
  serverError: () => new Response('The service is not currently available.', { status: 500 }),
  rateLimited: throttledAnswer,
  unauthorized: () => new Response('oauth_problem=token_rejected', { status: 401 }),
  clockSkew: () => new Response('oauth_problem=timestamp_refused', { status: 401 }),
};
