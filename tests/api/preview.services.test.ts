/** What a trade would be: POST /trade-previews, and trades that name a size instead of a quantity. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paperAccountId } from '../../src/domain/ids.js';
import { orderRequest } from '../support/orders.js';
import { expectProblem, openApi, tradeBody } from './harness.js';

let api: Awaited<ReturnType<typeof openApi>>;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const post = (path: string, changes: object, key?: string) => {
  const { quantity, ...body } = { ...tradeBody(), ...changes } as Record<string, unknown>;
  const sized = 'size' in body ? body : { ...body, quantity };
  return api.call('POST', path, { token: api.trader.token, body: sized, ...(key && { key }) });
};

test('shows price, stop, loss, limits and refusals, and leaves nothing behind', async () => {
  const { status, json } = await post('/trade-previews', { takeProfit: { percent: '10' } });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    symbol: 'AAPL',
    quantity: '2',
    oddities: [],
    warnings: [],
    refusal: null,
    session: 'regular',
  });
  expect((json.limits as { name: string }[]).map(({ name }) => name)).toEqual(['perTrade', 'daily', 'concentration']);
  const [price, stop, notional, loss] = [json.price, json.stopPrice, json.notional, json.lossAtStop].map(Number);
  expect(stop).toBeLessThan(price as number);
  expect(notional).toBeCloseTo(2 * (price as number));
  expect(loss).toBeCloseTo(2 * ((price as number) - (stop as number)));
  expect(await api.database.prisma.trade.count()).toBe(0);
  expect(await api.database.prisma.reservation.count()).toBe(0);
});

test('names what would be refused and what is odd', async () => {
  const { json } = await post('/trade-previews', { quantity: '90000', stopLoss: { percent: '30' } });
  expect(json).toMatchObject({ oddities: [{ code: 'stop_far' }], refusal: { code: 'PER_TRADE_LIMIT' } });
});

test('counts a limit order and what is held as the risk check does', async () => {
  const limited = (await post('/trade-previews', { orderType: 'limit', limitPrice: '155' })).json;
  expect(limited).toMatchObject({ price: '150.01', notional: '310' });
  const request = orderRequest({ quantity: '10', clientOrderId: 'by-hand' });
  await api.dependencies.brokers.get('paper')?.place(paperAccountId(api.trader.userId), request);
  const { limits } = (await post('/trade-previews', {})).json as { limits: object[] };
  expect(limits).toContainEqual({
    name: 'concentration',
    limit: expect.any(String),
    before: '1499.9',
    after: '1799.92',
  });
});

test('a size in dollars, or in risk, becomes a quantity that never exceeds it', async () => {
  const inDollars = (await post('/trade-previews', { size: { dollars: '500' } })).json;
  expect(Number(inDollars.notional)).toBeLessThanOrEqual(500);
  expect(Number(inDollars.notional) + Number(inDollars.price)).toBeGreaterThan(500);
  const inRisk = (await post('/trade-previews', { size: { riskPercent: '0.05' } })).json;
  expect(Number(inRisk.lossAtStop)).toBeLessThanOrEqual(50);
  const started = await post('/trades', { size: { dollars: '500' } }, randomUUID());
  // There is no worker here: the start is recorded.
  expect([started.status, started.json.quantity]).toEqual([202, inDollars.quantity]);
});

test('a size that buys nothing, both, and neither are refused', async () => {
  expectProblem(await post('/trade-previews', { size: { dollars: '1' } }), 422, 'validation-failed');
  const both = { ...tradeBody(), size: { dollars: '500' } };
  expectProblem(
    await api.call('POST', '/trade-previews', { token: api.trader.token, body: both }),
    422,
    'validation-failed',
  );
  const { quantity: _, ...neither } = tradeBody();
  expectProblem(
    await api.call('POST', '/trade-previews', { token: api.trader.token, body: neither }),
    422,
    'validation-failed',
  );
});
