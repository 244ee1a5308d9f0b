/** What a trade would be if it were started now. Nothing is recorded, reserved or sent. */
import { BrokerUnavailable } from '../../broker-port/broker.js';
import { factsFrom, type MarketFacts, oppositeOrders } from '../../broker-port/market-facts.js';
import { nextOpen } from '../../domain/calendar.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { DependencyUnavailable } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { contractMultiplier } from '../../domain/instrument.js';
import { concentration, denyStart, notionalOf, type RiskFacts, referencePrice } from '../../domain/risk.js';
import { expectedExits } from '../../domain/trade/exit-prices.js';
import { exitTime } from '../../domain/trade/exit-time.js';
import type { TradeRequest } from '../../domain/trade/request.js';
import { riskFacts } from '../../storage/risk.js';
import type { ApiDependencies } from '../dependencies.js';
import { type PlannedTrade, planTrade } from './prepare-trade.js';
import type { TradeBody } from './trade-body.js';

/** Reads as people's pages do: with the share of each broker's budget that is theirs. */
export async function previewTrade(
  { prisma, readers }: Pick<ApiDependencies, 'prisma' | 'readers'>,
  userId: UserId,
  body: TradeBody,
) {
  const planned = await planTrade({ prisma, brokers: readers }, userId, body);
  const { trade, look, oddities } = planned;
  const market = await marketOf(planned);
  const facts = await riskFacts(prisma, userId, trade, market);
  const { account, symbol, side, quantity, limitPrice = null } = trade;
  return {
    ...{ account, symbol, side, quantity, limitPrice, ...worthOf(planned, facts) },
    ...{ oddities, warnings: market.warnings, refusal: denyStart(trade, facts) ?? null },
    session: look.session,
    halted: look.quote?.halted ?? false,
    opensAt: look.session === 'closed' ? instantOf(nextOpen(trade.assetClass, look.marketTime)) : null,
    exitsBy: instantOf(exitTime(trade)),
  };
}

async function marketOf({ broker, trade, look }: PlannedTrade): Promise<MarketFacts> {
  try {
    const account = await broker.accountSnapshot(trade.account);
    return { ...factsFrom(trade, look, account), ...(await oppositeOrders(broker, trade)) };
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new DependencyUnavailable('broker', { cause: error });
    throw error;
  }
}

/** Of a trade at whose price nothing can be said. */
const UNKNOWN_WORTH = {
  ...{ price: null, notional: null, stopPrice: null, takeProfitPrice: null },
  ...{ lossAtStop: null, limits: [], buyingPowerAfter: null },
};

/** The loss is that from the expected entry; limits count the price that the risk check counts, which is that of a limit order. */
function worthOf({ trade, entry }: PlannedTrade, facts: RiskFacts) {
  const counted = referencePrice(trade, facts.quote) ?? entry;
  if (entry === undefined || counted === undefined) return UNKNOWN_WORTH;
  const { stop, target } = expectedExits(trade, entry);
  const notional = notionalOf(trade, counted);
  const loss = entry.minus(stop).absolute().times(decimal(trade.quantity)).times(contractMultiplier(trade.assetClass));
  return {
    price: entry.toString(),
    notional: notional.toString(),
    stopPrice: stop.toString(),
    takeProfitPrice: target?.toString() ?? null,
    lossAtStop: loss.toString(),
    limits: limitsAfter(trade, notional, counted, facts),
    buyingPowerAfter: decimal(facts.buyingPower).minus(notional).toString(),
  };
}

/** Dollars of each limit that are used without the trade, and with it. */
function limitsAfter({ assetClass }: TradeRequest, notional: Decimal, price: Decimal, facts: RiskFacts) {
  const { most, inSymbol } = concentration(facts, price, assetClass);
  return [
    used('perTrade', facts.limits.perTrade, Decimal.zero, notional),
    used('daily', facts.limits.daily, facts.usedToday, notional),
    used('concentration', most.toString(), inSymbol, notional),
  ];
}

function used(name: 'perTrade' | 'daily' | 'concentration', limit: DecimalString, before: Decimal, notional: Decimal) {
  return { name, limit, before: before.toString(), after: before.plus(notional).toString() };
}

function instantOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
