/** The fees of coins: posted when the day is over, without the order that they are for (docs/brokers/alpaca.md, section 6.2). */
import { tradingDay } from '../../domain/calendar.js';
import { type Decimal, decimal } from '../../domain/decimal.js';
import type { Exchange } from '../exchange/exchange.js';
import { type ExchangeOrder, executionsOf } from '../exchange/orders.js';
import { uuidOf } from '../uuid.js';
import { toPositionSymbol } from './symbols.js';

const CENTS = 2;

/** In order of time. Source of the form: docs.alpaca.markets, "Crypto Spot Trading Fees". */
export function feeActivities(exchange: Exchange, orders: readonly ExchangeOrder[]) {
  const today = tradingDay('crypto', exchange.now());
  const coins = orders.filter(({ state }) => state.assetClass === 'crypto');
  const fills = coins.flatMap((order) => executionsOf(order).map((fill) => ({ order, fill })));
  return fills
    .map(({ order: { state }, fill }) => {
      const coinFee = exchange.rules('alpaca').feeInKind(state, decimal(fill.quantity));
      return {
        ...{ id: idOf(fill.at, fill.executionId), activity_type: 'CFEE', date: tradingDay('crypto', fill.at) },
        ...(coinFee.isZero() ? inDollars(decimal(fill.fee)) : inCoins(coinFee)),
        ...{ symbol: toPositionSymbol(state.symbol), price: fill.price, status: 'executed' },
      };
    })
    .filter(({ date }) => date < today);
}

function inCoins(fee: Decimal) {
  return { net_amount: '0', description: 'Coin Pair Transaction Fee (Non USD)', qty: fee.negated().toString() };
}

function inDollars(fee: Decimal) {
  const amount = fee.roundedTo(CENTS, 'half_even').negated().toString();
  return { net_amount: amount, description: 'Coin Pair Transaction Fee (USD)', qty: '0' };
}

function idOf(at: number, executionId: string): string {
  return `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '')}000000000::${uuidOf(`fee ${executionId}`)}`;
}
