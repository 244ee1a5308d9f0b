/** What a trader does, by seed: a trade, and the trader's action on it unless it ends before. */
import { type Decimal, type DecimalString, decimal } from '../../src/domain/decimal.js';
import { type Instrument, priceTick } from '../../src/domain/instrument.js';
import type { StopLoss, TradeRequest } from '../../src/domain/trade/request.js';
import type { Dice } from './dice.js';
import type { ChaosExchange } from './exchange.js';

/** `leave`: the trade ends by its stop, its target or its time */
type TraderAction = 'close' | 'cancel' | 'move_stop' | 'move_entry' | 'leave';

export interface TradePlan {
  request: TradeRequest;
  action: TraderAction;
  /** how long after the start the action comes */
  afterMs: number;
}

const ACTIONS: readonly TraderAction[] = [
  'close',
  'close',
  'cancel',
  'cancel',
  'move_stop',
  'move_entry',
  'leave',
  'leave',
];

export function planTrade(exchange: ChaosExchange, dice: Dice): TradePlan {
  const { broker, assetClass } = exchange;
  const symbol = dice.pick(exchange.symbols);
  const entry = entryOf(exchange.priceOf(symbol), { symbol, assetClass }, dice);
  return {
    request: {
      ...{ broker, symbol, assetClass, account: dice.pick(exchange.accounts).id, side: 'buy', ...entry },
      quantity: text(assetClass === 'crypto' ? `0.${dice.whole(1, 90)}` : `${dice.whole(1, 40)}`),
      timeInForce: dice.happens(0.5) ? 'day' : 'gtc',
      session: 'regular',
      stopLoss: stopOf(dice),
      ...(dice.happens(0.6) && { takeProfit: { percent: percent(dice, 0.2, 0.8) } }),
      onCancel: dice.happens(0.7) ? 'flatten' : 'keep_stop',
      onUnprotected: dice.happens(0.7) ? 'flatten' : 'emulate',
      onPartialFill: dice.happens(0.7) ? 'emulate' : 'cancel_rest',
      onStopMissing: 'restore',
    },
    action: dice.pick(ACTIONS),
    afterMs: dice.between(1_000, 12_000),
  };
}

/** Most entries fill at once; some rest a little below the market, and some never fill. */
function entryOf(price: Decimal, instrument: Instrument, dice: Dice) {
  if (dice.happens(0.6)) return { orderType: 'market' } as const;
  const off = decimal(dice.pick(['1.002', '0.9995', '0.999', '0.98']));
  const tick = instrument.assetClass === 'crypto' ? decimal('0.01') : priceTick(instrument, price);
  return { orderType: 'limit', limitPrice: price.times(off).roundedToTick(tick, 'half_even').toString() } as const;
}

function stopOf(dice: Dice): StopLoss {
  if (dice.happens(0.2)) return { trailPercent: percent(dice, 0.4, 1.5) };
  const stop = { percent: percent(dice, 0.3, 1.5) };
  return dice.happens(0.2) ? { ...stop, limitOffset: text('0.5') } : stop;
}

function percent(dice: Dice, least: number, most: number): DecimalString {
  return text(dice.between(least, most).toFixed(2));
}

function text(plain: string): DecimalString {
  return decimal(plain).toString();
}
