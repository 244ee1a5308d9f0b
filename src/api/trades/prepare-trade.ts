/** From the body of a request to the trade that is asked for: checked against the account, the market and what is usual. */
import type { PrismaClient } from '../../../prisma/generated/client.js';
import { type Broker, BrokerUnavailable } from '../../broker-port/broker.js';
import { Decimal, type DecimalString, decimal } from '../../domain/decimal.js';
import { ConfirmationRequired, DependencyUnavailable, ValidationFailed } from '../../domain/errors.js';
import type { UserId } from '../../domain/ids.js';
import { quantityStep } from '../../domain/instrument.js';
import type { MarketLook } from '../../domain/market.js';
import { type Oddity, odditiesOf } from '../../domain/trade/oddities.js';
import type { TradePlan, TradeRequest, TradeSize } from '../../domain/trade/request.js';
import { quantityFor } from '../../domain/trade/sizes.js';
import { usualQuantity } from '../../storage/accepted-trades.js';
import { accountFor } from '../brokers/accounts.js';
import type { ApiDependencies } from '../dependencies.js';
import { checkAgainstMarket, refuseUnlessTraded } from './market-checks.js';
import { type TradeBody, toTradePlan } from './trade-body.js';

type Dependencies = Pick<ApiDependencies, 'prisma' | 'brokers'>;

export interface PlannedTrade {
  broker: Broker;
  trade: TradeRequest;
  look: MarketLook;
  /** at which price it is expected to enter, dollars; undefined when the market shows none */
  entry: Decimal | undefined;
  /** what is odd about it and not confirmed */
  oddities: Oddity[];
}

/** @throws ConfirmationRequired unless everything that is odd about the request is meant so */
export async function prepareTrade(dependencies: Dependencies, userId: UserId, body: TradeBody): Promise<TradeRequest> {
  const { trade, oddities } = await planTrade(dependencies, userId, body);
  if (oddities.length > 0) throw new ConfirmationRequired(oddities);
  return trade;
}

export async function planTrade(dependencies: Dependencies, userId: UserId, body: TradeBody): Promise<PlannedTrade> {
  refuseUnlessTraded(body);
  const { broker, account } = await accountFor(dependencies, userId, body);
  const plan = toTradePlan(body, account);
  const { look, entry } = await checkAgainstMarket(broker, plan);
  const quantity = body.quantity ?? (await sizedQuantity(broker, plan, body.size, entry));
  const trade = { ...plan, quantity };
  const odd = await oddTerms(dependencies.prisma, trade, entry);
  return { broker, trade, look, entry, oddities: odd.filter(({ code }) => !body.confirm.includes(code)) };
}

async function oddTerms(prisma: PrismaClient, trade: TradeRequest, entry: Decimal | undefined): Promise<Oddity[]> {
  return entry === undefined ? [] : odditiesOf(trade, entry, await usualQuantity(prisma, trade));
}

async function sizedQuantity(
  broker: Broker,
  plan: TradePlan,
  size: TradeSize | undefined,
  entry: Decimal | undefined,
): Promise<DecimalString> {
  if (size === undefined) throw new Error('a body without quantity and size passed its checks');
  if (entry === undefined) throw new ValidationFailed([{ field: 'size', message: 'needs a price, and there is none' }]);
  const equity = 'riskPercent' in size ? await equityOf(broker, plan.account) : Decimal.zero;
  const quantity = quantityFor(size, plan, entry, equity);
  if (quantity.isPositive()) return quantity.toString();
  const step = quantityStep(plan.assetClass);
  throw new ValidationFailed([{ field: 'size', message: `is too little for ${step}, the smallest quantity` }]);
}

async function equityOf(broker: Broker, account: string): Promise<Decimal> {
  try {
    return decimal((await broker.accountSnapshot(account)).equity);
  } catch (error) {
    if (error instanceof BrokerUnavailable) throw new DependencyUnavailable('broker', { cause: error });
    throw error;
  }
}
