/** What the API answers while something that it needs is away, and what becomes of it afterwards. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runOutbox, sweep } from '../../src/api/trades/outbox.js';
import { PaperBroker } from '../../src/brokers/paper/paper-broker.js';
import type { TradeId } from '../../src/domain/ids.js';
import type { TradeRequest } from '../../src/domain/trade/request.js';
import { createDatabase } from '../../src/storage/database.js';
import { createTemporalClient } from '../../src/temporal/connection.js';
import { dataConverter } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { openTrading, type Trading } from '../support/trading.js';
import { apiOn, expectProblem, NOON, PRICES, type TestApi, tradeBody } from './harness.js';
import { type TcpProxy, tcpProxy } from './tcp-proxy.js';

let trading: Trading;
let postgres: TcpProxy;
let temporal: TcpProxy;
let api: TestApi;
let close: () => Promise<void>;

beforeAll(async () => {
  trading = await openTrading({ prices: PRICES });
  await trading.goTo(NOON);
  const databaseUrl = new URL(trading.database.url);
  postgres = await tcpProxy({ host: databaseUrl.hostname, port: Number(databaseUrl.port) });
  databaseUrl.host = `127.0.0.1:${postgres.port}`;
  const database = createDatabase(databaseUrl.href);
  const [host = '', port] = inject('temporalAddress').split(':');
  temporal = await tcpProxy({ host, port: Number(port) });
  const settings = { address: `127.0.0.1:${temporal.port}`, namespace: trading.namespace };
  const client = createTemporalClient(settings, dataConverter);
  const paper = new PaperBroker({ ...trading.market, pool: database.pool, openingCash: '100000' });
  const { ownerUrl } = trading.database;
  api = await apiOn({ database: { ...database, url: databaseUrl.href, ownerUrl }, paper, temporal: client });
  close = async () => {
    await client.connection.close();
    await database.close();
  };
});
afterAll(async () => {
  await close();
  await trading.close();
  await Promise.all([postgres.shut(), temporal.shut()]);
});

const post = (key: string) => api.call('POST', '/trades', { token: api.trader.token, key, body: tradeBody() });

test('B84 B83 without Postgres: 503, and again as always when it is back', async () => {
  expect((await api.call('GET', '/health/ready')).status).toBe(200);
  await postgres.shut();
  expectProblem(await post(randomUUID()), 503, 'dependency-unavailable');
  expectProblem(await api.call('GET', '/trades', { token: api.trader.token }), 503, 'dependency-unavailable');
  const body = { email: api.trader.email, password: 'x' };
  expectProblem(await api.call('POST', '/auth/login', { body }), 503, 'dependency-unavailable');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const ready = await api.call('GET', '/health/ready');
  expect([ready.status, ready.json]).toEqual([
    503,
    { status: 'down', components: { database: 'down', temporal: 'up' } },
  ]);
  const startedAt = performance.now();
  expect((await api.call('GET', '/health/live')).status).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(50);

  await postgres.open();
  expect((await api.call('GET', '/trades', { token: api.trader.token })).json).toEqual({ items: [] });
});

test('B84 without Temporal: 202 pending, and the trade is started when it is back', async () => {
  await temporal.shut();
  const startedAt = Date.now();
  const recorded = await post('while-away');
  expect(recorded).toMatchObject({ status: 202, json: { status: 'pending' } });
  expect(Date.now() - startedAt).toBeLessThan(8_000);
  expect(await post('while-away')).toMatchObject({ status: 202, json: { id: recorded.json.id } });

  const outbox = runOutbox(api.dependencies);
  await temporal.open();
  const judged = await untilAnswered('while-away', 201);
  expect(judged.json.id).toBe(recorded.json.id);
  await outbox.stop();
  const row = await trading.database.prisma.trade.findUniqueOrThrow({ where: { id: String(recorded.json.id) } });
  expect(row.startedAt).not.toBeNull();
  expect((await trading.broker.ledger(row.account)).orders.filter(({ side }) => side === 'buy')).toHaveLength(1);
});

async function untilAnswered(key: string, status: number) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const answer = await post(key);
    if (answer.status === status) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no ${status} in time`);
}

test('a trade that waited longer than two minutes ends expired and never reaches the broker', async () => {
  await temporal.shut();
  const { json } = await post('too-late');
  const { prisma } = trading.database;
  const id = json.id as TradeId;
  const row = await prisma.trade.findUniqueOrThrow({ where: { id } });
  const requestedAt = Date.now() - 180_000;
  const { userId } = api.trader;
  const trade = row.request as unknown as TradeRequest;
  const ticket = api.dependencies.tickets.sign({ tradeId: id, userId, trade, now: requestedAt });
  await prisma.trade.update({ where: { id }, data: { ticket: { ...ticket }, createdAt: new Date(requestedAt) } });
  await temporal.open();
  await untilSwept();
  for (const deadline = Date.now() + 15_000; ; ) {
    const answer = await api.call('GET', `/trades/${id}`, { token: api.trader.token });
    if (answer.json.status === 'expired') break;
    if (Date.now() > deadline) throw new Error(answer.text);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { orders } = await trading.broker.ledger(row.account);
  expect(orders.filter(({ clientOrderId }) => clientOrderId.includes(id.replaceAll('-', '')))).toEqual([]);
});

/** Sweeps until the client has found the way back to Temporal. */
async function untilSwept(): Promise<number> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    const started = await sweep(api.dependencies);
    const waiting = await trading.database.prisma.trade.count({ where: { startedAt: null } });
    if (started > 0 || waiting === 0) return started;
  }
  throw new Error('nothing was started in time');
}

test('two sweepers start a trade once', async () => {
  await temporal.shut();
  const { json } = await post('swept-twice');
  await trading.database.prisma.trade.update({
    where: { id: String(json.id) },
    data: { createdAt: new Date(Date.now() - 10_000) },
  });
  await temporal.open();
  const counts = await Promise.all([untilSwept(), sweep(api.dependencies), sweep(api.dependencies)]);
  expect(counts.reduce((sum, count) => sum + count)).toBe(1);
});

test('cancel of a trade whose start waits: starts it to cancel it', async () => {
  await temporal.shut();
  const { json } = await post('cancel-waiting');
  const refused = await api.call('POST', `/trades/${json.id}/cancel`, { token: api.trader.token });
  expectProblem(refused, 503, 'dependency-unavailable');
  await temporal.open();
  // The client's connection comes back when it tries again, not when the server does.
  await eventually(async () => {
    const answer = await api.call('POST', `/trades/${json.id}/cancel`, { token: api.trader.token });
    return answer.status === 202;
  }, 'the cancel is taken');
});
