/** What a trade would be if it were started now. Nothing is recorded, reserved or sent. */
import { BrokerUnavailable } from '../../broker-port/broker.js';
import { marketFacts, oppositeOrders } from '../../broker-port/market-facts.js';
import { nextOpen } from '../../domain/calendar.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { DependencyUnavailable } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { contractMultiplier } from '../../domain/instrument.js';
import { denyStart, notionalOf, type RiskFacts } from '../../domain/risk.js';
import { expectedExits } from '../../domain/trade/exit-prices.js';
import { exitTime } from '../../domain/trade/exit-time.js';
import type { TradeRequest } from '../../domain/trade/request.js';
import { riskFacts } from '../../storage/risk.js';
import type { ApiDependencies } from '../dependencies.js';
import { type PlannedTrade, planTrade } from './prepare-trade.js';
import type { TradeBody } from './trade-body.js';

export async function previewTrade(
  dependencies: Pick<ApiDependencies, 'prisma' | 'brokers'>,
  userId: UserId,
  body: TradeBody,
) {
  const planned = await planTrade(dependencies, userId, body);
  const { trade, entry, oddities } = planned;
  const { look, market } = await marketOf(planned);
  const facts = await riskFacts(dependencies.prisma, userId, trade, market);
  const { account, symbol, side, quantity, limitPrice = null } = trade;
  return {
    ...{ account, symbol, side, quantity, limitPrice, ...(entry ? worthOf(trade, entry, facts) : UNKNOWN_WORTH) },
    ...{ oddities, warnings: market.warnings, refusal: denyStart(trade, facts) ?? null },
    session: look.session,
    halted: look.quote?.halted ?? false,
    opensAt: look.session === 'closed' ? instantOf(nextOpen(trade.assetClass, look.marketTime)) : null,
    exitsBy: instantOf(exitTime(trade)),
  };
}

async function marketOf({ broker, trade }: PlannedTrade) {
  try {
    const { look, facts } = await marketFacts(broker, trade);
    return { look, market: { ...facts, ...(await oppositeOrders(broker, trade)) } };
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

function worthOf(trade: TradeRequest, entry: Decimal, facts: RiskFacts) {
  const { stop, target } = expectedExits(trade, entry);
  const notional = notionalOf(trade, entry);
  const loss = entry.minus(stop).absolute().times(decimal(trade.quantity)).times(contractMultiplier(trade.assetClass));
  return {
    price: entry.toString(),
    notional: notional.toString(),
    stopPrice: stop.toString(),
    takeProfitPrice: target?.toString() ?? null,
    lossAtStop: loss.toString(),
    limits: limitsAfter(notional, facts),
    buyingPowerAfter: decimal(facts.buyingPower).minus(notional).toString(),
  };
}

/** Dollars of each limit that are used without the trade, and with it. */
function limitsAfter(notional: Decimal, { limits, usedToday, symbolExposure, equity }: RiskFacts) {
  const most = decimal(equity).times(decimal(limits.concentrationPercent)).dividedBy(Decimal.ofInteger(100));
  return [
    used('perTrade', limits.perTrade, Decimal.zero, notional),
    used('daily', limits.daily, usedToday, notional),
    used('concentration', most.toString(), symbolExposure, notional),
  ];
}

function used(name: 'perTrade' | 'daily' | 'concentration', limit: DecimalString, before: Decimal, notional: Decimal) {
  return { name, limit, before: before.toString(), after: before.plus(notional).toString() };
}

function instantOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
