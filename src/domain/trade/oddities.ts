/** What is odd about a request for a trade: it may be meant so, and a slip of the finger looks the same. */
import { Decimal, decimal } from '../decimal.js';
import type { AssetClass } from '../instrument.js';
import type { TradeRequest } from './request.js';

export const ODDITY_CODES = ['stop_far', 'target_far', 'quantity_unusual'] as const;
type OddityCode = (typeof ODDITY_CODES)[number];

export interface Oddity {
  code: OddityCode;
  message: string;
}

const HUNDRED = Decimal.ofInteger(100);
const FAR_STOP_PERCENT = Decimal.ofInteger(20);
/** Options and coins below a dollar move further in a day. */
const FAR_STOP_OF_SWINGING_PERCENT = Decimal.ofInteger(50);
const FAR_TARGET_PERCENT = HUNDRED;
const USUAL_TIMES = Decimal.ofInteger(3);

/** `entry`: the expected price, dollars; `usualQuantity`: of the user's trades in the symbol, if there are enough. */
export function odditiesOf(trade: TradeRequest, entry: Decimal, usualQuantity: Decimal | undefined): Oddity[] {
  return [...farStop(trade, entry), ...farTarget(trade, entry), ...unusualQuantity(trade, usualQuantity)];
}

function* farStop({ stopLoss, symbol, assetClass }: TradeRequest, entry: Decimal): Generator<Oddity> {
  const percent = 'price' in stopLoss ? distance(stopLoss.price, entry) : percentOf(stopLoss);
  const most = swings(assetClass, entry) ? FAR_STOP_OF_SWINGING_PERCENT : FAR_STOP_PERCENT;
  if (percent.atMost(most)) return;
  const where =
    'price' in stopLoss ? `${stopLoss.price}, which is ${shown(percent)} % from ${entry}` : `${percent} % away`;
  yield { code: 'stop_far', message: `The stop of ${symbol} is at ${where}; more than ${most} % is unusual.` };
}

function* farTarget({ takeProfit, symbol }: TradeRequest, entry: Decimal): Generator<Oddity> {
  if (!takeProfit) return;
  const percent = 'price' in takeProfit ? distance(takeProfit.price, entry) : decimal(takeProfit.percent);
  if (percent.atMost(FAR_TARGET_PERCENT)) return;
  yield {
    code: 'target_far',
    message: `The target of ${symbol} is ${shown(percent)} % from ${entry}; more than ${FAR_TARGET_PERCENT} % is unusual.`,
  };
}

function* unusualQuantity({ quantity, symbol }: TradeRequest, usual: Decimal | undefined): Generator<Oddity> {
  if (usual === undefined || decimal(quantity).atMost(usual.times(USUAL_TIMES))) return;
  const message = `The quantity is ${quantity}; your trades in ${symbol} are usually for ${usual}.`;
  yield { code: 'quantity_unusual', message };
}

function swings(assetClass: AssetClass, entry: Decimal): boolean {
  return assetClass === 'option' || (assetClass === 'crypto' && entry.lessThan(Decimal.one));
}

function percentOf(stopLoss: Exclude<TradeRequest['stopLoss'], { price: unknown }>): Decimal {
  return decimal('percent' in stopLoss ? stopLoss.percent : stopLoss.trailPercent);
}

/** In percent of the entry. */
function distance(price: string, entry: Decimal): Decimal {
  return decimal(price).minus(entry).absolute().times(HUNDRED).dividedBy(entry);
}

function shown(percent: Decimal): Decimal {
  return percent.roundedTo(1, 'half_even');
}
