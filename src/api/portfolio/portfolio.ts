/** What a user holds according to the brokers, and what it is worth. */
import { BrokerUnavailable } from '../../broker-port/broker.js';
import { PERSON_QUOTE_AGE_MS } from '../../broker-port/quote-ages.js';
import { type DecimalString, decimal } from '../../domain/decimal.js';
import { DependencyUnavailable } from '../../domain/errors.js';
import { assetClassOf, contractMultiplier } from '../../domain/instrument.js';
import type { AccountSnapshot, Position, Quote } from '../../domain/market.js';
import { closingPriceOf, unrealizedPnl } from '../../domain/unrealized-pnl.js';
import type { AccountOfUser } from '../brokers/accounts.js';

interface ValuedPosition extends Omit<Position, 'averagePrice'> {
  broker: string;
  account: string;
  /** null if the broker does not report it; then the gain is unknown as well */
  averagePrice: DecimalString | null;
  /** what selling would bring per unit; this and the next two are null without a quote */
  price: DecimalString | null;
  marketValue: DecimalString | null;
  unrealizedPnl: DecimalString | null;
}

export interface ValuedAccount extends Pick<AccountSnapshot, 'equity' | 'cash' | 'buyingPower'> {
  broker: string;
  account: string;
  /** null for an account with margin, and where the broker does not show it */
  settledCash: DecimalString | null;
}

export interface Positions {
  items: ValuedPosition[];
  /** how many rows the brokers showed that are of a kind Arbion does not trade, or cannot be read */
  passedOver: number;
}

/** @throws DependencyUnavailable when a broker is unreachable: half a portfolio would be a wrong one. */
export async function positionsOf(accounts: readonly AccountOfUser[]): Promise<Positions> {
  const perAccount = await Promise.all(accounts.map((account) => asked(() => positionsAt(account))));
  return {
    items: perAccount.flatMap(({ items }) => items),
    passedOver: perAccount.reduce((sum, { passedOver }) => sum + passedOver, 0),
  };
}

export async function accountValues(accounts: readonly AccountOfUser[]): Promise<ValuedAccount[]> {
  return Promise.all(accounts.map((account) => asked(() => snapshotOf(account))));
}

async function snapshotOf({ broker, account }: AccountOfUser): Promise<ValuedAccount> {
  const { equity, cash, buyingPower, settledCash = null } = await broker.accountSnapshot(account);
  return { broker: broker.name, account, equity, cash, buyingPower, settledCash };
}

async function positionsAt({ broker, account }: AccountOfUser): Promise<Positions> {
  const { rows: positions, passedOver } = await broker.positions(account);
  const symbols = positions.map(({ symbol }) => symbol);
  const quotes = symbols.length === 0 ? [] : await broker.quotes(symbols, account, PERSON_QUOTE_AGE_MS);
  const items = positions.map((position) => ({
    broker: broker.name,
    account,
    ...position,
    averagePrice: position.averagePrice ?? null,
    ...valuation(
      position,
      quotes.find(({ symbol }) => symbol === position.symbol),
    ),
  }));
  return { items, passedOver: passedOver.length };
}

function valuation(
  position: Position,
  quote: Quote | undefined,
): Pick<ValuedPosition, 'price' | 'marketValue' | 'unrealizedPnl'> {
  const quantity = decimal(position.quantity);
  const price = closingPriceOf(quote, !quantity.isNegative());
  if (price === undefined) return { price: null, marketValue: null, unrealizedPnl: null };
  const assetClass = assetClassOf(position.symbol) ?? 'equity';
  const averagePrice = position.averagePrice === undefined ? undefined : decimal(position.averagePrice);
  return {
    price: price.toString(),
    marketValue: quantity.times(contractMultiplier(assetClass)).times(price).toString(),
    unrealizedPnl: unrealizedPnl({ assetClass, quantity, averagePrice }, price)?.toString() ?? null,
  };
}

async function asked<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new DependencyUnavailable('broker', { cause: error });
    throw error;
  }
}
