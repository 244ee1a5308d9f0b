import type { z } from 'zod';
import type { Listing } from '../../broker-port/listing.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import type { AccountSnapshot, Position } from '../../domain/market.js';
import { checked } from '../../wire/answers.js';
import { listing, OtherKind, type ShownOfRow } from '../../wire/listing.js';
import type { NamedAccount } from '../../wire/live-adapter.js';
import { type AccountNumber, type BalancesAnswer, position, type positionsAnswer, shownPosition } from './schemas.js';
import { fromSchwabSymbol, isForeignAsset } from './symbols.js';

/** What the account holds, each position read on its own. */
export function positionsOf({ securitiesAccount }: z.infer<typeof positionsAnswer>): Listing<Position> {
  return listing('position', securitiesAccount.positions, positionOf, shownOf);
}

/** Undefined for a position of nothing. */
function positionOf(json: unknown): Position | undefined {
  const { assetType } = shownPosition.parse(json).instrument;
  if (isForeignAsset(assetType)) throw new OtherKind(`a position in ${assetType}`);
  const { instrument, longQuantity, shortQuantity, averagePrice } = checked(position, json, "Schwab's position");
  const quantity = decimal(longQuantity).minus(decimal(shortQuantity));
  if (quantity.isZero()) return undefined;
  const symbol = fromSchwabSymbol(instrument.symbol);
  if (symbol === undefined) throw new OtherKind('a position in a symbol of another kind');
  return { symbol, quantity: quantity.toString(), ...(averagePrice !== undefined && { averagePrice }) };
}

function shownOf(json: unknown): ShownOfRow {
  const { symbol } = shownPosition.parse(json).instrument;
  return symbol === undefined ? {} : { symbol: fromSchwabSymbol(symbol) ?? symbol };
}

/** Dollars. Buying power is that for stocks; options of a margin account may have less. */
export function snapshotOf({ securitiesAccount, aggregatedBalance }: BalancesAnswer): AccountSnapshot {
  if (securitiesAccount.type === 'MARGIN') {
    const { equity, cashBalance, buyingPower } = securitiesAccount.currentBalances;
    const { roundTrips, isDayTrader } = securitiesAccount;
    return {
      ...{ equity, cash: cashBalance, buyingPower },
      ...(roundTrips != null && { dayTrades: roundTrips }),
      ...(isDayTrader && { isDayTrader }),
    };
  }
  const { totalCash, cashAvailableForTrading, unsettledCash } = securitiesAccount.currentBalances;
  return {
    ...{ equity: aggregatedBalance.liquidationValue, cash: totalCash, buyingPower: cashAvailableForTrading },
    ...(unsettledCash != null && { settledCash: settledCashOf(cashAvailableForTrading, unsettledCash) }),
  };
}

/** What may be traded with holds proceeds that have not settled (a public trading program takes these away, as we do). */
function settledCashOf(available: DecimalString, unsettled: DecimalString): DecimalString {
  return decimal(available).minus(decimal(unsettled)).max(Decimal.zero).toString();
}

/** `key`: the account's name in Schwab's paths. */
export function accountName({ accountNumber, hashValue }: AccountNumber): NamedAccount {
  return { key: hashValue, label: `…${accountNumber.slice(-4)}` };
}
