/** Faults in the format that the caller of the moment has asked for. */
import type { Context } from 'hono';
import { createOperate, type FaultAnswers, type Operate } from '../faults/operate.js';
import type { Env } from '../faults/wire.js';
import type { Simulator } from '../protocol.js';
import { ETRADE_CODES, errorAnswer, type Format, formatOf, problemAnswer, throttledAnswer } from './answers.js';

type Facts = Parameters<Operate>[1];
type Handler = Parameters<Operate>[2];
export type OperateFor = (context: Context<Env>) => (facts: Facts, handle: Handler) => Promise<Response>;

/** Of the API's own calls. */
export function createOperateFor(simulator: Simulator): OperateFor {
  const operates: Record<Format, Operate> = {
    json: createOperate(simulator, answersIn('json')),
    xml: createOperate(simulator, answersIn('xml')),
  };
  return (context) => (facts, handle) => operates[formatOf(context.req.raw)](context, facts, handle);
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

/** Of the OAuth endpoints, which speak in plain text. */
export const SIGN_IN_ANSWERS: FaultAnswers = {
  broker: 'etrade',
  serverError: () => new Response('The service is not currently available.', { status: 500 }),
  rateLimited: throttledAnswer,
  unauthorized: () => new Response('oauth_problem=token_rejected', { status: 401 }),
  clockSkew: () => new Response('oauth_problem=timestamp_refused', { status: 401 }),
};
