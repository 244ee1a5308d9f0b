/** What an account has. Source: reference of `/v2/account` and `/v2/positions`. */
import { decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { checked } from '../../wire/answers.js';
import { OtherKind } from '../../wire/listing.js';
import type { NamedAccount } from '../../wire/live-adapter.js';
import { type AlpacaAccount, type AlpacaPosition, alpacaPosition, isTraded, type ListedPosition } from './schemas.js';
import { fromAlpacaSymbol } from './symbols.js';

export function accountName({ id, account_number: number }: AlpacaAccount): NamedAccount {
  return { key: id, label: `Alpaca …${number.slice(-4)}` };
}

/** An account that may not trade has nothing to buy with. */
export function accountSnapshot(account: AlpacaAccount): AccountSnapshot {
  const {
    cash,
    equity,
    buying_power: buyingPower,
    daytrade_count: dayTrades,
    pattern_day_trader: isDayTrader,
  } = account;
  return {
    ...{ equity, cash, buyingPower: mayTrade(account) ? buyingPower : decimal('0').toString() },
    ...(dayTrades != null && { dayTrades }),
    ...(isDayTrader && { isDayTrader }),
  };
}

function mayTrade(account: AlpacaAccount): boolean {
  const isBlocked = account.trading_blocked || account.account_blocked || account.trade_suspended_by_user;
  return account.status === 'ACTIVE' && !isBlocked;
}

/** Undefined for a position of nothing, such as of a share that has another name now. @throws OtherKind, UnexpectedAnswer */
export function positionOfRow(row: ListedPosition): Position | undefined {
  const { asset_class: assetClass } = row;
  if (assetClass !== undefined && !isTraded(assetClass)) throw new OtherKind(`a position in ${assetClass}`);
  const held = checked(alpacaPosition, row, "Alpaca's position");
  return decimal(held.qty).isZero() ? undefined : position(held);
}

export function position(held: AlpacaPosition): Position {
  const quantity = decimal(held.qty).absolute();
  return {
    symbol: fromAlpacaSymbol(held.symbol, held.asset_class === 'crypto'),
    quantity: (held.side === 'short' ? quantity.negated() : quantity).toString(),
    ...(held.avg_entry_price != null && { averagePrice: held.avg_entry_price }),
  };
}
