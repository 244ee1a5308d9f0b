/** From a valid request to a started trade and its first answer. */
import { randomUUID } from 'node:crypto';
import type { Prisma, PrismaClient } from '../../../prisma/generated/client.js';
import type { RiskVerdict } from '../../../workflows/trade/trade.messages.js';
import { Refused } from '../../domain/errors.js';
import type { TradeId, UserId } from '../../domain/ids.js';
import type { StartTicket, TradeInput, TradeRequest } from '../../domain/trade/request.js';
import type { Reason } from '../../domain/trade/status.js';
import type { TradeView } from '../../domain/trade/view.js';
import type { Logger } from '../../platform/logger.js';
import { hasRecentTwin, insertAcceptedTrade, markStarted } from '../../storage/accepted-trades.js';
import {
  claimKey,
  findFirstRequest,
  type IdempotencyClaim,
  isAbandoned,
  keepAnswer,
} from '../../storage/idempotency.js';
import { findTrade } from '../../storage/trade-queries.js';
import { viewOf } from '../../storage/trade-view.js';
import type { ApiDependencies } from '../dependencies.js';
import { keyReused, stillRunning } from '../http/idempotency.js';
import { type ProblemBody, problemBody } from '../http/problems.js';
import { prepareTrade } from './prepare-trade.js';
import type { TradeBody } from './trade-body.js';

/** The same order again within this time may be an accidental second click. */
const REPEAT_GATE_MS = 10_000;

export type TradeAnswer =
  | { status: 201; body: TradeView }
  /** recorded, but the risk check has not finished */
  | { status: 202; body: TradeView }
  | { status: 422; body: ProblemBody };

interface Acceptance {
  userId: UserId;
  body: TradeBody;
  claim: IdempotencyClaim;
  /** derived from the request, where it has an id of its own: the same trade even after the key is deleted */
  tradeId?: TradeId;
  /** sent by a person, who may have clicked twice; programs have idempotency keys */
  isClick: boolean;
  requestId: string;
  logger: Logger;
}

/** Accepts a trade once per key: a repeat gets the first answer, or the verdict that has become known since. */
export async function acceptTrade(
  dependencies: ApiDependencies,
  acceptance: Acceptance,
): Promise<{ answer: TradeAnswer; replayed: boolean }> {
  const repeated = await answerOfRepeat(dependencies.prisma, acceptance);
  if (repeated) return { answer: repeated, replayed: true };
  const { userId, body, tradeId } = acceptance;
  const trade = await prepareTrade(dependencies, userId, body);
  const input = { trade, ticket: issueTicket(dependencies, userId, trade, tradeId) };
  await recordAcceptance(dependencies.prisma, acceptance, input);
  const answer = await startAndAnswer(dependencies, acceptance, input);
  await keepAnswer(dependencies.prisma, acceptance.claim, answer);
  return { answer, replayed: false };
}

export function issueTicket(
  { tickets }: Pick<ApiDependencies, 'tickets'>,
  userId: UserId,
  trade: TradeRequest,
  tradeId = randomUUID() as TradeId,
): StartTicket {
  return tickets.sign({ tradeId, userId, trade, now: Date.now() });
}

async function answerOfRepeat(prisma: PrismaClient, acceptance: Acceptance): Promise<TradeAnswer | undefined> {
  const { claim, userId, tradeId, requestId } = acceptance;
  const first = await findFirstRequest(prisma, claim);
  if (first.state === 'none') return tradeId && answerOfTrade(prisma, userId, tradeId, requestId);
  if (first.state === 'other-request') throw keyReused();
  if (first.state === 'running' && !isAbandoned(first.since, Date.now())) throw stillRunning();
  if (first.state === 'answered' && first.answer.status !== 202) return keptAnswer(first.answer as TradeAnswer);
  // Answered before the verdict, or never because the process ended: the answer is what the trade has become.
  const answer = first.tradeId && (await answerOfTrade(prisma, userId, first.tradeId, requestId));
  if (!answer) throw new Error('the idempotency key of a trade has no trade');
  await keepAnswer(prisma, claim, answer);
  return answer;
}

/** A trade in it may be from before one of its fields. */
function keptAnswer(answer: TradeAnswer): TradeAnswer {
  return answer.status === 422 ? answer : { ...answer, body: viewOf({ view: answer.body }) };
}

/** Claims the key and records the trade in one transaction, so that neither exists without the other. */
async function recordAcceptance(prisma: PrismaClient, acceptance: Acceptance, input: TradeInput): Promise<void> {
  const { claim, body, isClick } = acceptance;
  await prisma.$transaction(async (database) => {
    if (!(await claimKey(database, claim, input.ticket.tradeId))) throw stillRunning();
    if (isClick && !body.confirmDuplicate) await refuseTwin(database, input.trade);
    await insertAcceptedTrade(database, input);
  });
}

async function refuseTwin(database: Prisma.TransactionClient, trade: TradeRequest): Promise<void> {
  if (!(await hasRecentTwin(database, trade, new Date(Date.now() - REPEAT_GATE_MS)))) return;
  throw new Refused('conflict', {
    code: 'DUPLICATE_ORDER',
    message: 'You placed the same order within the last 10 seconds. To place it again, send "confirmDuplicate": true.',
  });
}

async function startAndAnswer(
  { prisma, trades }: ApiDependencies,
  { userId, requestId, logger }: Acceptance,
  input: TradeInput,
): Promise<TradeAnswer> {
  const { tradeId } = input.ticket;
  const verdict = await trades.startForVerdict(input).catch((error: unknown) => {
    // The trade is recorded, so the outbox will start it: no reason to refuse it.
    logger.error({ err: error, tradeId }, 'could not start a trade; the outbox will');
    return undefined;
  });
  if (verdict) {
    await markStarted(prisma, tradeId);
    return answerOfVerdict(verdict, requestId);
  }
  const answer = await answerOfTrade(prisma, userId, tradeId, requestId);
  if (!answer) throw new Error('an accepted trade has no row');
  return answer;
}

function answerOfVerdict(verdict: RiskVerdict, requestId: string): TradeAnswer {
  return verdict.accepted ? { status: 201, body: verdict.trade } : denied(verdict.reason, verdict.trade.id, requestId);
}

/** The answer according to the trade's row and journal. */
async function answerOfTrade(
  prisma: PrismaClient,
  userId: UserId,
  tradeId: TradeId,
  requestId: string,
): Promise<TradeAnswer | undefined> {
  const row = await findTrade(prisma, userId, tradeId);
  if (!row) return undefined;
  const view = viewOf(row);
  const wasChecked = await prisma.tradeEvent.count({ where: { tradeId, kind: 'risk_checked' } });
  if (wasChecked > 0) return { status: 201, body: view };
  if (view.status === 'rejected' && view.reason) return denied(view.reason, tradeId, requestId);
  return { status: view.status === 'pending' ? 202 : 201, body: view };
}

function denied(reason: Reason, tradeId: TradeId, requestId: string): TradeAnswer {
  return { status: 422, body: problemBody(new Refused('risk-denied', reason, tradeId), requestId) };
}
