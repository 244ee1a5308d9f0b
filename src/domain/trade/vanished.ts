/**
 * All of a position is gone, and not by an order of ours. Mostly a person has sold it. But shares may go on under another
 * symbol, and a contract may have been assigned or exercised: that is for a person to say.
 */
import { lastOptionClose } from '../calendar.js';
import { type Decimal, type DecimalString, decimal } from '../decimal.js';
import { parseOptionSymbol } from '../instrument.js';
import { needAttention, VANISHED } from './attention.js';
import { isLong, type TradeState } from './state.js';

/** A position of the account that no trade holds; the quantity is signed. */
export interface UnownedPosition {
  symbol: string;
  quantity: DecimalString;
}

/** Whether what is gone waits for a person; it is asked for once. */
export function waitsForPerson(
  state: TradeState,
  gone: Decimal,
  { othersOpen, unowned = [] }: { othersOpen: DecimalString; unowned?: readonly UnownedPosition[] },
  now: number,
): boolean {
  const why = possibleCause(state, gone, decimal(othersOpen).absolute(), unowned);
  if (why === undefined) return false;
  const message = `${gone} ${state.request.symbol} left the account without an order of this trade. ${why} Arbion does nothing more. Check the account, then close this trade.`;
  needAttention(state, { code: VANISHED, message }, now);
  return true;
}

function possibleCause(
  state: TradeState,
  gone: Decimal,
  ofOthers: Decimal,
  unowned: readonly UnownedPosition[],
): string | undefined {
  const { assetClass, symbol } = state.request;
  if (assetClass === 'crypto') return undefined;
  if (assetClass === 'option')
    return hasStopped(state) ? undefined : 'The contract may have been assigned or exercised.';
  // the trade's shares, with those of other trades, or all that the account held of the old symbol
  const before = decimal(state.monitor.sessionEnd?.position ?? '0').absolute();
  const possible = [gone, gone.plus(ofOthers), before].map((size) => (isLong(state) ? size : size.negated()));
  const renamed = unowned.find(({ quantity }) => possible.some((size) => decimal(quantity).equals(size)));
  return (
    renamed &&
    `${decimal(renamed.quantity).absolute()} ${renamed.symbol} are there that no trade holds: ${symbol} may have got another symbol.`
  );
}

/** After its last session a contract leaves the account by itself. */
function hasStopped({ request, monitor }: TradeState): boolean {
  const contract = parseOptionSymbol(request.symbol);
  const lastClose = contract && lastOptionClose(contract);
  return lastClose === undefined || monitor.marketTime === undefined || monitor.marketTime >= lastClose;
}
