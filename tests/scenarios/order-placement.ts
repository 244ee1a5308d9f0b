import { expect } from 'vitest';
import { clientOrderId } from '../../src/domain/ids.js';
import { parseOptionSymbol } from '../../src/domain/instrument.js';
import { orderRequest } from '../support/orders.js';
import { aapl, at, day } from '../support/prices.js';
import { group } from '../support/scenario.js';

const OPTION = 'SPY131019P00165000';

export const orderPlacement = group('TestOrderPlacement', (scenario) => {
  scenario('test_place_stock_order_success', { prices: aapl(at('150')) }, async (s) => {
    const atTheSend: unknown[] = [];
    const seeTheDatabase = async () => {
      atTheSend.push(
        await s.database.prisma.order.findFirst({ select: { intent: true, clientOrderId: true, brokerOrderId: true } }),
      );
    };
    s.faults.add({ on: 'place', leg: 'entry', kind: 'none', meanwhile: seeTheDatabase });

    const trade = await s.start({ quantity: '10' });
    const open = await s.until(trade, ({ status }) => status === 'open');

    const ours = clientOrderId(trade.id, 'entry', 1);
    expect(atTheSend).toEqual([{ intent: 'SENT', clientOrderId: ours, brokerOrderId: null }]);
    const entry = (await s.record(trade)).only('entry');
    expect(entry).toMatchObject({
      clientOrderId: ours,
      symbol: s.symbol,
      side: 'buy',
      quantity: '10',
      status: 'filled',
    });
    expect(open).toMatchObject({ entryOrderId: entry.orderId, filledQuantity: '10', averageFillPrice: '150' });
    expect(s.faults.sent('place', 'entry')).toBe(1);
  });

  const option = { prices: { [`option/${OPTION}`]: day([at('1.50')]) }, limits: { perTrade: '300' } };
  scenario('test_place_option_order_success', option, async (s) => {
    const wanted = { symbol: OPTION, assetClass: 'option' } as const;
    const trade = await s.start({ ...wanted, quantity: '2' });
    if (s.can.orderTypes.option.length === 0) {
      expect(trade).toMatchObject({ status: 'rejected', reason: { code: 'not_offered' } });
      expect(s.faults.writes).toBe(0);
      return;
    }
    await s.until(trade, ({ status }) => status === 'open');

    const entry = (await s.record(trade)).only('entry');
    expect(entry).toMatchObject({ symbol: OPTION, side: 'buy', quantity: '2', filledQuantity: '2' });
    expect(parseOptionSymbol(entry.symbol)).toMatchObject({ root: 'SPY', expiry: '2013-10-19', right: 'put' });
    expect(parseOptionSymbol(entry.symbol)?.strike.toString()).toBe('165');
    expect(await s.reservation(trade)).toEqual({ daily: '300', exposure: '300', pending: '0' });

    const tooMuch = await s.start({ ...wanted, quantity: '3' });
    expect(tooMuch.reason).toMatchObject({ code: 'PER_TRADE_LIMIT', limit: '300', attempted: '450' });
  });

  scenario('test_place_order_insufficient_funds', { prices: aapl(at('150')), openingCash: '2000' }, async (s) => {
    const spendElsewhere = () =>
      s.byHand.place(
        s.account,
        orderRequest({ ...s.instrument('AAPL'), type: 'limit', quantity: '6', limitPrice: '100' }),
      );
    s.faults.add({ on: 'place', leg: 'entry', kind: 'none', meanwhile: spendElsewhere });

    const trade = await s.start();
    const rejected = await s.until(trade, ({ status }) => status === 'rejected');

    expect(rejected.reason).toMatchObject({ code: 'insufficient_funds' });
    expect(s.faults.sent('place')).toBe(1);
    expect(await s.reservation(trade)).toEqual({ daily: '0', exposure: '0', pending: '0' });
    expect((await s.record(trade)).orders).toEqual([]);
  });

  scenario('test_place_order_invalid_symbol', { prices: aapl(at('150')) }, async (s) => {
    const unknown = await s.start(s.instrument('NOSUCH'));
    expect(unknown).toMatchObject({ status: 'rejected', reason: { code: 'QUOTE_UNAVAILABLE' } });
    expect(s.faults.writes).toBe(0);

    const delisted = { code: 'invalid_symbol', message: 'no longer traded' } as const;
    s.faults.add({ on: 'place', leg: 'entry', kind: 'refused', refusal: delisted });
    const trade = await s.start();
    const rejected = await s.until(trade, ({ status }) => status === 'rejected');
    expect(rejected.reason).toMatchObject({ code: 'invalid_symbol' });
    expect(s.faults.writes).toBe(1);
  });
});
