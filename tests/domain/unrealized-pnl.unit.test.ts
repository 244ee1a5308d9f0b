import { describe, expect, it } from 'vitest';
import { decimal, decimalString } from '../../src/domain/decimal.js';
import type { TradeId, UserId } from '../../src/domain/ids.js';
import type { StartTicket } from '../../src/domain/trade/request.js';
import { initialView, valuedAt } from '../../src/domain/trade/to-view.js';
import type { TradeView } from '../../src/domain/trade/view.js';
import { closingPriceOf, unrealizedPnl } from '../../src/domain/unrealized-pnl.js';

const quote = { symbol: 'AAPL', bid: decimalString('11'), ask: decimalString('12'), at: 0 };
const holding = { assetClass: 'equity', averagePrice: decimal('10') } as const;

describe('the open profit of a position', () => {
  it('of a long is what selling at the bid brings', () => {
    const long = { ...holding, quantity: decimal('3') };
    expect(unrealizedPnl(long, closingPriceOf(quote, true))?.toString()).toBe('3');
  });

  it('of a short is what buying back at the ask brings', () => {
    const short = { ...holding, quantity: decimal('-3') };
    expect(unrealizedPnl(short, closingPriceOf(quote, false))?.toString()).toBe('-6');
  });

  it('of options counts the contract’s 100 units', () => {
    const option = { ...holding, assetClass: 'option', quantity: decimal('1') } as const;
    expect(unrealizedPnl(option, decimal('10.5'))?.toString()).toBe('50');
  });

  it('is unknown without a price or a known cost', () => {
    const long = { ...holding, quantity: decimal('3') };
    expect(unrealizedPnl(long, closingPriceOf(undefined, true))).toBeUndefined();
    expect(unrealizedPnl({ ...long, averagePrice: undefined }, decimal('11'))).toBeUndefined();
  });
});

describe('the view of a requested trade', () => {
  const view = initialView({
    trade: {
      ...{ broker: 'paper', account: 'paper-1', symbol: 'AAPL', assetClass: 'equity', side: 'sell_short' },
      ...{ quantity: decimalString('3'), orderType: 'market', timeInForce: 'gtc', session: 'regular' },
      ...{ stopLoss: { price: decimalString('12') }, onCancel: 'flatten', onUnprotected: 'flatten' },
      ...{ onPartialFill: 'emulate', onStopMissing: 'restore' },
    },
    ticket: { tradeId: 't1' as TradeId, userId: 'u1' as UserId, issuedAt: 0 } as StartTicket,
  });

  it('is pending, with nothing filled', () => {
    expect(view).toMatchObject({ status: 'pending', filledQuantity: '0', remainingQuantity: '3', unrealizedPnl: '0' });
    expect(view).toMatchObject({ workflowId: 'trade-t1', createdAt: '1970-01-01T00:00:00.000Z', stopPrice: null });
  });

  it('is valued at a quote once something is held', () => {
    const held: TradeView = { ...view, openQuantity: decimalString('3'), averageFillPrice: decimalString('10') };
    expect(valuedAt(held, quote).unrealizedPnl).toBe('-6');
    expect(valuedAt(held, undefined).unrealizedPnl).toBeNull();
  });
});
