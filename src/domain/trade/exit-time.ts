/** When the clock closes a trade: the trader's time, moved into a session, and an option's last moment. */
import { lastChance, lastOptionClose } from '../calendar.js';
import { type Instrument, parseOptionSymbol } from '../instrument.js';
import type { TradeRequest } from './request.js';

/** How far ahead of the market's time a time may lie. */
export const LONGEST_AHEAD_MS = 366 * 86_400_000;
/** An option is closed so long before it stops trading. */
const BEFORE_LAST_CLOSE_MS = 30 * 60_000;

/** When the trade will be closed at the latest, market time; undefined when no time is set. */
export function exitTime(request: Instrument & Pick<TradeRequest, 'exitAt'>): number | undefined {
  const { symbol, assetClass, exitAt } = request;
  const asked = exitAt === undefined ? undefined : lastChance(assetClass, exitAt, symbol);
  const last = lastMoment(request);
  return asked === undefined || last === undefined ? (asked ?? last) : Math.min(asked, last);
}

/** When an option must be closed: shortly before it stops trading. */
export function lastMoment({ symbol, assetClass }: Instrument): number | undefined {
  const contract = assetClass === 'option' ? parseOptionSymbol(symbol) : undefined;
  return contract && lastOptionClose(contract) - BEFORE_LAST_CLOSE_MS;
}
