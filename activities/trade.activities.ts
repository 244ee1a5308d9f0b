import { ApplicationFailure, activityInfo, log } from '@temporalio/activity';
import type { PrismaClient } from '../prisma/generated/client.js';
import type { StartTickets } from '../src/auth/start-tickets.js';
import type { Broker } from '../src/broker-port/broker.js';
import { lookFor, marketFacts, oppositeOrders } from '../src/broker-port/market-facts.js';
import { LOOK_QUOTE_AGE_MS } from '../src/broker-port/quote-ages.js';
import { Decimal, decimal } from '../src/domain/decimal.js';
import { isTradeId, type TradeId, tradeWorkflowId } from '../src/domain/ids.js';
import type { MarketLook } from '../src/domain/market.js';
import { notionalOf, referencePrice } from '../src/domain/risk.js';
import type { Admission, ChangeVerdict } from '../src/domain/trade/admission.js';
import type { Command } from '../src/domain/trade/commands.js';
import { exitTime } from '../src/domain/trade/exit-time.js';
import type { JournalEntry } from '../src/domain/trade/journal.js';
import type { LookRequest, TradeLook } from '../src/domain/trade/look.js';
import { whyEnded, whyNotTraded } from '../src/domain/trade/not-traded.js';
import { factOf, type OrderFact } from '../src/domain/trade/order-facts.js';
import type { TradeRecord } from '../src/domain/trade/record.js';
import { isTradeInput, type StartTicket, type TradeRequest } from '../src/domain/trade/request.js';
import type { TradeSettings } from '../src/domain/trade/settings.js';
import { ALREADY_FINAL, isFinalStatus, type Reason } from '../src/domain/trade/status.js';
import type { UnownedPosition } from '../src/domain/trade/vanished.js';
import { createForgeryRecord } from '../src/storage/forgeries.js';
import { symbolsOfOpenTrades } from '../src/storage/guarded-trades.js';
import { findIntent, isNews, orderFacts, recordBrokerOrder } from '../src/storage/orders.js';
import { reserveChange, reserveStart } from '../src/storage/risk.js';
import { noteLook, type StoredTrade, storedTrade } from '../src/storage/trade-looks.js';
import { ensureTradeRow, recordTrade } from '../src/storage/trade-records.js';
import type { TradeActivities } from './contracts.js';
import { othersHold, otherTrades } from './other-trades.js';
import { capabilitiesOf, whyNotOffered } from './trade-capabilities.js';

export interface TradeDependencies {
  prisma: PrismaClient;
  tickets: StartTickets;
  brokerOf(name: string): Broker;
  settings: TradeSettings;
  /** makes sure that the account's guardian runs */
  ensureGuardian(broker: string, account: string): Promise<void>;
  /** As whom the client of Temporal that sent the trade's workflow this command named itself. */
  senderOf(id: TradeId, command: Command): Promise<string | undefined>;
}

export function createTradeActivities(dependencies: TradeDependencies): TradeActivities {
  const { prisma, tickets, brokerOf, settings, ensureGuardian, senderOf } = dependencies;
  const recordForgery = createForgeryRecord(prisma);

  async function admitTrade({ workflowId, input }: { workflowId: string; input: unknown }): Promise<Admission> {
    if (!isTradeInput(input) || !isTradeId(input.ticket.tradeId)) return refuseForged(workflowId, 'malformed_start');
    const known = await storedTrade(prisma, input.ticket.tradeId);
    if (known?.reserved && known.workflowId === workflowId) return admitAgain(known);
    const verdict = tickets.verify(input, workflowId, Date.now());
    if (!verdict.ok) return refuseForged(workflowId, verdict.reason);
    const { ticket } = input;
    const { trade } = verdict;
    if (!(await ensureTradeRow(prisma, { trade, ticket }))) return refuseForged(workflowId, 'wrong_user');
    if (known && isFinalStatus(known.status)) return refused(known.reason ?? ALREADY_FINAL);
    return judge(ticket, trade);
  }

  async function judge(ticket: StartTicket, trade: TradeRequest): Promise<Admission> {
    const broker = brokerOf(trade.broker);
    const lack = whyNotTraded(trade) ?? whyNotOffered(broker, trade);
    if (lack) return refused(lack);
    const { look, facts } = await marketFacts(broker, trade);
    const ended = whyEnded(trade, look.marketTime);
    if (ended) return refused(ended);
    const opposite = await oppositeOrders(broker, trade);
    const denial = await reserveStart(prisma, ticket.tradeId, ticket.userId, trade, { ...facts, ...opposite });
    if (denial) return refused(denial);
    await ensureGuardian(trade.broker, trade.account);
    return accept(broker, trade, look, [], facts.warnings);
  }

  /** A reset, an adoption or a retry: the row says that the trade was admitted, and the orders that exist come with it. */
  async function admitAgain(known: StoredTrade): Promise<Admission> {
    if (isFinalStatus(known.status)) return refused(ALREADY_FINAL);
    const broker = brokerOf(known.trade.broker);
    const look = await lookFor(broker, known.trade);
    await ensureGuardian(known.trade.broker, known.trade.account);
    return accept(broker, known.trade, look, await orderFacts(prisma, known.id), known.warnings);
  }

  function accept(
    broker: Broker,
    trade: TradeRequest,
    look: MarketLook,
    existing: OrderFact[],
    warnings: Reason[],
  ): Admission {
    const price = priceOf(trade, look);
    const exitsBy = exitTime(trade);
    return {
      accepted: true,
      trade,
      capabilities: capabilitiesOf(broker, trade),
      settings,
      referencePrice: price.toString(),
      notional: notionalOf(trade, price).toString(),
      marketTime: look.marketTime,
      orders: existing,
      ...(exitsBy === undefined ? {} : { exitsBy }),
      ...(warnings.length > 0 && { warnings }),
    };
  }

  /** A start that nobody permitted leaves an audit event (of a flood: some) and no trade. */
  async function refuseForged(workflowId: string, why: string): Promise<Admission> {
    log.warn('A start without a valid ticket was refused.', { workflowId, why });
    await recordForgery({ action: 'trade.start_refused', subject: workflowId, detail: { why } });
    return refused({
      code: 'invalid_ticket',
      message: `The start ticket is not valid (${why}). Ask the API for a new one.`,
    });
  }

  async function approveChange({
    tradeId,
    ...change
  }: Parameters<TradeActivities['approveChange']>[0]): Promise<ChangeVerdict> {
    await assertOwner(tradeId);
    const known = await storedTrade(prisma, tradeId);
    if (!known) throw new Error(`trade ${tradeId} has no row`);
    const { facts } = await marketFacts(brokerOf(known.trade.broker), known.trade);
    const denial = await reserveChange(prisma, tradeId, known.userId, known.trade, change, facts);
    return denial ? { approved: false, reason: denial } : { approved: true };
  }

  async function lookAtMarket(request: LookRequest): Promise<TradeLook> {
    const { tradeId, account, symbol, assetClass, splitsSince } = request;
    const others = request.positionUnclear ? await otherTrades(prisma, request) : undefined;
    const ids = [...request.orders, ...(others?.orders ?? [])].flatMap((order) => order.brokerOrderId ?? []);
    const broker = brokerOf(request.broker);
    const quoteAgeMs = request.isConfirming ? 0 : LOOK_QUOTE_AGE_MS;
    const market = await broker.look(account, symbol, assetClass, ids, splitsSince, quoteAgeMs);
    const changed = market.orders.flatMap((order) => {
      const known = request.orders.find((candidate) => candidate.brokerOrderId === order.orderId);
      return known && isNews(known, order) ? [{ known, order }] : [];
    });
    const facts: OrderFact[] = [];
    for (const { known, order } of changed) {
      const intent = await findIntent(prisma, known.request.clientOrderId);
      const executions = intent ? await recordBrokerOrder(prisma, intent, order) : order.executions;
      facts.push(factOf(known, { ...order, executions }));
    }
    const othersOpen = await noteLook(prisma, tradeId, account, symbol);
    const { settleWindowMs } = broker.capabilities;
    const certain = others && (await othersHold(prisma, tradeId, others, market.orders, settleWindowMs));
    const isGone = request.positionUnclear && decimal(market.position).isZero();
    const unowned = isGone ? { unowned: await unownedPositions(broker, request) } : {};
    return { market: { ...market, orders: [] }, facts, othersOpen, ...certain, ...unowned };
  }

  /** Shares that left a trade may be there under another symbol. */
  async function unownedPositions(broker: Broker, { account }: LookRequest): Promise<UnownedPosition[]> {
    const [{ rows }, owned] = await Promise.all([broker.positions(account), symbolsOfOpenTrades(prisma, account)]);
    return rows.filter(({ symbol }) => !owned.has(symbol)).map(({ symbol, quantity }) => ({ symbol, quantity }));
  }

  /** Only the workflow that owns a trade changes and records it. */
  async function assertOwner(id: TradeId): Promise<void> {
    const { workflowExecution, activityType: activity } = activityInfo();
    if (workflowExecution?.workflowId === tradeWorkflowId(id)) return;
    const subject = workflowExecution?.workflowId ?? 'no workflow';
    await recordForgery({ action: 'temporal.activity_refused', subject, detail: { activity, trade: id } });
    throw ApplicationFailure.nonRetryable('Only its own workflow changes and records a trade.', 'NotTheOwner');
  }

  async function recordOwn(record: TradeRecord): Promise<void> {
    await assertOwner(record.view.id);
    const journal = await Promise.all(record.journal.map((entry) => withSender(record.view.id, entry)));
    await recordTrade(prisma, { ...record, journal });
  }

  /** Without the sender, when Temporal does not say: the command counts all the same. */
  async function withSender(id: TradeId, entry: JournalEntry): Promise<JournalEntry> {
    if (entry.kind !== 'commanded') return entry;
    const { command: name, by } = entry.data;
    const sender = await senderOf(id, { name: name as Command['name'], request: { by } }).catch(() => undefined);
    return { ...entry, data: { ...entry.data, ...(sender !== undefined && { sender: sender.slice(0, 100) }) } };
  }

  return { admitTrade, approveChange, lookAtMarket, recordTrade: recordOwn };
}

function priceOf(trade: TradeRequest, { quote }: MarketLook): Decimal {
  return referencePrice(trade, quote) ?? Decimal.zero;
}

function refused(reason: Reason): Admission {
  return { accepted: false, reason };
}
