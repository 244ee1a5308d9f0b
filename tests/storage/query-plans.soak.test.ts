/** How Postgres answers the queries that run all the time, when there are many rows. `ROWS=1000000` for more of them. */
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PrismaClient } from '../../prisma/generated/client.js';
import { decimalString } from '../../src/domain/decimal.js';
import { type TradeId, tradeWorkflowId, type UserId } from '../../src/domain/ids.js';
import { newTradeState } from '../../src/domain/trade/new-trade.js';
import type { TradeInput, TradeRequest } from '../../src/domain/trade/request.js';
import { toView } from '../../src/domain/trade/to-view.js';
import {
  hasRecentTwin,
  insertAcceptedTrade,
  markStarted,
  startOldest,
  usualQuantity,
} from '../../src/storage/accepted-trades.js';
import { raiseAccountAlert } from '../../src/storage/account-alerts.js';
import {
  accountsToGuard,
  brokerOrderIdsOfTrades,
  endedEntries,
  guardedTrades,
  isGuarded,
  knownOrders,
  maybeUncoveredTrades,
  ordersOfEndedTrades,
  symbolsOfOpenTrades,
  workingOrders,
} from '../../src/storage/guarded-trades.js';
import { deleteOldKeys } from '../../src/storage/idempotency.js';
import { allEntries, entriesOf, journalsCompleteTo, placeOf } from '../../src/storage/journals.js';
import { ownerOfBrokerOrder } from '../../src/storage/order-owner.js';
import {
  enteredSince,
  findIntent,
  hasUnknownTwin,
  markSent,
  mayFillOrders,
  orderFacts,
  prepareIntent,
  recordBrokerOrder,
  takenOrderIds,
} from '../../src/storage/orders.js';
import { reserveStart } from '../../src/storage/risk.js';
import { usageOf } from '../../src/storage/risk-usage.js';
import { noteLook, storedTrade } from '../../src/storage/trade-looks.js';
import {
  findTrade,
  listTrades,
  liveTradeIds,
  openTradesCount,
  realizedTotals,
  tradeEvents,
} from '../../src/storage/trade-queries.js';
import { ensureTradeRow, recordTrade } from '../../src/storage/trade-records.js';
import { watchedLevels } from '../../src/storage/watched-levels.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { orderRequest } from '../support/orders.js';
import { tradeRequest } from '../support/trading.js';
import { accountOf, fillDatabase, symbolOf, tradeOf, USERS, userOf } from './many-rows.js';
import { planOf, type Statement } from './plans.js';

const ROWS = Number(process.env.ROWS ?? 100_000);
/** One of the live ones. */
const LIVE = ROWS - 7;
const BIG_TABLES = ['trades', 'orders', 'trade_events', 'executions', 'reservations'];

const userId = userOf(LIVE % USERS) as UserId;
const [account, symbol] = [accountOf(LIVE), symbolOf(LIVE)];
const tradeId = tradeOf(LIVE) as TradeId;
const recently = new Date(Date.now() - 3_600_000);

let database: TestDatabase;
let prisma: PrismaClient;
const sent: Statement[] = [];
beforeAll(async () => {
  database = await freshDatabase({ asOwner: true });
  const startedAt = performance.now();
  await fillDatabase(database.pool, ROWS);
  console.log(`${ROWS} rows in each table, made in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  const spied = new PrismaClient({ adapter: new PrismaPg(database.pool), log: [{ emit: 'event', level: 'query' }] });
  spied.$on('query', ({ query, params }) => sent.push({ text: query, params }));
  prisma = spied;
}, 900_000);
afterAll(() => database.close());

function newInput(): TradeInput {
  const trade = tradeRequest({ broker: 'schwab', account, symbol, strategy: 'one' });
  const ticket = { tradeId: randomUUID() as TradeId, userId, scope: 'trade', issuedAt: Date.now() };
  return { trade, ticket: ticket as TradeInput['ticket'] };
}

async function admit(): Promise<TradeInput> {
  const input = newInput();
  await ensureTradeRow(prisma, input);
  const cash = decimalString('1000000');
  const last = decimalString('10');
  await reserveStart(prisma, input.ticket.tradeId, userId, input.trade, {
    account: { equity: cash, cash, buyingPower: cash },
    quote: { symbol, bid: last, ask: last, last, at: Date.now() },
    session: 'regular',
    position: '0',
    tradingDay: new Date().toISOString().slice(0, 10),
    oppositeOrders: {},
    warnings: [],
  });
  return input;
}

/** A whole life in the database: admitted, prepared, sent, reported, recorded. */
async function live(): Promise<void> {
  const input = await admit();
  const id = input.ticket.tradeId;
  const state = newTradeState(input, tradeWorkflowId(id), 0);
  const request = orderRequest({ symbol, clientOrderId: `arb-${id}` });
  const holding = { splits: [], external: [], side: 'buy' as const, absent: [] };
  const ref = { tradeId: id, broker: 'schwab', account, leg: 'entry' as const, generation: 1, request, holding };
  const order = await prepareIntent(prisma, ref);
  await markSent(prisma, order, holding, 'PREPARED');
  const { quantity, side, type, timeInForce } = request;
  const fill = {
    executionId: randomUUID(),
    quantity,
    price: decimalString('10'),
    fee: decimalString('0'),
    at: Date.now(),
  };
  const reported = { orderId: `b-${id}`, symbol, side, type, quantity, filledQuantity: quantity, timeInForce };
  const known = { ...reported, status: 'filled' as const, triggered: false, executions: [], placedAt: Date.now() };
  await recordBrokerOrder(prisma, order, { ...known, executions: [fill] });
  await recordBrokerOrder(prisma, order, { ...known, fillsInTotal: fill });
  const amount = decimalString('100');
  const journal = [{ key: 'status:open', at: 0, kind: 'status' as const, data: {} }];
  const exposure = { daily: amount, exposure: amount, pending: amount };
  await recordTrade(prisma, { version: 1, view: toView(state, 0), state, journal, alerts: [], exposure });
}

const since = { limit: 100 };
const HOT: Record<string, () => Promise<unknown>> = {
  'POST /trades: the usual quantity': () => usualQuantity(prisma, { account, symbol } as TradeRequest),
  'GET /trades': () => listTrades(prisma, userId, {}, since),
  'GET /trades, next page': () =>
    listTrades(prisma, userId, {}, { limit: 100, after: { createdAt: recently, id: tradeId } }),
  'GET /trades, by status': () => listTrades(prisma, userId, { status: ['open', 'closing'] }, since),
  'GET /trades, by symbol': () => listTrades(prisma, userId, { symbol }, since),
  'GET /trades, by the beginning of the id': () => listTrades(prisma, userId, { idPrefix: '10000000' }, since),
  'GET /trades/{id}': () => findTrade(prisma, userId, tradeId),
  'GET /trades/{id}/events': () => tradeEvents(prisma, tradeId, { limit: 100, after: 5n }),
  'GET /portfolio: open trades': () => openTradesCount(prisma, userId),
  'GET /portfolio: totals': () => realizedTotals(prisma, userId),
  'GET /risk: usage': () => usageOf(prisma, userId, { exchange: '2026-11-30', utc: '2026-11-30' }),
  'kill switch: live trades of all': () => liveTradeIds(prisma),
  'kill switch: live trades of a user': () => liveTradeIds(prisma, { userId }),
  'signals: live trades of a strategy': () => liveTradeIds(prisma, { userId, symbol, strategy: 'one' }, new Date()),
  'live events: trades of an account': () => liveTradeIds(prisma, { account }),
  'live events: owner of an order': () => ownerOfBrokerOrder(prisma, 'schwab', `b${LIVE}`),
  'prices: levels': () => watchedLevels(prisma, ['schwab', 'alpaca']),
  'stream: where it begins': () => Promise.all([journalsCompleteTo(prisma), placeOf(prisma, BigInt(LIVE))]),
  'stream: new entries': () => allEntries(prisma, { after: BigInt(ROWS - 5), upTo: BigInt(ROWS) }, 500),
  'stream: missed entries': () => entriesOf(prisma, userId, { after: BigInt(ROWS - 2_000), upTo: BigInt(ROWS) }, 400),
  'stream: all entries': () => entriesOf(prisma, userId, { after: 0n, upTo: BigInt(ROWS) }, 400),
  'POST /trades': () => insertAcceptedTrade(prisma, newInput()),
  'POST /trades: twins': () => hasRecentTwin(prisma, newInput().trade, new Date(Date.now() - 10_000)),
  'POST /trades: started': () => markStarted(prisma, tradeId),
  'outbox: oldest': () => startOldest(prisma, { before: recently, except: [] }, async () => {}),
  'a trade: risk check': admit,
  'a trade: from intent to record': live,
  'a trade: look': () => noteLook(prisma, tradeId, account, symbol),
  'a trade: its row': () => storedTrade(prisma, tradeId),
  'a trade: its orders': () => orderFacts(prisma, tradeId),
  'an order: intent': () => findIntent(prisma, `arb-${LIVE}`),
  'an order: others that may fill': () => mayFillOrders(prisma, [tradeId]),
  'an order: fills since': () => enteredSince(prisma, [tradeId], recently),
  'an order: ids that are taken': () => takenOrderIds(prisma, account, Date.now()),
  'an order: twins': async () => {
    const order = await findIntent(prisma, `arb-${LIVE}`);
    if (order) await hasUnknownTwin(prisma, order);
  },
  'guardian: accounts': () => accountsToGuard(prisma),
  'guardian: trades of an account': () => guardedTrades(prisma, account, new Date()),
  'guardian: orders that work': () => workingOrders(prisma, account),
  'held up: maybe uncovered trades': () => maybeUncoveredTrades(prisma),
  'guardian: one trade': () => isGuarded(prisma, tradeId),
  'guardian: known orders': () => knownOrders(prisma, [`arb-${LIVE}`, 'arb-0']),
  'guardian: orders by the ids of the broker': () => brokerOrderIdsOfTrades(prisma, account, [`b${LIVE}`, 'b0']),
  'guardian: symbols of an account': () => symbolsOfOpenTrades(prisma, account),
  'guardian: orders of ended trades': () => ordersOfEndedTrades(prisma, account, ['b0', 'b1'], new Date()),
  'guardian: entries that have ended': () => endedEntries(prisma, account, recently),
  'guardian: owner of an account': () =>
    raiseAccountAlert(prisma, account, { key: 'one', severity: 3, code: 'test', message: 'test' }),
  'hourly: old keys': () => deleteOldKeys(prisma, new Date()),
};

/** Runs a query and has Postgres explain its statements: one line, and those that read a big table as a whole. */
async function explain(name: string, ask: () => Promise<unknown>): Promise<{ line: string; whole: string[] }> {
  sent.length = 0;
  const startedAt = performance.now();
  await ask();
  const took = (performance.now() - startedAt).toFixed(1);
  const plans = [];
  for (const statement of sent.splice(0)) plans.push({ ...statement, ...(await planOf(database.pool, statement)) });
  const whole = plans.filter(({ wholeTables = [] }) => wholeTables.some((table) => BIG_TABLES.includes(table)));
  const cost = plans.reduce((sum, plan) => sum + (plan.cost ?? 0), 0).toFixed(0);
  const used = new Set(plans.flatMap(({ indexes = [], wholeTables = [] }) => [...indexes, ...wholeTables.map(allOf)]));
  return {
    line: `${name}: ${took} ms, cost ${cost}, ${[...used].join(' ')}`,
    whole: whole.map(({ text }) => `${name}: ${text}`),
  };
}

function allOf(table: string): string {
  return `ALL OF ${table}`;
}

test('no query that runs all the time reads a big table as a whole', async () => {
  const explained = [];
  for (const [name, ask] of Object.entries(HOT)) explained.push(await explain(name, ask));
  console.log(explained.map(({ line }) => line).join('\n'));
  expect(explained.flatMap(({ whole }) => whole)).toEqual([]);
});
