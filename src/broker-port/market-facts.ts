/** What a broker says of an account and the market when a trade is asked for. */
import { accountWarnings } from '../domain/account-rules.js';
import { tradingDay } from '../domain/calendar.js';
import { Decimal } from '../domain/decimal.js';
import type { AccountSnapshot, MarketLook, MarketSession, Quote } from '../domain/market.js';
import { notionalOf, referencePrice } from '../domain/risk.js';
import type { TradePlan, TradeRequest } from '../domain/trade/request.js';
import type { Reason } from '../domain/trade/status.js';
import type { Broker } from './broker.js';

/** What the risk check of a trade is made on, besides limits and other trades. */
export interface MarketFacts {
  account: AccountSnapshot;
  quote: Quote | undefined;
  session: MarketSession;
  position: string;
  /** `YYYY-MM-DD`, the exchange's day */
  tradingDay: string;
  /** only where the broker refuses orders of opposite sides: one that works in the symbol already */
  oppositeOrders?: { working?: string };
  /** what the owner should know of the trade */
  warnings: Reason[];
}

/** @throws BrokerUnavailable */
export async function marketFacts(
  broker: Broker,
  trade: TradeRequest,
): Promise<{ look: MarketLook; facts: MarketFacts }> {
  const [look, account] = await Promise.all([lookWithQuote(broker, trade), broker.accountSnapshot(trade.account)]);
  return { look, facts: factsFrom(trade, look, account) };
}

export function factsFrom(trade: TradeRequest, look: MarketLook, account: AccountSnapshot): MarketFacts {
  const { quote, session, position, marketTime } = look;
  const price = referencePrice(trade, quote) ?? Decimal.zero;
  const warnings = accountWarnings(trade.assetClass, notionalOf(trade, price), account);
  return { account, quote, session, position, tradingDay: tradingDay(trade.assetClass, marketTime), warnings };
}

export function lookFor(broker: Broker, { account, symbol, assetClass }: TradePlan): Promise<MarketLook> {
  return broker.look(account, symbol, assetClass, [], Date.now());
}

/**
 * A look does without a price that could not be read; a start does not: a symbol without a quote is refused, a broker that
 * cannot be asked for it is asked again later. @throws BrokerUnavailable
 */
export async function lookWithQuote(broker: Broker, trade: TradePlan): Promise<MarketLook> {
  const look = await lookFor(broker, trade);
  if (look.quote) return look;
  const [quote] = await broker.quotes([trade.symbol], trade.account);
  return quote ? { ...look, quote } : look;
}

/** Where the broker refuses orders of opposite sides, the order that works in the symbol, whoever entered it. */
export async function oppositeOrders(
  broker: Broker,
  { account, symbol }: TradeRequest,
): Promise<Pick<MarketFacts, 'oppositeOrders'>> {
  if (!broker.capabilities.refusesOpposite) return {};
  const { rows } = await broker.openOrders(account);
  const order = rows.find((row) => row.symbol === symbol);
  return { oppositeOrders: order ? { working: `the ${order.side} order ${order.orderId}` } : {} };
}
