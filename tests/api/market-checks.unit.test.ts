import { describe, expect, test } from 'vitest';
import { checkAgainstMarket } from '../../src/api/trades/market-checks.js';
import type { Broker } from '../../src/broker-port/broker.js';
import { Decimal, decimalString } from '../../src/domain/decimal.js';
import { ValidationFailed } from '../../src/domain/errors.js';
import type { TradeRequest } from '../../src/domain/trade/request.js';
import { tradeRequest } from '../support/trading.js';

/** A broker at whose market it is this time and this price. */
function marketAt(time: string, price: string): Broker {
  const marketTime = Date.parse(time);
  const [bid, ask] = [decimalString(price), decimalString(price)];
  const look = async (_: string, symbol: string) => ({ marketTime, quote: { symbol, bid, ask, at: marketTime } });
  return { look } as unknown as Broker;
}

async function errorsOf(broker: Broker, trade: Partial<TradeRequest>): Promise<unknown> {
  const found = await checkAgainstMarket(broker, tradeRequest({ account: 'a', ...trade })).catch(
    (error: unknown) => error,
  );
  return found instanceof ValidationFailed ? found.errors : found;
}

describe('a time to be out', () => {
  const exitAt = (text: string) => ({ exitAt: Date.parse(text) });

  test.each([
    ['2026-01-16T16:30-05:00', '2026-01-17T12:00-05:00'],
    ['2026-01-16T15:59:10-05:00', '2026-01-19T12:00-05:00'],
    ['2026-01-14T05:00-05:00', '2026-01-14T09:29-05:00'],
  ])('B100 that comes before the market opens again is refused (%s, %s)', async (now, asked) => {
    expect(await errorsOf(marketAt(now, '100'), exitAt(asked))).toMatchObject([{ field: 'exitAt' }]);
  });

  test.each([
    ['2026-01-16T16:30-05:00', '2026-01-20T09:31-05:00'],
    ['2026-01-16T15:00-05:00', '2026-01-19T12:00-05:00'],
  ])('with a session before it is taken (%s, %s)', async (now, asked) => {
    expect(await errorsOf(marketAt(now, '100'), exitAt(asked))).toMatchObject({ entry: expect.any(Decimal) });
  });
});

test.each([
  [{ percent: '10' }, '0.05', [{ field: 'stopLoss.percent' }]],
  [{ trailPercent: '60' }, '0.1', [{ field: 'stopLoss.trailPercent' }]],
  [{ percent: '10' }, '0.1', undefined],
])('a stop of %j under an option at %s: %j', async (stopLoss, price, errors) => {
  const option = { symbol: 'CRDO260320C00150000', assetClass: 'option', quantity: decimalString('1') } as const;
  const found = await errorsOf(marketAt('2026-01-14T12:00-05:00', price), { ...option, stopLoss: stopLoss as never });
  if (errors === undefined) expect(found).toMatchObject({ entry: expect.any(Decimal) });
  else expect(found).toMatchObject(errors);
});
