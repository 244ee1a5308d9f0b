/** Rules of accounts that bind the owner, not the order: a broker takes the order, and restricts the account later. */
import { type Decimal, decimal } from './decimal.js';
import type { AssetClass } from './instrument.js';
import type { AccountSnapshot } from './market.js';
import type { Reason } from './trade/status.js';

/** FINRA rule 4210(f)(8)(B): the fourth day trade in five business days makes a pattern day trader, who needs this equity. */
const DAY_TRADES_ALLOWED = 3;
const DAY_TRADER_EQUITY = decimal('25000');

/** What the owner of the account should know of an entry of so many dollars. It may still be sent. Coins have no such rules. */
export function accountWarnings(assetClass: AssetClass, notional: Decimal, account: AccountSnapshot): Reason[] {
  if (assetClass === 'crypto') return [];
  const found = [unsettledFunds(notional, account.settledCash), dayTrading(account)];
  return found.filter((warning) => warning !== undefined);
}

/**
 * A good-faith violation in waiting: what is bought in a cash account with proceeds that have not settled must be kept
 * until they have (Regulation T, 12 CFR 220.8). Every trade of ours may be closed by its stop at any time.
 */
export function unsettledFunds(notional: Decimal, settledCash: AccountSnapshot['settledCash']): Reason | undefined {
  if (settledCash === undefined || notional.atMost(decimal(settledCash))) return undefined;
  return {
    code: 'UNSETTLED_FUNDS',
    message:
      `This trade is worth $${notional}, and of the account's cash only $${settledCash} has settled. ` +
      'Closed before the rest has settled, as its stop may close it, it would be a good-faith violation.',
    limit: settledCash,
    attempted: notional.toString(),
  };
}

/** By the broker's own count; a broker that counts none has no such rule, or keeps it by refusing. */
function dayTrading({ dayTrades, isDayTrader, equity }: AccountSnapshot): Reason | undefined {
  if (decimal(equity).atLeast(DAY_TRADER_EQUITY)) return undefined;
  if (!isDayTrader && (dayTrades ?? 0) < DAY_TRADES_ALLOWED) return undefined;
  const why = isDayTrader
    ? 'The broker takes this account for a pattern day trader’s'
    : `The broker counts ${dayTrades} day trades in five business days`;
  return {
    code: 'PATTERN_DAY_TRADER',
    message: `${why}, and its equity is below $${DAY_TRADER_EQUITY}: closed today, this trade may restrict the account.`,
  };
}
