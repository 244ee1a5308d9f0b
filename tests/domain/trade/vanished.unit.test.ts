/**
 * A position that is gone: Alpaca users saw the shares of a renamed company under the new symbol, the old position at 0 and
 * the stop cancelled (forum.alpaca.markets, symbol changes such as FB to META).
 */
import { expect, it } from 'vitest';
import { decimalString } from '../../../src/domain/decimal.js';
import type { MarketLook } from '../../../src/domain/market.js';
import { requestClose } from '../../../src/domain/trade/commands.js';
import { conclude } from '../../../src/domain/trade/conclude.js';
import { applyLook } from '../../../src/domain/trade/look.js';
import { nextStep } from '../../../src/domain/trade/next-step.js';
import { beginLooking } from '../../../src/domain/trade/polling.js';
import type { UnownedPosition } from '../../../src/domain/trade/vanished.js';
import { SimulatedTrade } from './simulated-trade.js';

/** Half a minute of looks at an account that holds none of the symbol, its stop cancelled by the broker. */
function gone(trade: SimulatedTrade, unowned: UnownedPosition[] = [], price = '100'): void {
  for (let looks = 0; looks < 6; looks++) {
    trade.now += 5_000;
    see(trade, '0', unowned, price);
  }
}

function see(trade: SimulatedTrade, position: string, unowned: UnownedPosition[] = [], price = '100'): void {
  beginLooking(trade.state, trade.now);
  const text = decimalString(price);
  const market: MarketLook = {
    ...{ marketTime: trade.now, session: 'regular', staleAfterMs: 15_000, orders: [], splits: [] },
    quote: { symbol: 'AAPL', at: trade.now, bid: text, ask: text, last: text },
    position: decimalString(position),
  };
  applyLook(
    trade.state,
    { market, facts: [], othersOpen: decimalString('0'), othersInDoubt: false, unowned },
    trade.now,
  );
  conclude(trade.state, trade.now);
}

function longWithoutStop(request = {}): SimulatedTrade {
  const trade = new SimulatedTrade({ request });
  trade.rest();
  trade.cancelByHand('stop');
  trade.now += 60_000;
  return trade;
}

const renamed = [{ symbol: 'META', quantity: decimalString('10') }];

it('shares that are there under another symbol wait for a person, whatever the old price does', () => {
  const trade = longWithoutStop();
  gone(trade, renamed);
  gone(trade, renamed, '90');
  expect(trade.state).toMatchObject({ status: 'needs_attention', attention: { code: 'position_vanished' } });
  expect(trade.state.attention?.message).toContain('10 META are there that no trade holds');
  expect(trade.state.closing).toBeUndefined();
  expect(['look', 'wait']).toContain(nextStep(trade.state, trade.now).kind);

  requestClose(trade.state, 'manual', trade.now);
  trade.rest();
  expect(trade.state).toMatchObject({ status: 'closed', exitReason: 'external' });
});

it('a contract that is gone before its last session waits for a person', () => {
  const trade = longWithoutStop({ symbol: 'AAPL260116C00150000', assetClass: 'option' });
  gone(trade);
  expect(trade.state.attention).toMatchObject({ code: 'position_vanished' });
  expect(trade.state.attention?.message).toContain('assigned or exercised');
});

it('a position that shows up again goes on as before', () => {
  const trade = longWithoutStop();
  gone(trade, renamed);
  see(trade, '10');
  expect(trade.state.attention).toBeUndefined();
  expect(trade.state).toMatchObject({ status: 'open' });
  expect(trade.state.ledger.external).toEqual([]);
});

it('shares that a person sold end the trade', () => {
  const trade = longWithoutStop();
  gone(trade, [{ symbol: 'META', quantity: decimalString('3') }]);
  expect(trade.state.attention).toBeUndefined();
  expect(trade.state.ledger.external).toMatchObject([{ quantity: '10' }]);
});
