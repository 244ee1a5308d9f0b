/** Trades from request to end, through the API, with a worker and the paper broker behind it. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PaperBroker } from '../../src/brokers/paper/paper-broker.js';
import type { MarketFeed } from '../../src/market-data/feed.js';
import { deleteOldKeys } from '../../src/storage/idempotency.js';
import { paperMarket } from '../support/paper-market.js';
import { openTradingAt, type Trading } from '../support/trading.js';
import {
  type Answer,
  apiOn,
  expectProblem,
  NOON,
  PRICES,
  type TestApi,
  type TestTrader,
  tradeBody,
} from './harness.js';

let trading: Trading;
let api: TestApi;
const halts = new Set<string>();
beforeAll(async () => {
  const market = await paperMarket(PRICES);
  const { clock, feed } = market.market;
  const broker = new PaperBroker({
    feed: withHalts(feed),
    clock,
    pool: market.database.pool,
    openingCash: '100000',
  });
  trading = await openTradingAt({ ...market, broker }, {});
  await trading.goTo(NOON);
  api = await apiOn({ database: trading.database, paper: trading.broker, temporal: trading.client });
});
afterAll(() => trading.close());

/** The recorded market, in which trading halts when a test says so: recordings have no halts. */
function withHalts(feed: MarketFeed): MarketFeed {
  return {
    id: feed.id,
    staleAfterMs: feed.staleAfterMs,
    symbols: (at) => feed.symbols(at),
    knows: (symbol) => feed.knows(symbol),
    latest: async (symbol, at) => {
      const prices = await feed.latest(symbol, at);
      return prices && { ...prices, halted: halts.has(symbol) };
    },
    events: (symbol, from, to) => feed.events(symbol, from, to),
    splits: (symbol, from, to) => feed.splits(symbol, from, to),
    session: (assetClass, at, symbol) => feed.session(assetClass, at, symbol),
  };
}

function start(trader: TestTrader, changes: Record<string, unknown> = {}, key: string = randomUUID()): Promise<Answer> {
  return api.call('POST', '/trades', { token: trader.token, key, body: tradeBody(changes) });
}

function trade(trader: TestTrader, id: unknown): Promise<Answer> {
  return api.call('GET', `/trades/${id}`, { token: trader.token });
}

async function until(trader: TestTrader, id: unknown, status: string): Promise<Answer> {
  for (const deadline = Date.now() + 20_000; ; ) {
    const answer = await trade(trader, id);
    if (answer.json.status === status) return answer;
    if (Date.now() > deadline) throw new Error(`not ${status}: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A trade that is filled and behind its stop. */
async function openTrade(trader: TestTrader, changes: Record<string, unknown> = {}): Promise<string> {
  const { json } = await start(trader, changes);
  await until(trader, json.id, 'open');
  return String(json.id);
}

const RESTING = { orderType: 'limit', limitPrice: '140', stopLoss: { price: '130' } };

describe('the verdict', () => {
  test('an accepted trade answers 201 and is guarded soon after', async () => {
    const answer = await start(api.trader, { takeProfit: { percent: '10' }, note: 'a note', strategy: 'manual' });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      broker: 'paper',
      symbol: 'AAPL',
      quantity: '2',
      note: 'a note',
      workflowId: `trade-${answer.json.id}`,
    });
    const open = await until(api.trader, answer.json.id, 'open');
    expect(open.json).toMatchObject({ filledQuantity: '2', averageFillPrice: '150.01', unrealizedPnl: '-0.04' });
  });

  test('a trade above a limit answers 422 with the figures and stands recorded as rejected', async () => {
    const trader = await api.addTrader();
    const answer = await start(trader, { quantity: '10' });
    expectProblem(answer, 422, 'risk-denied', 'PER_TRADE_LIMIT');
    expect(answer.json).toMatchObject({ limit: '1000', attempted: '1500.1' });
    const recorded = await trade(trader, answer.json.tradeId);
    expect(recorded.json).toMatchObject({ status: 'rejected', reason: { code: 'PER_TRADE_LIMIT' } });
    expect((await trading.broker.ledger(`paper-${trader.userId}`)).orders).toEqual([]);
  });

  test('T28 B13 a quantity above what one order may hold', async () => {
    expectProblem(await start(api.trader, { quantity: '999999' }), 422, 'risk-denied', 'QUANTITY_EXCEEDS_MAXIMUM');
  });

  test('T28 B14 a price 90 % from the market', async () => {
    const changes = { orderType: 'limit', limitPrice: '15', stopLoss: { price: '13' } };
    expectProblem(await start(api.trader, changes), 422, 'risk-denied', 'PRICE_COLLAR');
  });

  test('B28 a halted account', async () => {
    const trader = await api.addTrader();
    const engaged = await api.call('POST', '/risk/kill-switch', { token: trader.token, body: { engaged: true } });
    expect(engaged.json).toEqual({ scope: 'user', engaged: true, flattening: 0 });
    expectProblem(await start(trader), 422, 'risk-denied', 'TRADING_HALTED');
  });
});

test('B100 an exit while the market is closed moves to the last minute before', async () => {
  const saturday = '2013-10-12T16:00:00Z';
  const answer = await start(api.trader, { exitAt: saturday });
  const times = { exitAt: '2013-10-12T16:00:00.000Z', exitsBy: '2013-10-11T19:59:00.000Z' };
  expect(answer).toMatchObject({ status: 201, json: times });
  const open = await until(api.trader, answer.json.id, 'open');
  expect(open.json).toMatchObject(times);
});

describe('B31 a halted symbol', () => {
  afterEach(() => halts.clear());

  test('takes no entry until trading resumes', async () => {
    const trader = await api.addTrader();
    halts.add('AAPL');
    expectProblem(await start(trader), 422, 'risk-denied', 'SYMBOL_HALTED');
    const limit = { orderType: 'limit', limitPrice: '149', stopLoss: { price: '140' } };
    expectProblem(await start(trader, limit), 422, 'risk-denied', 'SYMBOL_HALTED');
    expect((await trading.broker.ledger(`paper-${trader.userId}`)).orders).toEqual([]);
    halts.clear();
    expect((await start(trader)).status).toBe(201);
  });
});

describe('idempotency', () => {
  test('B26 the same key again answers the same and starts nothing', async () => {
    const trader = await api.addTrader();
    const first = await start(trader, {}, 'twice');
    const second = await start(trader, {}, 'twice');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(await trading.database.prisma.trade.count({ where: { userId: trader.userId } })).toBe(1);
  });

  test('B26 a refusal is answered again as it was, to the byte', async () => {
    const trader = await api.addTrader();
    const first = await start(trader, { quantity: '10' }, 'refused');
    const second = await start(trader, { quantity: '10' }, 'refused');
    expectProblem(second, 422, 'risk-denied', 'PER_TRADE_LIMIT');
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  test('B24 the same key with another body', async () => {
    const trader = await api.addTrader();
    await start(trader, {}, 'reused');
    expectProblem(await start(trader, { quantity: '3' }, 'reused'), 422, 'idempotency-key-reused');
  });

  test('B25 the same key while the first request runs', async () => {
    const trader = await api.addTrader();
    const [one, other] = await Promise.all([start(trader, {}, 'at-once'), start(trader, {}, 'at-once')]);
    const [first, second] = one.status === 201 ? [one, other] : [other, one];
    expect(first.status).toBe(201);
    expectProblem(second, 409, 'idempotency-in-progress');
    expect(second.headers.get('retry-after')).toBe('1');
    expect(await trading.database.prisma.trade.count({ where: { userId: trader.userId } })).toBe(1);
  });

  test('a request whose process died is answered from what its trade has become', async () => {
    const trader = await api.addTrader();
    const first = await start(trader, {}, 'orphan');
    await until(trader, first.json.id, 'open');
    const where = { userId: trader.userId, key: 'orphan' };
    const { prisma } = trading.database;
    await prisma.idempotencyKey.updateMany({ where, data: { status: null, body: 'null' } });
    expectProblem(await start(trader, {}, 'orphan'), 409, 'idempotency-in-progress');
    await prisma.idempotencyKey.updateMany({ where, data: { createdAt: new Date(Date.now() - 31_000) } });
    expect(await start(trader, {}, 'orphan')).toMatchObject({
      status: 201,
      json: { id: first.json.id, status: 'open' },
    });
  });

  test('B27 the same key by another user is another key', async () => {
    const [one, other] = [await api.addTrader(), await api.addTrader()];
    const first = await start(one, {}, 'shared');
    const second = await start(other, { quantity: '1' }, 'shared');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json.id).not.toBe(first.json.id);
  });

  test('what is odd about a trade must be confirmed, and the key is free until then', async () => {
    const [trader, key] = [await api.addTrader(), randomUUID()];
    const far = { quantity: '1', stopLoss: { percent: '30' } };
    const refused = await start(trader, far, key);
    expectProblem(refused, 422, 'confirmation-required');
    expect(refused.json).toMatchObject({
      oddities: [{ code: 'stop_far', message: expect.stringContaining('30 %') }],
      whatToDo: 'If you mean it, send the request again with "confirm": ["stop_far"].',
    });
    expect((await start(trader, { ...far, confirm: ['target_far'] }, key)).status).toBe(422);
    const confirmed = await start(trader, { ...far, confirm: ['stop_far'] }, key);
    expect(confirmed.status).toBe(201);
    expect((await start(trader, far, key)).json.id).toBe(confirmed.json.id);
  });

  test('a quantity beyond the usual must be confirmed', async () => {
    const trader = await api.addTrader();
    for (let count = 0; count < 5; count += 1) await start(trader, { quantity: '1' });
    expectProblem(await start(trader, { quantity: '4' }), 422, 'confirmation-required');
    expect((await start(trader, { quantity: '3' })).status).toBe(201);
    expect((await start(trader, { quantity: '4', confirm: ['quantity_unusual'] })).status).toBe(201);
  });

  test('B29 the same order within ten seconds, from a browser', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const click = (changes = {}) =>
      api.call('POST', '/trades', { cookie, key: randomUUID(), body: tradeBody({ quantity: '1', ...changes }) });
    expect((await click()).status).toBe(201);
    expectProblem(await click(), 409, 'conflict', 'DUPLICATE_ORDER');
    expect((await click({ confirmDuplicate: true })).status).toBe(201);
    expect((await start(trader, { quantity: '1' })).status).toBe(201);
  });

  test('B29 two clicks at the same instant', async () => {
    const cookie = await api.logIn(await api.addTrader());
    const click = () => api.call('POST', '/trades', { cookie, key: randomUUID(), body: tradeBody() });
    const statuses = (await Promise.all([click(), click()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409]);
  });
});

describe('cancel and close', () => {
  test('a working entry is cancelled; a second cancel changes nothing', async () => {
    const { json } = await start(api.trader, RESTING);
    await until(api.trader, json.id, 'submitted');
    const cancel = () => api.call('POST', `/trades/${json.id}/cancel`, { token: api.trader.token });
    expect((await cancel()).status).toBe(202);
    await until(api.trader, json.id, 'cancelled');
    expectProblem(await cancel(), 409, 'invalid-state', 'TRADE_FINAL');
  });

  test('the key of a command counts once, for its body alone, and as long as the trade lives', async () => {
    const trader = await api.addTrader();
    const id = await openTrade(trader);
    const command = (stopPrice: string) =>
      api.call('PATCH', `/trades/${id}`, { token: trader.token, key: 'command', body: { stopPrice } });
    const first = await command('140');
    const second = await command('140');
    expect(first.status).toBe(200);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expectProblem(await command('141'), 422, 'idempotency-key-reused');

    const { prisma } = api.database;
    const longAgo = new Date(Date.now() - 400 * 86_400_000);
    await prisma.idempotencyKey.updateMany({ where: { userId: trader.userId }, data: { createdAt: longAgo } });
    await deleteOldKeys(prisma, new Date());
    expect((await command('140')).headers.get('idempotency-replayed')).toBe('true');
  });

  test('B38 a cancel after the fill sells', async () => {
    const trader = await api.addTrader();
    const id = await openTrade(trader);
    expect((await api.call('POST', `/trades/${id}/cancel`, { token: trader.token })).status).toBe(202);
    expect((await until(trader, id, 'closed')).json).toMatchObject({ exitReason: 'cancel' });
  });

  test('B80 T14 commands that there are not, and commands to a trade of somebody else', async () => {
    const id = await openTrade(api.trader);
    const other = await api.addTrader();
    const send = (path: string, { token }: TestTrader) => api.call('POST', `/trades/${path}`, { token, body: {} });
    for (const name of ['noSuchSignal', 'brokerEvent', 'priceEvent', 'signal/closeTrade', 'terminate']) {
      expectProblem(await send(`${id}/${name}`, api.trader), 404, 'not-found');
    }
    for (const name of ['cancel', 'close', 'noSuchSignal']) {
      expectProblem(await send(`${id}/${name}`, other), 404, 'not-found');
    }
    const change = { token: other.token, body: { stopPrice: '140' } };
    expectProblem(await api.call('PATCH', `/trades/${id}`, change), 404, 'not-found');
    expect((await trade(api.trader, id)).json).toMatchObject({ status: 'open', stopPrice: '142.5' });
  });

  test('B37 two closes at once sell once', async () => {
    const trader = await api.addTrader();
    const id = await openTrade(trader);
    const close = () => api.call('POST', `/trades/${id}/close`, { token: trader.token });
    const answers = await Promise.all([close(), close()]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await until(trader, id, 'closed');
    const { orders } = await trading.broker.ledger(`paper-${trader.userId}`);
    expect(orders.filter(({ side, status }) => side === 'sell' && status === 'filled')).toHaveLength(1);
  });

  test('B36 B38 close and cancel of a closed trade', async () => {
    const id = await openTrade(api.trader);
    await api.call('POST', `/trades/${id}/close`, { token: api.trader.token });
    await until(api.trader, id, 'closed');
    for (const command of ['close', 'cancel']) {
      const answer = await api.call('POST', `/trades/${id}/${command}`, { token: api.trader.token });
      expectProblem(answer, 409, 'invalid-state', 'TRADE_FINAL');
      expect(answer.json.value).toBe('closed');
    }
  });

  test('the same key on a close answers the same', async () => {
    const id = await openTrade(api.trader);
    const close = () => api.call('POST', `/trades/${id}/close`, { token: api.trader.token, key: 'close-it' });
    const first = await close();
    await until(api.trader, id, 'closed');
    const second = await close();
    expect([second.status, second.text]).toEqual([202, first.text]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  test('the kill switch closes what is open', async () => {
    const trader = await api.addTrader();
    const cookie = await api.logIn(trader);
    const id = await openTrade(trader);
    const answer = await api.call('POST', '/risk/kill-switch', { cookie, body: { engaged: true, flatten: true } });
    expect(answer.json).toEqual({ scope: 'user', engaged: true, flattening: 1 });
    const closed = await until(trader, id, 'closed');
    expect(closed.json.exitReason).toBe('kill_switch');
  });
});

describe('B94 changes', () => {
  const patch = (id: unknown, body: object) => api.call('PATCH', `/trades/${id}`, { token: api.trader.token, body });

  test('stop and target of an open trade move', async () => {
    const id = await openTrade(api.trader);
    expect((await patch(id, { stopPrice: '140' })).json.stopPrice).toBe('140');
    expect((await patch(id, { takeProfit: { price: '170' } })).json.takeProfitPrice).toBe('170');
    expect((await patch(id, { takeProfitPrice: null })).json.takeProfitPrice).toBeNull();
    // the market of these tests stands still on 2013-10-08
    const exitAt = '2013-10-12T12:00:00-04:00';
    const shown = { exitAt: '2013-10-12T16:00:00.000Z', exitsBy: '2013-10-11T19:59:00.000Z' };
    expect((await patch(id, { exitAt })).json).toMatchObject(shown);
    expect((await patch(id, { exitAt: null })).json).toMatchObject({ exitAt: null, exitsBy: null });
  });

  test('price and quantity of a working entry move', async () => {
    const { json } = await start(api.trader, RESTING);
    await until(api.trader, json.id, 'submitted');
    expect((await patch(json.id, { limitPrice: '141.50' })).json.limitPrice).toBe('141.5');
    expect((await patch(json.id, { quantity: '3' })).json.quantity).toBe('3');
  });

  test('a quantity below what is filled', async () => {
    expectProblem(await patch(await openTrade(api.trader), { quantity: '1' }), 422, 'validation-failed');
  });

  test('a stop beyond the market', async () => {
    expectProblem(await patch(await openTrade(api.trader), { stopPrice: '160' }), 422, 'risk-denied');
  });

  test.each([
    {},
    { limitPrice: '140', stopPrice: '130' },
    { stopPrice: '130', stopLoss: { price: '131' } },
    { stopPrice: '140.001' },
    { quantity: '1.5' },
    { stopPrice: null },
    { exitAt: '2013-10-07T12:00:00Z' },
    { exitAt: '2013-10-12' },
    { status: 'closed' },
  ])('a change that is none: %j', async (body) => {
    const id = await openTrade(api.trader, { quantity: '1' });
    expectProblem(await patch(id, body), 422, 'validation-failed');
  });

  test('a trade that is over', async () => {
    const id = await openTrade(api.trader);
    await api.call('POST', `/trades/${id}/close`, { token: api.trader.token });
    await until(api.trader, id, 'closed');
    expectProblem(await patch(id, { stopPrice: '140' }), 409, 'invalid-state');
  });
});

test('a ticket lets any Temporal client start the trade with the plain body', async () => {
  const trader = await api.addTrader();
  const body = tradeBody({ exitAt: '2013-10-08T19:00:00Z', quantity: '1' });
  const ticket = await api.call('POST', '/start-tickets', { token: trader.token, body });
  expect(ticket.status).toBe(201);
  const handle = await trading.client.workflow.start('trade', {
    workflowId: String(ticket.json.workflowId),
    taskQueue: 'trades',
    args: [{ trade: body, ticket: ticket.json.ticket }],
  });
  expect(handle.workflowId).toBe(`trade-${ticket.json.tradeId}`);
  const open = await until(trader, ticket.json.tradeId, 'open');
  expect(open.json).toMatchObject({ filledQuantity: '1', stopKind: 'broker' });
});

describe('B30 after the market has closed', () => {
  beforeAll(() => trading.goTo('2013-10-08T14:30'));

  test('an entry that is not to wait is refused', async () => {
    const trader = await api.addTrader();
    const answer = await start(trader, { onMarketClosed: 'reject' });
    expectProblem(answer, 422, 'risk-denied', 'MARKET_CLOSED');
    expect((await trading.broker.ledger(`paper-${trader.userId}`)).orders).toEqual([]);
  });

  test.each([{}, { onMarketClosed: 'queue' }])('any other waits for the open: %j', async (policy) => {
    const trader = await api.addTrader();
    const { status, json } = await start(trader, policy);
    expect(status).toBe(201);
    await until(trader, json.id, 'submitted');
  });
});
