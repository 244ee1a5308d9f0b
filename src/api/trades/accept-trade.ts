/** From a well-formed request to a started trade and its first answer. */
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
import { toTradeView } from '../../storage/trade-view.js';
import { accountFor } from '../brokers/accounts.js';
import type { ApiDependencies } from '../dependencies.js';
import { keyReused, stillRunning } from '../http/idempotency.js';
import { type ProblemBody, problemBody } from '../http/problems.js';
import { checkAgainstMarket } from './market-checks.js';
import { type TradeBody, toTradeRequest } from './trade-body.js';

/** A second look at the same order within so short a time may be a click too many. */
const REPEAT_GATE_MS = 10_000;

export type TradeAnswer =
  | { status: 201; body: TradeView }
  /** accepted, but not yet judged */
  | { status: 202; body: TradeView }
  | { status: 422; body: ProblemBody };

interface Acceptance {
  userId: UserId;
  body: TradeBody;
  claim: IdempotencyClaim;
  /** where the request itself names its trade, so that it is the same one even when the key is forgotten */
  tradeId?: TradeId;
  /** a person may have clicked twice; programs have their keys for that */
  isClick: boolean;
  requestId: string;
  logger: Logger;
}

/** Accepts a trade once for its key: a repeat gets the first answer, or what has become known since. */
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

/** The complete request, checked as far as the market can be asked. */
export async function prepareTrade(
  dependencies: Pick<ApiDependencies, 'prisma' | 'brokers'>,
  userId: UserId,
  body: TradeBody,
): Promise<TradeRequest> {
  const { broker, account } = await accountFor(dependencies, userId, body);
  const trade = toTradeRequest(body, account);
  await checkAgainstMarket(broker, trade);
  return trade;
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
  if (first.state === 'answered' && first.answer.status !== 202) return first.answer as TradeAnswer;
  // Answered before the verdict, or never because its process died: what the trade has become is the answer.
  const answer = first.tradeId && (await answerOfTrade(prisma, userId, first.tradeId, requestId));
  if (!answer) throw new Error('an idempotency key of a trade names no trade');
  await keepAnswer(prisma, claim, answer);
  return answer;
}

/** Claims the key and records the trade together, so that neither exists without the other. */
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
    message: 'The same order was given within the last 10 seconds. Send "confirmDuplicate": true if it is meant.',
  });
}

async function startAndAnswer(
  { prisma, trades }: ApiDependencies,
  { userId, requestId, logger }: Acceptance,
  input: TradeInput,
): Promise<TradeAnswer> {
  const { tradeId } = input.ticket;
  const verdict = await trades.startForVerdict(input).catch((error: unknown) => {
    // The trade is recorded, so it will be started: this error is ours to repair, not a reason to refuse.
    logger.error({ err: error, tradeId }, 'the start of a trade failed and is left to the outbox');
    return undefined;
  });
  if (verdict) {
    await markStarted(prisma, tradeId);
    return answerOfVerdict(verdict, requestId);
  }
  const answer = await answerOfTrade(prisma, userId, tradeId, requestId);
  if (!answer) throw new Error('an accepted trade is gone');
  return answer;
}

function answerOfVerdict(verdict: RiskVerdict, requestId: string): TradeAnswer {
  return verdict.accepted ? { status: 201, body: verdict.trade } : denied(verdict.reason, verdict.trade.id, requestId);
}

/** What a trade's row and journal say of its verdict. */
async function answerOfTrade(
  prisma: PrismaClient,
  userId: UserId,
  tradeId: TradeId,
  requestId: string,
): Promise<TradeAnswer | undefined> {
  const row = await findTrade(prisma, userId, tradeId);
  if (!row) return undefined;
  const view = toTradeView(row);
  const wasChecked = await prisma.tradeEvent.count({ where: { tradeId, kind: 'risk_checked' } });
  if (wasChecked > 0) return { status: 201, body: view };
  if (view.status === 'rejected' && view.reason) return denied(view.reason, tradeId, requestId);
  return { status: view.status === 'pending' ? 202 : 201, body: view };
}

function denied(reason: Reason, tradeId: TradeId, requestId: string): TradeAnswer {
  return { status: 422, body: problemBody(new Refused('risk-denied', reason, tradeId), requestId) };
}
