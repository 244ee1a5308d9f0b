/** The only place where faults are applied: every protocol handles each of its calls through here. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import type { BrokerName } from '../exchange/accounts.js';
import type { Call } from '../exchange/new-order.js';
import type { Simulator } from '../protocol.js';
import { applyExternalEvent } from './apply-external-event.js';
import { isExternalEvent, isTransport, type TransportFault } from './fault.js';
import type { CallFacts, PlannedFault } from './fault-plan.js';
import { Lags } from './lags.js';
import { answerHalf, type Env, neverAnswer } from './wire.js';

/** A broker's own form of the errors that faults cause. */
export interface FaultAnswers {
  broker: BrokerName;
  serverError(): Response;
  rateLimited(): Response;
  unauthorized(): Response;
  /** the answer to a wrong clock of the client; absent where the broker answers as for `unauthorized` */
  clockSkew?(): Response;
}

type Handler = (call: Call) => Promise<Response> | Response;
export type HandleCall = (
  context: Context<Env>,
  facts: Omit<CallFacts, 'broker'>,
  handle: Handler,
) => Promise<Response>;

const SLOW_SECONDS = 15;
const RETRY_AFTER_SECONDS = 1;

/**
 * Makes the wrapper of a protocol's calls: it records the call, brings the exchange up to date, applies the fault, and
 * answers once everything is on disk.
 */
export function createHandleCall({ exchange, faults, hasLags }: Simulator, answers: FaultAnswers): HandleCall {
  const lags = hasLags ? new Lags() : undefined;
  return async (context, facts, handle) => {
    const fault = faults.draw({ ...facts, broker: answers.broker });
    exchange.records.commit([
      {
        ...{ type: 'request', at: exchange.now(), broker: answers.broker, operation: facts.operation },
        account: facts.account ?? null,
        ...(fault && { fault: fault.kind }),
      },
    ]);
    await exchange.advance();
    if (fault && isExternalEvent(fault.kind)) await applyExternalEvent(exchange, { ...fault, kind: fault.kind }, facts);
    const call = fault ? callWith(fault) : (lags?.call(facts.operation) ?? {});
    const run = () => execute(exchange.records, handle, call);
    if (!fault || !isTransport(fault.kind)) return await run();
    const answer = await disturbed({ context, kind: fault.kind, fault, answers, run });
    await exchange.records.flushed();
    return answer;
  };
}

async function execute(records: { flushed(): Promise<void> }, handle: Handler, call: Call): Promise<Response> {
  const answer = await handle(call);
  await records.flushed();
  return answer;
}

function callWith(fault: PlannedFault): Call {
  if (isTransport(fault.kind) || isExternalEvent(fault.kind)) return {};
  return { fault: { kind: fault.kind, seconds: fault.seconds } };
}

interface DisturbedCall {
  context: Context<Env>;
  kind: TransportFault;
  fault: PlannedFault;
  answers: FaultAnswers;
  run: () => Promise<Response>;
}

/** Applies a transport fault: whether and when the call is executed, and what arrives of its answer. */
async function disturbed({ context, kind, fault, answers, run }: DisturbedCall): Promise<Response> {
  const silenceMs = fault.seconds === undefined ? undefined : fault.seconds * 1000;
  const afterRun = async (answer: (executed: Response) => Response | Promise<Response>) => await answer(await run());
  const effects: Record<TransportFault, () => Response | Promise<Response>> = {
    timeout_before: () => neverAnswer(context, silenceMs),
    timeout_after: () => afterRun(() => neverAnswer(context, silenceMs)),
    token_timeout_after: () => afterRun(() => neverAnswer(context, silenceMs)),
    http_500: () => answers.serverError(),
    http_500_after: () => afterRun(() => answers.serverError()),
    http_429: () => withRetryAfter(answers.rateLimited(), fault.seconds ?? RETRY_AFTER_SECONDS),
    unauthorized: () => answers.unauthorized(),
    clock_skew: () => answers.clockSkew?.() ?? answers.unauthorized(),
    malformed: () => afterRun(firstHalf),
    html_200: () => afterRun(() => htmlPage()),
    slow: () => pause((fault.seconds ?? SLOW_SECONDS) * 1000).then(run),
    disconnect: () => afterRun((executed) => answerHalf(context, executed)),
    redirect_307: () => redirect(),
    duplicate_delivery: () => afterRun((first) => run().then(() => first)),
  };
  return await effects[kind]();
}

function withRetryAfter(answer: Response, seconds: number): Response {
  answer.headers.set('Retry-After', String(Math.ceil(seconds)));
  return answer;
}

/** A complete HTTP answer with only the first half of its text. */
async function firstHalf(answer: Response): Promise<Response> {
  const text = await answer.text();
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  const body = answer.status === 204 ? null : text.slice(0, Math.floor(text.length / 2));
  return new Response(body, { status: answer.status, headers });
}

function htmlPage(): Response {
  const page = '<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Be right back.</body></html>';
  return new Response(page, { status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

/** Redirects to an address that no machine has (RFC 5737): clients must not send credentials there. */
function redirect(): Response {
  return new Response(null, { status: 307, headers: { Location: 'https://192.0.2.1/elsewhere' } });
}
